"""What says that the database is away, and what a caller hears then."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database, DatabaseAway, is_away

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
