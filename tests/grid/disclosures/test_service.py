"""How the database goes about the public lists: along their own indexes, on the first page and behind it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from libs.common.db import Database
from tests.grid.crowd import crowd, walks
from tests.grid.factories import known_unit
from tests.support.statements import statements

PATH = "/grid/v1/public"


@pytest.fixture
async def crowded(database: Database) -> Database:
    """Thousands of accepted cases, every tenth with a unit of enforcement."""
    await crowd(database)
    unit = await known_unit(database)

    async def accept(session: Any) -> None:
        await session.execute(text("UPDATE grid_case SET number = 'G' || receipt_number"))
        given = text("UPDATE grid_case SET unit_id = :unit, category = '0101' WHERE receipt_number LIKE '%1'")
        await session.execute(given, {"unit": unit})

    await database.transact(accept)
    await database.transact(lambda session: session.execute(text("ANALYZE grid_case")))
    return database


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ("cases?area=310101002", "ix_grid_case_public9"),
        ("cases?area=310101002001&open=false", "ix_grid_case_public12"),
        ("enforcements?area=310101002", "ix_grid_case_enforced"),
    ],
)
async def test_every_list_is_served_by_its_index(
    client: httpx.AsyncClient, crowded: Database, asked: str, index: str
) -> None:
    async with statements(crowded) as sent:
        first = (await client.get(f"{PATH}/{asked}&limit=2")).json()
        assert len(first["items"]) == 2
        second = (await client.get(f"{PATH}/{asked}&limit=2&after={first['next']}")).json()
        assert len(second["items"]) == 2
    lists = [(statement, values) for statement, values in sent if "grid_case" in statement]
    assert len(lists) == 2
    assert await walks(crowded, lists, "grid_case") == []
    async with crowded.engine.connect() as connection:
        for statement, values in lists:
            plan = await connection.exec_driver_sql(f"EXPLAIN {statement}", values)
            told = "\n".join(plan.scalars())
            assert index in told, told
            assert "Sort" not in told.partition(index)[0] or "enforced" in index, told
