"""What waits for the duty chief is found by indexes, among many that wait for nobody."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.policy import Role
from tests.grid.crowd import walks
from tests.grid.factories import MONDAY, Desk, as_
from tests.support.statements import statements

AREA = "'310101' || lpad(CAST(1 + n % 25 AS text), 3, '0') || '001001'"
APPEALS = f"""INSERT INTO appeal (id, case_id, round, area, overdue_at, state, reason_code, note, photos,
    asked_by, asked_at)
SELECT uuidv7(), :case, 1, {AREA}, CAST(:now AS timestamptz) + n * interval '1 minute',
    CASE WHEN n % 9 = 0 THEN 'asked' ELSE 'refused' END, 'weather', '-', '{{}}', 'a', :now
FROM generate_series(1, 6000) AS n"""
RATINGS = f"""INSERT INTO rating (id, case_id, round, told_by, area, satisfaction, via, rated_by, rated_at)
SELECT uuidv7(), :case, n, :case, {AREA}, CASE WHEN n % 9 = 0 THEN 'dissatisfied' ELSE 'satisfied' END,
    'receipt', 'a', CAST(:now AS timestamptz) + n * interval '1 minute'
FROM generate_series(1, 6000) AS n"""


async def _run(many: str, values: dict[str, Any], session: AsyncSession) -> None:
    await session.execute(text(many), values)


async def test_lists_are_served_by_indexes(desk: Desk) -> None:
    given = {"case": await desk.report(), "now": MONDAY}
    for many in (APPEALS, RATINGS, "UPDATE grid_case SET round = 2"):
        values = {name: value for name, value in given.items() if f":{name}" in many}
        await desk.database.transact(partial(_run, many, values))
    async with desk.database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE"))
    for noun, table in (("appeals", "appeal"), ("ratings", "rating")):
        async with statements(desk.database) as asked:
            for area in ({}, {"area": "310101003"}, {"area": "310101003001"}):
                answer = await desk.client.get(
                    f"/grid/v1/{noun}", params={"limit": 20, **area}, headers=as_(Role.DUTY_CHIEF)
                )
                assert len(answer.json()["items"]) == 20
        listed = [one for one in asked if f"FROM {table}" in one[0]]
        assert len(listed) == 3
        assert await walks(desk.database, listed, table) == []
