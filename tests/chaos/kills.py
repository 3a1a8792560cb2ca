"""Killed under load 负载下的故障: faults by a seed while all four services are written to."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import defaultdict
from collections.abc import Mapping

from tests.chaos.arena import Arena
from tests.chaos.faults import CRASHING, Fault, Strike, plan
from tests.chaos.figures import say
from tests.chaos.fleet import API, TWIN, WORKER
from tests.chaos.platform import PlatformDown

RECOVERY_SECONDS = 300.0
CRASH_SECONDS = 300.0
"""How long a worker may take to start and to come to the point where it ends."""
TWIN_SECONDS = 3.0
LATE_REPEATS = 50
KILLS = (Fault.API, Fault.WORKER, Fault.DATABASE, Fault.BROKER, Fault.ONE_BROKER)
"""Behind these the way back is timed."""

Recovered = dict[Fault, list[float]]


def times(arena: Arena) -> Mapping[Fault, int]:
    """How often each fault happens."""
    sizes = arena.sizes
    wanted = dict.fromkeys((Fault.API, Fault.WORKER, Fault.DATABASE), sizes.kills)
    wanted |= {Fault.CRASH: sizes.crashes, Fault.POISON: sizes.broker_kills, Fault.CUT: sizes.broker_kills}
    wanted[Fault.REBALANCE] = sizes.broker_kills
    if arena.bus == "kafka":
        wanted[Fault.BROKER] = sizes.broker_kills
    if arena.fleet.brokers > 1:
        wanted[Fault.ONE_BROKER] = sizes.broker_kills
    return wanted


async def strike(arena: Arena, one: Strike) -> float:
    """One fault, and the wait until a write is acknowledged again; answers how long that took, in seconds.

    It is counted from the kill on: only a request that leaves behind it says that all is well again.
    """
    fleet = arena.fleet
    if one.fault in (Fault.API, Fault.WORKER):
        fleet.kill((API if one.fault is Fault.API else WORKER, one.at))
    elif one.fault is Fault.DATABASE:
        await asyncio.to_thread(fleet.postgres.kill)
    elif one.fault in (Fault.BROKER, Fault.ONE_BROKER):
        one_of = arena.load.random.randint(1, fleet.brokers) if one.fault is Fault.ONE_BROKER else None
        await asyncio.to_thread(fleet.kafka.kill, one_of)
    heard = asyncio.create_task(arena.load.first_acknowledgement(one.at if one.fault is Fault.API else ""))
    await asyncio.sleep(0)
    await _go_on(arena, one)
    try:
        async with asyncio.timeout(RECOVERY_SECONDS):
            return await heard
    except TimeoutError:
        raise PlatformDown(f"no acknowledgement after {one}:\n{fleet.said()}") from None


async def _go_on(arena: Arena, one: Strike) -> None:
    """Start again what nobody else does; or the fault itself, if it is no kill."""
    match one.fault:
        case Fault.DATABASE:
            await asyncio.to_thread(arena.fleet.postgres.start)
        case Fault.BROKER | Fault.ONE_BROKER:
            await asyncio.sleep(arena.load.random.uniform(0.5, 2.0))
            await asyncio.to_thread(arena.fleet.kafka.start)
        case Fault.REBALANCE:
            await _twin(arena, one.at)
        case Fault.CRASH:
            await _crash(arena, one.at)
        case Fault.POISON:
            await arena.spoil()
        case Fault.CUT:
            for proxy in arena.proxies.values():
                proxy.cut()


async def _crash(arena: Arena, point: str) -> None:
    service = CRASHING[point.partition(".")[0]]
    if await arena.fleet.crash(service, point, CRASH_SECONDS):
        arena.crashed += 1
    else:
        say(f"  the worker of {service} did not come to {point}")


async def _twin(arena: Arena, service: str) -> None:
    """A second worker comes, takes its share, and goes: in order, or killed."""
    how = arena.load.random.choice((signal.SIGTERM, signal.SIGKILL))
    arena.fleet.launch((TWIN, service))
    await asyncio.sleep(TWIN_SECONDS)
    await asyncio.to_thread(arena.fleet.dismiss, (TWIN, service), how)


async def strike_all(arena: Arena, strikes: list[Strike]) -> Recovered:
    """Every fault in turn."""
    took: Recovered = defaultdict(list)
    base = arena.load.acknowledged
    for number, one in enumerate(strikes, 1):
        while arena.load.acknowledged - base < one.after:  # noqa: ASYNC110 - the load counts.
            await asyncio.sleep(0.01)
        await asyncio.sleep(one.pause)
        seconds = await strike(arena, one)
        took[one.fault].append(seconds)
        say(
            f"  {number}/{len(strikes)} {one.fault} {one.at}: acknowledged again after {seconds:.1f} s"
            f" ({arena.load.acknowledged - base} writes)"
        )
    return took


async def kills(arena: Arena) -> tuple[float, Recovered]:
    """The whole of it; answers the seconds and the ways back."""
    load, sizes = arena.load, arena.sizes
    strikes = plan(load.random, times(arena), writes=sizes.writes, bus=arena.bus)
    say(f"{arena.bus}: {sizes.writes} writes, {len(strikes)} faults")
    began = time.monotonic()
    load.pace = sizes.load
    async with asyncio.TaskGroup() as group:
        striking = group.create_task(strike_all(arena, strikes))
        await load.run(arena.mix, writes=sizes.writes, until=striking)
    took = time.monotonic() - began
    load.pace = 0.0
    await load.repeat(load.random.sample(load.done, min(LATE_REPEATS, len(load.done))))
    return took, striking.result()
