"""What is committed apart: nobody waits for a number, and one that was taken stays taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from libs.common.db import Database, apart
from tests.conftest import NewDatabase

NEXT = text(
    "INSERT INTO case_counter AS c (day, area, serial) VALUES ('2026-11-27', :area, 1)"
    " ON CONFLICT (day, area) DO UPDATE SET serial = c.serial + 1 RETURNING serial"
)


async def number(session: AsyncSession) -> int:
    """The next one."""
    return int(await apart(session, NEXT, {"area": "310107005"}))


@pytest.fixture
async def database(new_database: NewDatabase) -> AsyncIterator[Database]:
    made = Database(await new_database("grid"), pool_size=3)
    yield made
    await made.close()


async def test_nobody_waits_for_whoever_took_a_number(database: Database) -> None:
    taken, go_on = asyncio.Event(), asyncio.Event()

    async def slow(session: AsyncSession) -> int:
        mine = await number(session)
        taken.set()
        await go_on.wait()
        return mine

    first = asyncio.create_task(database.transact(slow))
    await taken.wait()
    assert await database.transact(number) == 2
    go_on.set()
    assert await first == 1


async def test_a_number_stays_taken_when_its_transaction_fails(database: Database) -> None:
    async def fails(session: AsyncSession) -> int:
        await number(session)
        raise LookupError

    with pytest.raises(LookupError):
        await database.transact(fails)
    assert await database.transact(number) == 2


async def test_a_connection_that_died_meanwhile_is_not_felt(database: Database) -> None:
    async def cut(session: AsyncSession) -> None:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        await session.execute(text(f"{others} AND datname = current_database()"))

    assert await database.transact(number) == 1
    await database.transact(cut)
    assert await database.transact(number) == 2


async def test_a_session_of_no_database_takes_it_in_its_own_transaction(database: Database) -> None:
    engine = create_async_engine(database.url)
    async with AsyncSession(engine) as session:
        assert await number(session) == 1
    await engine.dispose()
    assert await database.transact(number) == 1, "it was taken back"
