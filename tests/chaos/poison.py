"""Poison 毒消息: some messages cannot be applied; their keys stand aside, everything else flows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.events import park
from libs.common.events.loops import Loop, Progress, run_sequencer
from libs.common.events.redrive import Redrive
from libs.common.ids import new_id
from tests.chaos.figures import quantile, say
from tests.chaos.sizes import Sizes
from tests.common.events.checker import Sighting, faults_of
from tests.common.events.nouns import ACTOR, NOW, SHELVES, ShelfFilled
from tests.common.events.rig import NAME, PATIENCE, Reader, Rig

PER_KEY = 10
AT_ONCE = 20
ARRIVE_SECONDS = 600.0
LATE_SECONDS = 1.0
_TELL = text(
    """INSERT INTO outbox (event_id, topic, aggregate_type, aggregate_id, version, type, payload, salt, actor)
    SELECT gen_random_uuid(), :topic, 'shelf', k.id, k.version, :type,
        json_build_object('happened_at', CAST(:at AS text), 'total', k.version, 'note', '')::text,
        '\\x00'::bytea, 'system:chaos'
    FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS int[])) AS k(id, version)"""
)


@dataclass(frozen=True)
class Poisoned:
    """What came of it."""

    messages: int
    poison: int
    keys_parked: int
    wrong_keys: int
    """Keys that are parked and should not be, or the other way round."""
    others_missing: int
    others_late: int
    """Messages of other keys that took longer than a second."""
    others_p50_ms: float
    others_p99_ms: float
    others_longest_ms: float
    redriven_out_of_order: int
    redriven_missing: int


@dataclass
class Watched:
    """When each message was committed by its producer, and when its effect was."""

    told: dict[Sighting, float] = field(default_factory=dict)
    taken: dict[Sighting, float] = field(default_factory=dict)
    handled: list[Sighting] = field(default_factory=list)

    async def handle(self, reader: Reader) -> int:
        """One turn of the reader: what it has handled is committed when the turn is over."""
        done = await reader.consumer.step(wait=0.05)
        now = time.monotonic()
        for sighting in self.handled:
            self.taken.setdefault(sighting, now)
        self.handled.clear()
        return done


class Noting(Reader):
    """A reader that says which message it has in hand."""

    def __init__(self, rig: Rig, watched: Watched) -> None:
        super().__init__(rig)
        self.watched = watched

    async def on_filled(self, session: AsyncSession, event: ShelfFilled, delivery: Any) -> None:
        """As before."""
        self.watched.handled.append((delivery.aggregate_id, delivery.version))
        await super().on_filled(session, event, delivery)


async def poison(rig: Rig, publish: Any, sizes: Sizes, random: Random) -> Poisoned:
    """Messages at a steady pace, some of them poison; then what was parked is redriven."""
    keys = [new_id() for _ in range(max(sizes.poison * 2, sizes.messages // PER_KEY))]
    bad = {(key, random.randrange(2, PER_KEY)) for key in random.sample(keys, sizes.poison)}
    watched = Watched()
    reader = Noting(rig, watched)
    reader.broken |= bad
    say(f"poison: {len(keys) * PER_KEY} messages of {len(keys)} keys, {len(bad)} are poison")
    spoilt = {key for key, _ in bad}
    good = {key: PER_KEY for key in keys if key not in spoilt}
    async with _working(rig, publish, partial(watched.handle, reader)):
        await _tell_all(rig, keys, sizes.pace, watched)
        await _arrived(watched, len(good) * PER_KEY, spoilt)
        await _aside(rig, len(bad))
    parked = {key for key in await _parked(rig) if key is not None}
    late = [watched.taken[at] - told for at, told in watched.told.items() if at[0] in good]
    others = faults_of([at for at in await reader.seen() if at[0] in good], good)
    reader.broken.clear()
    turned, missing = await _redriven(rig, reader, sorted(spoilt))
    await reader.consumer.close()
    return Poisoned(
        messages=len(watched.told),
        poison=len(bad),
        keys_parked=len(parked),
        wrong_keys=len(parked ^ spoilt),
        others_missing=others.missing + others.repeated + others.inverted,
        others_late=sum(one > LATE_SECONDS for one in late),
        others_p50_ms=quantile(late, 0.5) * 1000,
        others_p99_ms=quantile(late, 0.99) * 1000,
        others_longest_ms=max(late) * 1000,
        redriven_out_of_order=turned,
        redriven_missing=missing,
    )


@asynccontextmanager
async def _working(rig: Rig, publish: Any, step: Any) -> Any:
    """Sequencer, publisher if there is one, and consumer, in their loops."""
    stop = asyncio.Event()
    loops = [
        run_sequencer(rig.producer, stop, progress=Progress("sequencer:chaos")),
        Loop(step, Progress("consumer:chaos"), patient=True).run(stop),
    ]
    if publish is not None:
        loops.append(Loop(publish, Progress("publisher:chaos"), wake=rig.producer.committed).run(stop))
    async with asyncio.TaskGroup() as group:
        for loop in loops:
            group.create_task(loop)
        try:
            yield
        finally:
            stop.set()


async def _tell_all(rig: Rig, keys: Sequence[UUID], pace: float, watched: Watched) -> None:
    """Version after version of every key, some keys per transaction, at the pace."""
    slices = [
        (keys[at : at + AT_ONCE], version)
        for version in range(1, PER_KEY + 1)
        for at in range(0, len(keys), AT_ONCE)
    ]
    due = time.monotonic()
    for part, version in slices:
        due = max(due + len(part) / pace, time.monotonic() - LATE_SECONDS)
        await asyncio.sleep(due - time.monotonic())
        named: Mapping[str, Any] = {
            "topic": SHELVES.name,
            "type": ShelfFilled.type,
            "at": NOW.isoformat(),
            "ids": list(part),
            "versions": [version] * len(part),
        }
        await rig.producer.transact(partial(_tell, named=named))
        now = time.monotonic()
        watched.told.update({(key, version): now for key in part})


async def _tell(session: AsyncSession, named: Mapping[str, Any]) -> None:
    await session.execute(_TELL, named)


async def _arrived(watched: Watched, count: int, spoilt: set[UUID]) -> None:
    """Wait for everything of the other keys."""
    async with asyncio.timeout(ARRIVE_SECONDS):
        while sum(key not in spoilt for key, _ in watched.taken) < count:  # noqa: ASYNC110 - it is counted.
            await asyncio.sleep(0.1)


async def _aside(rig: Rig, count: int) -> None:
    """Wait for everything that has to be parked."""
    async with asyncio.timeout(PATIENCE):
        while len(set(await _parked(rig))) < count:  # noqa: ASYNC110 - it lies in a database.
            await asyncio.sleep(0.1)


async def _parked(rig: Rig) -> list[UUID | None]:
    rows = await rig.consumer.read(lambda session: park.list_parked(session, NAME, limit=100_000))
    return [row.aggregate_id for row in rows]


async def _redriven(rig: Rig, reader: Reader, keys: Sequence[UUID]) -> tuple[int, int]:
    """Redrive every key; answers inversions and what is missing afterwards."""
    driver = Redrive(rig.consumer, NAME, reader.routes, actor=ACTOR)
    for key in keys:
        await driver.key(SHELVES.name, key, now=utc_now())
    seen = [at for at in await reader.seen() if at[0] in set(keys)]
    found = faults_of(seen, dict.fromkeys(keys, PER_KEY))
    return found.inverted + found.repeated, found.missing
