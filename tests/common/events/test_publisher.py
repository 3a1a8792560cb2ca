"""The publisher: its cursor moves after the acknowledgement, one replica works, a new cluster gets all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.events.envelope import Message
from libs.common.events.kafka_client import BusAway
from libs.common.events.models import BusCursor
from libs.common.events.publisher import Publisher, set_back
from libs.common.events.republish import NothingToRestate, republish
from libs.common.events.sequencer import sequence
from libs.common.service import Service
from tests.common.events.checker import faults_of
from tests.common.events.nouns import SHELVES, Base, restate_shelves, shelves


class Bin:
    """A sink that keeps what it gets, and fails as it is told."""

    def __init__(self, target: str = "one") -> None:
        self.target = target
        self.got: list[Message] = []
        self.failures = 0
        self.opened = False
        self.meanwhile: Callable[[], Awaitable[object]] | None = None
        """What happens once, while a batch is on its way."""

    async def open(self) -> None:
        """Connect."""
        self.opened = True

    async def send(self, messages: Sequence[Message]) -> None:
        """Keep them; a failure may come after some were delivered."""
        if self.failures:
            self.failures -= 1
            self.got += messages[:2]
            raise BusAway
        self.got += messages
        work, self.meanwhile = self.meanwhile, None
        if work is not None:
            await work()

    async def close(self) -> None:
        """Let go."""
        self.opened = False


def publisher(store: Database, sink: Bin) -> Publisher:
    """A replica."""
    return Publisher(store, sink, name="kafka", source="urn:cn:jiayuan:test")


async def lease_out(session: AsyncSession) -> None:
    """Let the lease of whoever holds it run out."""
    await session.execute(text("UPDATE bus_cursor SET held_until = clock_timestamp() - interval '1 s'"))


async def drain(one: Publisher, *, limit: int = 500) -> int:
    """Publish to the end."""
    total = 0
    while done := await one.step(limit=limit):
        total += done
    return total


async def cursor(store: Database) -> BusCursor:
    """The stored cursor."""
    return (await store.read(lambda s: s.scalars(select(BusCursor)))).one()


async def test_everything_is_sent_in_order_and_the_cursor_follows(store: Database) -> None:
    made = await shelves(store, 3, books=4)
    await store.transact(sequence)
    sink = Bin()
    one = publisher(store, sink)
    assert await drain(one, limit=5) == 12
    assert [message.position for message in sink.got] == list(range(1, 13))
    assert faults_of([(m.aggregate_id, m.version) for m in sink.got], dict.fromkeys(made, 4)).none
    assert sink.got[0].source == "urn:cn:jiayuan:test:grid"
    assert sink.got[0].topic == SHELVES.name
    assert (await cursor(store)).position == 12
    await one.close()
    assert not sink.opened


async def test_an_empty_log_needs_no_cursor(store: Database) -> None:
    assert await publisher(store, Bin("")).step() == 0
    assert await publisher(store, Bin()).step() == 0


async def test_what_was_not_acknowledged_is_sent_again(store: Database) -> None:
    await shelves(store, 4)
    await store.transact(sequence)
    sink = Bin()
    sink.failures = 1
    one = publisher(store, sink)
    with pytest.raises(BusAway):
        await one.step()
    assert (await cursor(store)).position == 0
    assert await drain(one) == 4
    assert [message.position for message in sink.got] == [1, 2, 1, 2, 3, 4]


async def test_one_replica_works_and_the_other_takes_over_when_the_lease_is_out(store: Database) -> None:
    await shelves(store, 2)
    await store.transact(sequence)
    first, second = publisher(store, Bin()), publisher(store, Bin())
    assert await first.step() == 2
    await shelves(store, 1)
    await store.transact(sequence)
    assert await second.step() == 0
    await store.transact(lease_out)
    assert await second.step() == 1
    assert await first.step() == 0


async def test_a_replica_that_lost_the_race_for_the_lease_does_nothing(store: Database) -> None:
    await shelves(store, 1)
    await store.transact(sequence)

    class Late(Bin):
        """Another replica takes the lease between the look and the claim."""

        async def open(self) -> None:
            await publisher(store, Bin()).step()

    assert await publisher(store, Late()).step() == 0


async def test_a_cluster_that_the_cursor_does_not_know_gets_the_log_from_its_beginning(
    store: Database,
) -> None:
    await shelves(store, 3)
    await store.transact(sequence)
    sink = Bin()
    one = publisher(store, sink)
    await drain(one)
    sink.target, sink.got = "two", []
    assert await drain(one) == 3


async def test_the_cursor_can_be_set_back(store: Database) -> None:
    await shelves(store, 3)
    await store.transact(sequence)
    sink = Bin()
    one = publisher(store, sink)
    await drain(one)
    await store.transact(partial(set_back, sink="kafka", position=1))
    assert await drain(one) == 2


def at(sink: Bin) -> list[int]:
    """The positions that came."""
    return [message.position for message in sink.got]


async def statements(store: Database, work: Callable[[], Awaitable[object]]) -> list[str]:
    """What was asked of the database meanwhile."""
    asked: list[str] = []

    def hear(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement.split()[0])

    event.listen(store.engine.sync_engine, "before_cursor_execute", hear)
    await work()
    event.remove(store.engine.sync_engine, "before_cursor_execute", hear)
    return asked


async def test_where_much_waits_the_next_batch_is_read_while_this_one_is_acknowledged(
    store: Database,
) -> None:
    await shelves(store, 6)
    await store.transact(sequence)
    sink = Bin()
    one = publisher(store, sink)
    assert await one.step(limit=2) == 2
    assert await statements(store, partial(one.step, limit=2)) == ["SELECT", "UPDATE"]
    assert await drain(one, limit=2) == 2
    assert at(sink) == [1, 2, 3, 4, 5, 6]
    assert (await cursor(store)).position == 6


async def test_what_was_read_ahead_is_forgotten_when_the_cursor_was_set_back_meanwhile(
    store: Database,
) -> None:
    await shelves(store, 6)
    await store.transact(sequence)
    sink = Bin()
    one = publisher(store, sink)
    await one.step(limit=2)
    back = partial(set_back, sink="kafka", position=1)
    sink.meanwhile = lambda: store.transact(back)
    await one.step(limit=2)
    assert (await cursor(store)).position == 1
    await drain(one, limit=2)
    assert at(sink) == [1, 2, 3, 4, 2, 3, 4, 5, 6]


async def test_what_was_read_ahead_is_forgotten_when_another_replica_took_the_lease(store: Database) -> None:
    await shelves(store, 4)
    await store.transact(sequence)
    sink, other = Bin(), Bin()
    first, second = publisher(store, sink), publisher(store, other)

    async def taken() -> None:
        await store.transact(lease_out)
        await second.step(limit=2)

    await first.step(limit=1)
    sink.meanwhile = taken
    await first.step(limit=1)
    assert await first.step(limit=1) == 0
    await drain(second, limit=2)
    assert (at(sink), at(other)) == ([1, 2], [2, 3, 4])


async def test_what_was_read_ahead_is_forgotten_when_the_sink_fails(store: Database) -> None:
    await shelves(store, 6)
    await store.transact(sequence)
    sink = Bin()
    one = publisher(store, sink)
    await one.step(limit=2)
    sink.failures = 1
    with pytest.raises(BusAway):
        await one.step(limit=2)
    await drain(one, limit=2)
    assert at(sink) == [1, 2, 3, 4, 3, 4, 5, 6]


async def test_a_noun_is_restated_in_batches(store: Database) -> None:
    made = await shelves(store, 7)
    await store.transact(sequence)
    service = Service("grid", "网格", "grid", Base.metadata, restaters={"shelf": restate_shelves})
    said: list[UUID] = []
    assert await republish(store, service, "shelf", batch=3, said=said.append) == 3
    assert len(said) == 3
    await store.transact(sequence)
    sink = Bin()
    await drain(publisher(store, sink))
    restated = [message for message in sink.got if message.restated]
    assert sorted(message.aggregate_id for message in restated) == sorted(made)
    assert {message.version for message in restated} == {1}
    with pytest.raises(NothingToRestate):
        await republish(store, service, "book")
