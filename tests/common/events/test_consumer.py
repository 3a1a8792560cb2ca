"""The consumer where things go wrong: at the commit, in the database, in a redrive."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import DatabaseAway
from libs.common.errors import Conflict, Unavailable
from libs.common.events import rereading
from libs.common.events.consumer import cannot_work_now
from libs.common.events.models import Outbox, ParkedMessage
from libs.common.events.redrive import Redrive
from libs.common.ids import new_id
from tests.common.events.nouns import ACTOR, LABELS, NOW, SHELVES, fill, label, restate_shelf, shelves
from tests.common.events.rig import NAME, Reader
from tests.common.events.test_bus_local import LocalRig


@pytest.fixture
def reader(rig: LocalRig) -> Reader:
    """The consumer."""
    return Reader(rig)


@pytest.fixture
def redrive(rig: LocalRig, reader: Reader) -> Redrive:
    """An operator."""
    return Redrive(rig.consumer, NAME, reader.routes, actor=ACTOR)


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (Unavailable(), True),
        (DatabaseAway(), True),
        (TimeoutError(), True),
        (ConnectionResetError(), True),
        (PoolTimeout(), True),
        (OperationalError("x", {}, Exception()), True),
        (Conflict(), False),
        (ValueError(), False),
    ],
)
def test_what_may_pass_and_what_may_not(error: Exception, passing: bool) -> None:
    assert cannot_work_now(error) is passing


async def test_a_commit_that_is_refused_parks_the_one_that_is_to_blame(rig: LocalRig, reader: Reader) -> None:
    """A deferred constraint speaks at the commit: nobody knows by whose fault, so each is tried alone."""
    rule = text("ALTER TABLE test_seen ADD UNIQUE (total) DEFERRABLE INITIALLY DEFERRED")
    await rig.consumer.transact(lambda s: s.execute(rule))
    made = await shelves(rig.producer, 2, books=3)
    await rig.producer.transact(lambda s: s.execute(delete(Outbox).where(Outbox.aggregate_id == made[1],
                                                                         Outbox.version > 1)))  # fmt: skip
    await rig.sequence()
    await reader.drain()
    assert await reader.seen() == [(made[0], 1), (made[0], 2), (made[0], 3)]
    assert await reader.parked() == [(1, "invariant")]
    assert await reader.gate(made[1]) == (1, 0, True)


async def test_a_database_that_is_away_is_no_poison(rig: LocalRig, reader: Reader) -> None:
    made = await shelves(rig.producer, 1)
    await rig.sequence()
    reader.failures[made[0], 1] = [OperationalError("x", {}, Exception())]
    with pytest.raises(DatabaseAway):
        await reader.drain()
    await reader.drain()
    assert await reader.seen() == [(made[0], 1)]


class TestRedrive:
    """What an operator meets."""

    async def test_nothing_parked_is_no_deed(self, rig: LocalRig, redrive: Redrive) -> None:
        done = await redrive.key(SHELVES.name, new_id(), now=NOW)
        assert (done.applied, done.released) == (0, True)
        assert await rig.consumer.read(lambda s: s.scalar(text("SELECT count(*) FROM outbox"))) == 0

    async def test_it_waits_while_the_database_is_away(
        self, rig: LocalRig, reader: Reader, redrive: Redrive
    ) -> None:
        made = await shelves(rig.producer, 1)
        await rig.sequence()
        reader.broken.add((made[0], 1))
        await reader.drain()
        reader.broken.clear()
        reader.failures[made[0], 1] = [Unavailable()]
        with pytest.raises(Unavailable):
            await redrive.key(SHELVES.name, made[0], now=NOW)
        done = await redrive.key(SHELVES.name, made[0], now=NOW)
        assert (done.applied, done.released) == (1, True)

    async def test_a_parked_full_state_makes_the_rest_void(
        self, rig: LocalRig, reader: Reader, redrive: Redrive
    ) -> None:
        made = await shelves(rig.producer, 1, books=2)
        await rig.producer.transact(partial(restate_shelf, shelf_id=made[0]))
        await rig.producer.transact(partial(fill, shelf_id=made[0]))
        await rig.sequence()
        reader.broken |= {(made[0], 1), (made[0], 2)}
        await reader.drain()
        assert await reader.parked() == [(1, "invariant"), (2, "behind"), (2, "invariant"), (3, "behind")]
        reader.broken.clear()
        done = await redrive.key(SHELVES.name, made[0], now=NOW)
        assert (done.applied, done.dropped, done.released) == (3, 1, True)
        assert [version for _, version in await reader.seen()] == [1, 2, 3]

    async def test_contents_that_are_gone_need_a_restatement(
        self, rig: LocalRig, reader: Reader, redrive: Redrive
    ) -> None:
        made = await shelves(rig.producer, 1)
        await rig.sequence()
        reader.broken.add((made[0], 1))
        await reader.drain()
        await rig.consumer.transact(lambda s: s.execute(update(ParkedMessage).values(raw=None)))
        assert (await redrive.key(SHELVES.name, made[0], now=NOW)).problem == "Undecodable"

    async def test_a_full_state_that_was_refused_is_taken_later(
        self, rig: LocalRig, reader: Reader, redrive: Redrive
    ) -> None:
        made = await rig.producer.transact(label)
        await rig.sequence()
        reader.broken.add((made, 1))
        await reader.drain()
        reader.broken.clear()
        done = await redrive.key(LABELS.name, made, now=NOW)
        assert (done.applied, done.released) == (1, True)


async def test_a_projection_that_was_emptied_is_read_again(rig: LocalRig, reader: Reader) -> None:
    made = await rig.producer.transact(label)
    await rig.producer.transact(partial(label, label_id=made))
    await rig.sequence()
    await reader.drain()
    await rig.consumer.transact(forget_labels)
    again = Reader(rig)
    await again.drain()
    assert await again.seen() == [(made, 1), (made, 2), (made, 1), (made, 2)]


async def forget_labels(session: AsyncSession) -> None:
    """The operator's command."""
    assert await rereading.forget(session, NAME, [LABELS.name]) == 1
