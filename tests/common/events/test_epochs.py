"""A producer restored from backup: a new epoch, readers that go back, keys listed until they are named."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.epochs import EPOCHS
from libs.common.db import Database
from libs.common.events import gates
from libs.common.events.bus_local import LogShrunk
from libs.common.events.consumer import Consumer
from libs.common.events.epochs import epoch_handlers, restored
from libs.common.events.routes import Routes
from tests.common.events.nouns import ACTOR, NOW, SHELVES, fill, restate_shelf, shelves
from tests.common.events.rig import NAME, Reader
from tests.common.events.test_bus_local import LocalRig


async def lose(store: Database, beyond: int) -> None:
    """What a restore from backup does: everything beyond a position was never there."""

    async def work(session: AsyncSession) -> None:
        await session.execute(
            text(
                "UPDATE test_shelf s SET version = l.version, total = l.version FROM (SELECT aggregate_id,"
                " max(version) AS version FROM event_log WHERE position <= :at GROUP BY 1) l"
                " WHERE l.aggregate_id = s.id"
            ),
            {"at": beyond},
        )
        for command in (
            "DELETE FROM history h USING event_log l WHERE l.position > :at"
            " AND h.aggregate_id = l.aggregate_id AND h.version = l.version",
            "DELETE FROM event_log WHERE position > :at",
            "DELETE FROM log_batch WHERE last > :at",
            "UPDATE log_head SET position = :at, hash = (SELECT hash FROM log_batch WHERE last = :at)",
        ):
            await session.execute(text(command), {"at": beyond})

    await store.transact(work)


async def begin(store: Database) -> int:
    """The operator's command; answers the new epoch."""
    started = await store.transact(partial(restored, service="grid", actor=ACTOR, now=NOW))
    assert started.restored_to == 4
    return started.epoch


async def scene(rig: LocalRig, reader: Reader) -> list[UUID]:
    """Two shelves; the backup was taken when each had two books; the reader has seen three and four."""
    made = await shelves(rig.producer, 2, books=2)
    await rig.sequence()
    for shelf_id in (made[0], made[1], made[1]):
        await rig.producer.transact(partial(fill, shelf_id=shelf_id))
    await rig.sequence()
    await reader.drain()
    await lose(rig.producer, 4)
    return made


async def test_readers_go_back_and_list_what_they_know_from_beyond(rig: LocalRig) -> None:
    reader = Reader(rig)
    made = await scene(rig, reader)
    epoch = await begin(rig.producer)
    await rig.sequence()
    await reader.consumer.step(wait=1)
    beyond = await rig.consumer.read(lambda s: gates.beyond(s, NAME))
    assert [(key, state.version) for key, state in beyond] == [
        ((SHELVES.name, made[0]), 3),
        ((SHELVES.name, made[1]), 4),
    ]
    # The producer goes another way: its version 3 of the first shelf is not the one that was read.
    await rig.producer.transact(partial(fill, shelf_id=made[0]))
    await rig.sequence()
    await reader.drain()
    assert await reader.parked() == [(3, "diverged")]
    for shelf_id in made:
        await rig.producer.transact(partial(restate_shelf, shelf_id=shelf_id))
    await rig.sequence()
    await reader.drain()
    assert await reader.parked() == []
    assert await reader.gate(made[0]) == (epoch, 3, False)
    assert await reader.gate(made[1]) == (epoch, 2, False)
    assert await rig.consumer.read(lambda s: gates.beyond(s, NAME)) == []


UNLOGGED = """WITH gone AS (
        DELETE FROM event_log WHERE position = (SELECT position FROM log_head) RETURNING *
    ) INSERT INTO outbox (event_id, topic, aggregate_type, aggregate_id, version, type, payload, salt, actor,
        history_digest, traceparent, restatement)
    SELECT event_id, topic, aggregate_type, aggregate_id, version, type, payload, salt, actor,
        history_digest, traceparent, restatement FROM gone"""


async def back_to_the_outbox(store: Database) -> None:
    """The backup was taken after the last event's commit and before the sequencer came."""

    async def work(session: AsyncSession) -> None:
        for command in (
            UNLOGGED,
            "DELETE FROM log_batch WHERE last = (SELECT position FROM log_head)",
            "UPDATE log_head SET position = b.last, hash = b.hash"
            " FROM (SELECT last, hash FROM log_batch ORDER BY last DESC LIMIT 1) b",
        ):
            await session.execute(text(command))

    await store.transact(work)


async def test_what_waited_for_the_sequencer_is_a_repeat_and_no_divergence(rig: LocalRig) -> None:
    reader = Reader(rig)
    (shelf,) = await shelves(rig.producer, 1, books=4)
    await rig.sequence()
    await rig.producer.transact(partial(fill, shelf_id=shelf))
    await rig.sequence()
    await reader.drain()
    await back_to_the_outbox(rig.producer)
    epoch = await begin(rig.producer)
    await rig.producer.transact(partial(fill, shelf_id=shelf))
    await rig.sequence()
    await reader.drain()
    assert await reader.parked() == []
    assert await reader.gate(shelf) == (epoch, 6, False)
    assert await reader.seen() == [(shelf, version) for version in range(1, 7)]


async def test_a_log_that_shrank_without_a_new_epoch_stops_its_readers(rig: LocalRig) -> None:
    reader = Reader(rig)
    await scene(rig, reader)
    await reader.consumer.bus.again()
    with pytest.raises(LogShrunk):
        await reader.consumer.step(wait=1)
    await begin(rig.producer)
    await rig.sequence()
    await reader.consumer.step(wait=1)


async def test_each_restore_has_an_epoch_of_its_own(rig: LocalRig) -> None:
    await scene(rig, Reader(rig))
    first = await begin(rig.producer)
    assert first == int(NOW.timestamp()) // 60
    again = await rig.producer.transact(
        partial(restored, service="grid", actor=ACTOR, now=NOW - timedelta(days=1))
    )
    assert again.epoch == first + 1


async def test_the_new_epoch_is_an_event_for_readers_of_other_buses(rig: LocalRig) -> None:
    reader = Reader(rig)
    made = await scene(rig, reader)
    routes = Routes({**reader.handlers, **epoch_handlers(NAME, frozenset({"grid"}))})
    assert EPOCHS["grid"].name in routes.topics
    epoch = await begin(rig.producer)
    await rig.sequence()
    consumer = Consumer(NAME, rig.consumer, rig.bus(), routes)
    await consumer.step(wait=1)
    heard = await rig.consumer.read(
        lambda s: s.execute(text("SELECT producer, epoch, restored_to FROM epoch_seen"))
    )
    assert [tuple(row) for row in heard] == [("grid", epoch, 4)]
    assert len(await rig.consumer.read(lambda s: gates.beyond(s, NAME))) == len(made)
