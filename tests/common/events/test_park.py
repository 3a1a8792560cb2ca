"""Parking: what cannot be read, what commits refuse, how long contents are kept."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.errors import Conflict, NotFound
from libs.common.events import park
from libs.common.events.bus import NOWHERE, Batch, Incoming, Mark, Slot
from libs.common.events.contract import DataClass
from libs.common.events.models import ParkedMessage
from libs.common.events.park import Aside, describe, list_parked
from libs.common.events.redrive import NotDiscardable, Redrive
from libs.common.events.routes import Routes
from libs.common.ids import new_id
from libs.common.toolbox import purge_parked
from tests.common.events.nouns import ACTOR, NOW, SECRETS, SHELVES

SLOT = Slot(SHELVES.name, 2)


def unreadable(offset: int, data_class: DataClass = DataClass.INTERNAL) -> Aside:
    """Bytes that are no event."""
    return Aside(
        Incoming(SLOT, offset, None, b"\x00\xff", "no JSON"), data_class, park.UNDECODABLE, "no JSON"
    )


async def parked(store: Database) -> list[ParkedMessage]:
    """What stands aside."""
    return list(await store.read(lambda s: list_parked(s, "tasks")))


async def put(store: Database, *aside: Aside) -> None:
    """Park them."""
    await store.transact(partial(park.park, consumer="tasks", aside=aside))


async def test_unreadable_bytes_are_kept_by_their_offset_once(store: Database) -> None:
    await put(store, unreadable(7), unreadable(8))
    await put(store, unreadable(7))
    found = await parked(store)
    assert [(row.partition, row.offset, row.raw) for row in found] == [
        (2, 7, b"\x00\xff"),
        (2, 8, b"\x00\xff"),
    ]
    page = await store.read(lambda s: list_parked(s, "tasks", after=found[0].id, limit=1))
    assert [row.id for row in page] == [found[1].id]
    await put(store)


async def test_what_nobody_can_read_may_be_discarded(store: Database) -> None:
    await put(store, unreadable(7))
    (row,) = await parked(store)
    redrive = Redrive(store, "tasks", Routes({}, also=[SHELVES]), actor=ACTOR)
    await redrive.discard(row.id, reason="test-noise", now=NOW)
    assert await parked(store) == []
    with pytest.raises(NotDiscardable):
        await redrive.discard(row.id, reason="test-noise", now=NOW)
    with pytest.raises(NotFound):
        await redrive.discard(new_id(), reason="test-noise", now=NOW)
    told = await store.read(lambda s: s.scalar(text("SELECT payload FROM outbox")))
    assert '"action":"discarded"' in str(told)
    kept = (await store.read(lambda s: s.scalars(select(ParkedMessage)))).one()
    assert (kept.resolution, kept.resolved_by, kept.raw) == ("discarded", "system:grid", None)


async def test_contents_of_restricted_messages_go_after_a_week_and_rows_after_three_months(
    store: Database,
) -> None:
    await put(store, unreadable(1), unreadable(2, DataClass.RESTRICTED), unreadable(3, DataClass.RESTRICTED))
    at = {1: timedelta(days=8), 2: timedelta(days=8), 3: timedelta(days=6)}
    for offset, age in at.items():
        aged = update(ParkedMessage).where(ParkedMessage.offset == offset).values(parked_at=NOW - age)
        await store.transact(partial(AsyncSession.execute, statement=aged))
    assert await store.transact(partial(park.purge, now=NOW)) == 1
    assert [row.raw is None for row in await parked(store)] == [False, True, False]
    old = update(ParkedMessage).values(resolution="redriven", resolved_at=NOW - timedelta(days=91))
    await store.transact(lambda s: s.execute(old))
    assert await store.transact(partial(purge_parked, now=NOW)) == 3


async def test_an_erasure_empties_what_is_parked_of_the_record(store: Database) -> None:
    await put(store, unreadable(1))
    someone = new_id()
    await store.transact(lambda s: s.execute(update(ParkedMessage).values(aggregate_id=someone)))
    await store.transact(partial(park.erase, aggregate_id=someone))
    assert [row.raw for row in await parked(store)] == [None]


def test_problems_name_types_and_places_and_never_contents() -> None:
    class Person(BaseModel):
        """Somebody."""

        age: int

    with pytest.raises(ValidationError) as caught:
        Person.model_validate({"age": "张三"})
    assert describe(caught.value) == "age: int_parsing"
    assert describe(Conflict()) == "conflict"
    assert describe(LookupError("张三")) == "LookupError"


class TestSplit:
    """A batch around the message that failed."""

    @staticmethod
    def batch() -> Batch:
        """Three messages of two slots."""
        other = Slot(SECRETS.name)
        messages = (Incoming(SLOT, 5, None), Incoming(other, 9, None), Incoming(SLOT, 6, None))
        after = {SLOT: Mark("o", 1, 7), other: Mark("o", 1, 12)}
        return Batch(messages, {SLOT: Mark("o", 1, 5), other: NOWHERE}, after)

    def test_the_pieces_join(self) -> None:
        head, one, tail = self.batch().split(1)
        assert [len(part.messages) for part in (head, one, tail)] == [1, 1, 1]
        assert one.before == head.after
        assert tail.before == one.after
        assert tail.after == self.batch().after
        assert head.after[SLOT].next == 6

    def test_the_first_and_the_last(self) -> None:
        head, one, _ = self.batch().split(0)
        assert not head.messages
        assert one.before == self.batch().before
        _, _, tail = self.batch().split(2)
        assert not tail.messages
        assert tail  # the marks of the end are still to be stored
        assert not Batch()

    def test_messages_without_anything_have_no_bytes(self) -> None:
        assert Incoming(SLOT, 1, None).whole == b""
