"""The broker is away 消息总线中断: writes go on as before, and afterwards everything arrives."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from tests.chaos.arena import Arena
from tests.chaos.figures import quantile, say
from tests.chaos.load import Took
from tests.chaos.probes import first_produced, lag, make_probe, unpublished

WORKERS = 16
WARM_SECONDS = 2.0
DRAIN_SECONDS = 300.0


@dataclass(frozen=True)
class Outage:
    """What came of it; milliseconds and seconds."""

    seconds: float
    writes_before: int
    writes_during: int
    failed_at_first: int
    p50_before_ms: float
    p50_during_ms: float
    p99_before_ms: float
    p99_during_ms: float
    backlog: int
    answers_after: float
    """From the broker's start to its first answer to a produce request of a fresh client."""
    drained_after: float
    """From that answer until everything was consumed."""

    @property
    def success(self) -> float:
        """The share of requests that were answered well at once."""
        return 1 - self.failed_at_first / max(1, self.writes_during)

    @property
    def p99_ratio(self) -> float:
        """During the outage against before."""
        return self.p99_during_ms / self.p99_before_ms


async def outage(arena: Arena) -> Outage:
    """A steady load; in the middle of it every broker is killed, and later started again."""
    sizes, kafka = arena.sizes, arena.fleet.kafka
    say(f"{arena.bus}: {sizes.calm_seconds:.0f} s calm, then {sizes.outage_seconds:.0f} s without a broker")
    await asyncio.to_thread(make_probe, kafka)
    await _quiet(arena, time.monotonic() + sizes.settle_seconds)
    await _steady(arena, WARM_SECONDS)
    calm = await _steady(arena, sizes.calm_seconds)
    await asyncio.to_thread(kafka.kill)
    began = time.monotonic()
    during = await _steady(arena, sizes.outage_seconds)
    took = time.monotonic() - began
    backlog = await asyncio.to_thread(unpublished, arena.fleet.postgres)
    say(f"  {backlog} events wait after {took:.0f} s; the broker starts")
    answers, drained = await _back(arena)
    before, then = ([one.seconds * 1000 for one in part] for part in (calm, during))
    return Outage(
        seconds=took,
        writes_before=len(calm),
        writes_during=len(during),
        failed_at_first=sum(one.attempts > 1 for one in during),
        p50_before_ms=quantile(before, 0.5),
        p50_during_ms=quantile(then, 0.5),
        p99_before_ms=quantile(before, 0.99),
        p99_during_ms=quantile(then, 0.99),
        backlog=backlog,
        answers_after=answers,
        drained_after=drained,
    )


async def _steady(arena: Arena, seconds: float) -> list[Took]:
    """So many writes a second, and how long each of them took."""
    load = arena.load
    before, stop_at = len(load.took), time.monotonic() + seconds
    load.pace = arena.sizes.rate

    async def work() -> None:
        while time.monotonic() < stop_at:
            await arena.mix(load)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(work())
    finally:
        load.pace = 0.0
    return load.took[before:]


async def _back(arena: Arena) -> tuple[float, float]:
    """Start the broker; answers when it takes something, and how much later nothing waits any more."""
    began = time.monotonic()
    starting = asyncio.create_task(asyncio.to_thread(arena.fleet.kafka.start))
    answered = await first_produced(arena.fleet.kafka)
    await starting
    await _quiet(arena, answered + DRAIN_SECONDS)
    return answered - began, time.monotonic() - answered


async def _quiet(arena: Arena, until: float) -> None:
    """Wait until nothing is on its way any more, at most until then (monotonic seconds)."""
    while await asyncio.to_thread(lag, arena.fleet.postgres, arena.poisoned):
        if time.monotonic() > until:
            return
        await asyncio.sleep(0.1)
