"""What says that the database is away, and what a caller hears then."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database, DatabaseAway, is_away
from tests.conftest import NewDatabase

NOWHERE = "postgresql+asyncpg://nobody@127.0.0.1:9/none"


async def ask(session: AsyncSession) -> None:
    """Any question."""
    await session.execute(text("SELECT 1"))


@pytest.mark.parametrize(
    "error, away", [(OSError(), True), (PoolTimeout(), True), (TimeoutError(), True), (ValueError(), False)]
)
def test_what_counts_as_away(error: Exception, away: bool) -> None:
    assert is_away(error) is away


async def test_a_server_that_is_not_there_is_away_for_writes_and_reads() -> None:
    database = Database(NOWHERE, pool_size=1)
    with pytest.raises(DatabaseAway):
        await database.transact(ask)
    with pytest.raises(DatabaseAway):
        await database.read(ask)
    await database.close()


async def cut(database: Database, other: Database) -> None:
    """End the connections that lie in the pool of `database`, as a restart of the server does."""

    async def end(session: AsyncSession) -> None:
        name = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pooled'"
        await session.execute(text(name))

    await other.read(end)


@pytest.fixture
async def pooled(new_database: NewDatabase) -> AsyncIterator[tuple[Database, Database]]:
    """A database with one connection in its pool, and another way to its server."""
    url = await new_database("grid")
    database, other = Database(url, pool_size=1, name="pooled"), Database(url, pool_size=1)
    yield database, other
    await database.close()
    await other.close()


async def test_a_connection_that_died_in_the_pool_is_not_felt(pooled: tuple[Database, Database]) -> None:
    database, other = pooled
    for work in (database.read, database.transact):
        await work(ask)
        await cut(database, other)
        await work(ask)


async def test_a_connection_that_dies_before_the_commit_runs_the_work_again(
    pooled: tuple[Database, Database],
) -> None:
    database, other = pooled
    runs = 0

    async def work(session: AsyncSession) -> None:
        nonlocal runs
        runs += 1
        await session.execute(text("CREATE TABLE once (n int)"))
        if runs == 1:
            await cut(database, other)
        await session.execute(text("INSERT INTO once VALUES (1)"))

    await database.transact(work)
    kept = await other.read(lambda s: s.scalar(text("SELECT count(*) FROM once")))
    assert (runs, kept) == (2, 1)


async def test_one_that_dies_every_time_is_away(pooled: tuple[Database, Database]) -> None:
    database, other = pooled

    async def work(session: AsyncSession) -> None:
        await ask(session)
        await cut(database, other)
        await ask(session)

    with pytest.raises(DatabaseAway):
        await database.transact(work)
    with pytest.raises(DatabaseAway):
        await database.read(work)


async def test_a_read_opens_no_transaction(pooled: tuple[Database, Database]) -> None:
    database, _ = pooled

    async def times(session: AsyncSession) -> set[object]:
        return {await session.scalar(text("SELECT now()")) for _ in range(3)}

    assert len(await database.read(times)) == 3
    assert len(await database.transact(times)) == 1
