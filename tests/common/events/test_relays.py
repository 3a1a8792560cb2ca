"""Negative controls: relays as they should not be, which the checker must catch."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from tests.common.events.checker import Sighting, faults_of
from tests.common.events.nouns import fill, shelves

WRITERS = 8
ROUNDS = 40


async def versions(store: Database) -> dict[UUID, int]:
    """What was committed."""
    rows = await store.read(lambda s: s.execute(text("SELECT id, version FROM test_shelf")))
    return {row.id: row.version for row in rows}


async def write(store: Database, made: list[UUID], seed: int) -> None:
    """Books on shelves, committed late by chance."""
    rng = random.Random(seed)

    async def put(session: AsyncSession, pause: float) -> None:
        for shelf_id in sorted(rng.sample(made, 2)):
            await fill(session, shelf_id)
        await asyncio.sleep(pause)

    for _ in range(ROUNDS):
        await store.transact(partial(put, pause=rng.random() * 0.01), attempts=10)


async def test_a_cursor_on_the_sequence_loses_what_commits_late(store: Database) -> None:
    made = await shelves(store, 30)
    done = asyncio.Event()
    seen: list[Sighting] = []

    async def beyond(session: AsyncSession, last: int) -> Sequence[Any]:
        query = text("SELECT id, aggregate_id, version FROM outbox WHERE id > :last ORDER BY id")
        return (await session.execute(query, {"last": last})).all()

    async def relay() -> None:
        last = 0
        while True:
            ended = done.is_set()
            rows = await store.read(partial(beyond, last=last))
            seen.extend((row.aggregate_id, row.version) for row in rows)
            last = max([last, *(row.id for row in rows)])
            if ended:
                return

    reading = asyncio.create_task(relay())
    await asyncio.gather(*(write(store, made, seed) for seed in range(WRITERS)))
    done.set()
    await reading
    assert faults_of(seen, await versions(store)).missing > 0


async def test_two_relays_that_skip_each_others_locks_turn_events_round(store: Database) -> None:
    made = await shelves(store, 4, books=60)
    seen: list[Sighting] = []
    take = text(
        """DELETE FROM outbox WHERE id IN (
            SELECT id FROM outbox ORDER BY id FOR UPDATE SKIP LOCKED LIMIT :limit
        ) RETURNING id, aggregate_id, version"""
    )

    async def relay(limit: int, pause: float) -> None:
        async def batch(session: AsyncSession) -> int:
            rows = sorted(await session.execute(take, {"limit": limit}))
            await asyncio.sleep(pause)
            seen.extend((row.aggregate_id, row.version) for row in rows)
            return len(rows)

        while await store.transact(batch):
            pass

    await asyncio.gather(relay(10, 0.01), relay(3, 0))
    faults = faults_of(seen, await versions(store))
    assert (faults.missing, faults.repeated) == (0, 0)
    assert faults.inverted > 0
    assert len(made) == 4
