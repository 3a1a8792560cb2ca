"""The local bus: the suite of all buses, and what is its own: views, rights, restored logs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from functools import partial

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database, DatabaseAway
from libs.common.embedded.postgres import Postgres
from libs.common.events.bus import NOWHERE, Bus, Mark, Slot, TopicRefused
from libs.common.events.bus_local import LocalBus, local_bus_grants
from libs.common.signals import Signal
from tests.common.events.compliance import BusCompliance
from tests.common.events.marks import MarksCompliance
from tests.common.events.nouns import LABELS, SECRETS, SHELVES, add_shelf, secret, shelves
from tests.common.events.rig import NAME, Reader, Rig
from tests.support.stores import NewStore

TOPICS = (SHELVES, SECRETS, LABELS)
ROLES = ("grid", "tasks", "disputes")


class LocalRig(Rig):
    """Two databases; the reader's role sees the producer's views."""

    def __init__(self, producer: Database, consumer: Database, seen_by: dict[str, Database]) -> None:
        self.producer = producer
        self.consumer = consumer
        self.seen_by = seen_by
        self.grown = Signal()

    async def deliver(self) -> None:
        """The log is the bus."""
        await self.sequence()

    def bus(self, reader: str = NAME) -> Bus:
        """A reader of the producer's log."""
        producers = {"grid": self.seen_by[reader]}
        return LocalBus(producers, reader=reader, source="urn:cn:jiayuan:test", grown=self.grown)


def grant(postgres: Postgres, database: str) -> None:
    """What the platform does when it starts."""
    for role in ROLES:
        postgres.ensure_role(role)
    for command in local_bus_grants("grid", TOPICS, ROLES):
        postgres.run_sql(command, database)


async def local_readers(producer: Database, postgres: Postgres) -> dict[str, Database]:
    """Connections to the producer under the readers' roles."""
    name = str(make_url(producer.url).database)
    await asyncio.to_thread(grant, postgres, name)
    return {role: Database(postgres.url_for(name, role), pool_size=3) for role in ROLES[1:]}


@asynccontextmanager
async def local_rig(new_store: NewStore, postgres: Postgres) -> AsyncIterator[LocalRig]:
    """A producer, a consumer, and the readers' connections to the producer."""
    producer, consumer = await new_store("grid"), await new_store("tasks")
    seen_by = await local_readers(producer, postgres)
    yield LocalRig(producer, consumer, seen_by)
    for database in seen_by.values():
        await database.close()


class TestLocalBus(BusCompliance, MarksCompliance):
    """The suite over the local bus."""


async def test_a_reader_sees_its_topics_and_nothing_else(rig: LocalRig) -> None:
    await rig.producer.transact(secret)
    await rig.sequence()
    tasks, disputes = rig.seen_by["tasks"], rig.seen_by["disputes"]
    assert await tasks.read(lambda s: s.scalar(text("SELECT count(*) FROM bus.tasks"))) == 0
    assert await disputes.read(lambda s: s.scalar(text("SELECT count(*) FROM bus.disputes"))) == 1
    for forbidden in ("SELECT * FROM event_log", "SELECT * FROM outbox", "SELECT * FROM bus.disputes",
                      "SELECT * FROM log_parts.event_log_000000", "DELETE FROM bus.tasks"):  # fmt: skip
        with pytest.raises(ProgrammingError, match="permission denied"):
            await tasks.transact(partial(run, sql=forbidden))


async def test_a_condition_that_fails_on_a_hidden_row_tells_nothing(rig: LocalRig) -> None:
    await rig.producer.transact(secret)
    await rig.sequence()
    probe = text("SELECT count(*) FROM bus.tasks WHERE CAST(payload AS int) = 1")
    assert await rig.seen_by["tasks"].read(lambda s: s.scalar(probe)) == 0


def test_grants_take_plain_role_names_only() -> None:
    with pytest.raises(ValueError, match="role name"):
        local_bus_grants("grid", TOPICS, ['x" TO PUBLIC; --'])
    with pytest.raises(ValueError, match="role name"):
        LocalBus({"grid": Database("postgresql+asyncpg://h/d")}, reader='x"', source="urn:x")


async def run(session: AsyncSession, sql: str) -> None:
    """Run it."""
    await session.execute(text(sql))


async def test_a_producer_that_is_away_does_not_stop_the_others(rig: LocalRig) -> None:
    away = Database("postgresql+asyncpg://nobody:x@127.0.0.1:1/none", pool_size=1)
    bus = LocalBus({"tasks": away, "grid": rig.seen_by["tasks"]}, reader="tasks", source="urn:x")
    stood = {Slot(SHELVES.name): NOWHERE}

    async def marks(slots: Collection[Slot]) -> Mapping[Slot, Mark]:
        return stood

    await rig.producer.transact(add_shelf)
    await rig.sequence()
    await bus.start([SHELVES.name], marks)
    stood[Slot("jiayuan.tasks.shelf.v1")] = NOWHERE
    await bus.again()
    assert len((await bus.fetch(limit=10, wait=0)).messages) == 1
    await bus.close()
    alone = LocalBus({"tasks": away}, reader="tasks", source="urn:x")
    await alone.start(["jiayuan.tasks.shelf.v1"], marks)
    with pytest.raises(DatabaseAway):
        await alone.fetch(limit=10, wait=0)
    with pytest.raises(TopicRefused):
        await alone.start([SHELVES.name], marks)
    await away.close()


async def test_a_log_that_is_another_one_is_read_from_its_beginning(rig: LocalRig) -> None:
    reader = Reader(rig)
    made = await shelves(rig.producer, 2, books=2)
    await rig.sequence()
    await reader.drain()
    anew = text("UPDATE log_head SET log_id = gen_random_uuid()")
    await rig.producer.transact(lambda s: s.execute(anew))
    again = Reader(rig)
    assert await again.drain() == 4
    assert (await again.faults(dict.fromkeys(made, 2))).none


async def test_nothing_to_read_from_a_producer_is_no_error(rig: LocalRig) -> None:
    bus = LocalBus({"grid": rig.seen_by["tasks"]}, reader="tasks", source="urn:x")
    await bus.again()
    assert not await bus.fetch(limit=1, wait=0)


async def test_rare_events_far_apart_are_all_found(rig: LocalRig) -> None:
    """The reader looks through windows that hold nothing for it."""
    first = (await shelves(rig.producer, 1))[0]
    for _ in range(60):
        await rig.producer.transact(secret)
    second = (await shelves(rig.producer, 1))[0]
    for _ in range(30):
        await rig.producer.transact(secret)
    await rig.sequence()
    reader = Reader(rig)
    assert await reader.drain(limit=2) == 2
    assert await reader.seen() == [(first, 1), (second, 1)]
    third = (await shelves(rig.producer, 1))[0]
    await rig.sequence()
    assert await reader.drain(limit=2) == 1
    assert (await reader.seen())[-1] == (third, 1)
