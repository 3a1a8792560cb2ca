"""Thousands of cases at once, and how the database goes about a list of them."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text

from libs.common.db import Database
from tests.grid.factories import MONDAY

# Every seventh case is open. Areas: 25 townships of the district with 8 neighbourhoods each.
_CROWD = """
INSERT INTO grid_case (id, version, fingerprint, receipt_number, state, channel, category, description, words,
    found_at, reported_at, reported_by, verification, area, estate_id, unit_id, handler, due_at, queue,
    queue_due_at, ended_at)
SELECT uuidv7(), 1, '\\x00', 'R' || n, CASE WHEN n % 7 = 0 THEN 'handling' ELSE 'closed' END, 'inspector',
    '020' || 1 + n % 6, '楼道堆物 ' || n, CAST('楼 道 堆 物 楼道 堆物 w' || n AS tsvector),
    CAST(:now AS timestamptz) - n * interval '7 minutes',
    CAST(:now AS timestamptz) - n * interval '5 minutes',
    'inspector-' || n % 50, 'not_needed',
    '310101' || lpad(CAST(1 + n % 25 AS text), 3, '0') || lpad(CAST(1 + n / 25 % 8 AS text), 3, '0') || '001',
    CAST(lpad(CAST(n % 100 AS text), 32, '0') AS uuid), CAST(lpad(CAST(n % 40 AS text), 32, '0') AS uuid),
    'handler-' || n % 30, CAST(:now AS timestamptz) + (n % 100 - 20) * interval '1 hour',
    CASE WHEN n % 7 = 0 THEN 'overdue' END,
    CASE WHEN n % 7 = 0 THEN CAST(:now AS timestamptz) + (n % 100 - 20) * interval '1 hour' END,
    CASE WHEN n % 7 <> 0 THEN CAST(:now AS timestamptz) END
FROM generate_series(1, :count) AS n
"""


async def crowd(database: Database, count: int = 8000) -> None:
    """So many cases of one district, every seventh of them open, with fresh statistics."""
    await database.transact(lambda session: session.execute(text(_CROWD), {"now": MONDAY, "count": count}))
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE"))


async def walks(database: Database, asked: list[tuple[str, Any]], table: str) -> list[str]:
    """The plans of these statements that walk the whole table."""
    found = []
    async with database.engine.connect() as connection:
        for statement, values in asked:
            if table not in statement:
                continue
            plan = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values)
            told = plan.scalar_one()
            nodes = _nodes((json.loads(told) if isinstance(told, str) else told)[0]["Plan"])
            if any(n["Node Type"] == "Seq Scan" and n["Relation Name"] == table for n in nodes):
                found.append(statement)
    return found


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", []) for node in _nodes(part))]
