"""The sweep calls the next level for each case once, longest waiting first, by several replicas at once."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.jobs import run_once
from services.grid.escalations import service
from services.grid.escalations.jobs import JOBS
from tests.grid.factories import Desk
from tests.support.statements import statements

CASES = int(os.environ.get("JIAYUAN_TEST_ESCALATIONS", "60"))
"""How many cases fall due at once: 10,000 for the figure of the reports."""

_MANY = """INSERT INTO grid_case (id, version, fingerprint, receipt_number, state, channel, category,
    description, words, found_at, reported_at, reported_by, verification, area, level, loop, capable_level,
    limit_amount, limit_unit, due_at, escalate_at, clock_started_at, squad)
SELECT gen_random_uuid(), version, fingerprint, 'copy-' || n, CASE n % 3 WHEN 0 THEN 'filed'
    WHEN 1 THEN 'returned' ELSE 'handling' END, channel, category, description, words, found_at, reported_at,
    reported_by, verification, area, level, loop, capable_level, limit_amount, limit_unit, due_at,
    CAST(:now AS timestamptz) - n * interval '1 second', clock_started_at, squad
FROM grid_case, generate_series(1, :many) AS n WHERE id = :case_id"""


async def _sweep(database: Database, now: datetime, batch: int) -> int:
    """What one replica does until nothing is due."""
    done = 0
    while count := await database.transact(lambda s: service.escalate_due(s, now, batch)):
        done += count
    return done


async def test_three_replicas_call_the_next_level_once_for_each_oldest_first(desk: Desk) -> None:
    case_id = await desk.filed()
    now, batch = desk.clock.now, 100 if CASES >= 1000 else 10
    given = {"now": now, "many": CASES, "case_id": case_id}
    await desk.database.transact(lambda s: s.execute(text(_MANY), given))
    done = await asyncio.gather(*(_sweep(desk.database, now, batch) for _ in range(3)))
    assert sum(done) == CASES
    query = """SELECT count(*), count(DISTINCT case_id), count(*) FILTER (WHERE reason = 'timeout'),
        count(*) FILTER (WHERE from_level = 'information_point' AND to_level = 'workstation')
        FROM escalation"""
    counted = (await desk.database.read(lambda s: s.execute(text(query)))).one()
    assert tuple(counted) == (CASES, CASES, CASES, CASES)
    assert await _sweep(desk.database, now, batch) == 0
    order = """SELECT c.receipt_number FROM outbox o JOIN grid_case c ON c.id = o.aggregate_id
        WHERE o.type LIKE '%case.escalated%' ORDER BY o.id"""
    told = [int(row[0].split("-")[1]) for row in await desk.database.read(lambda s: s.execute(text(order)))]
    # Three batches are under way at once: none is more than that out of its place.
    assert max(abs((CASES - age) - place) for place, age in enumerate(told)) <= 3 * batch


async def test_a_case_goes_up_when_its_time_is_over_whatever_is_said_meanwhile(desk: Desk) -> None:
    case_id = await desk.handled()
    before = await desk.case(case_id)
    assert before.escalate_at == before.due_at
    await desk.step(case_id, "supplement", {"text": "又新增一处"})
    await desk.step(case_id, "urge", {"note": "请尽快"})
    await desk.step(case_id, "progress", {"note": "约定今日"})
    assert (await desk.case(case_id)).escalate_at == before.escalate_at
    assert before.due_at is not None
    assert await run_once(desk.database, "grid", JOBS[0], now=before.due_at - timedelta(seconds=1)) == 0
    desk.clock.now = before.due_at
    assert await run_once(desk.database, "grid", JOBS[0], now=desk.clock.now) == 1
    assert await run_once(desk.database, "grid", JOBS[0], now=desk.clock.now) == 0
    after = await desk.case(case_id)
    assert (after.level, after.due_at, after.handler) == ("subdistrict", before.due_at, before.handler)
    assert after.escalate_at is not None
    assert after.escalate_at > desk.clock.now


async def test_a_case_that_nobody_was_given_goes_up_too(desk: Desk) -> None:
    case_id = await desk.filed()
    due = (await desk.case(case_id)).escalate_at
    assert due is not None
    assert await run_once(desk.database, "grid", JOBS[0], now=due) == 1
    assert ((await desk.case(case_id)).state, (await desk.case(case_id)).level) == ("filed", "workstation")


async def test_the_sweep_is_served_by_its_index(desk: Desk) -> None:
    query = """EXPLAIN SELECT id FROM grid_case WHERE escalate_at IS NOT NULL
        AND state IN ('filed', 'dispatched', 'handling', 'returned') AND escalate_at <= now()
        ORDER BY escalate_at, id LIMIT 100 FOR UPDATE SKIP LOCKED"""

    async def plan(session: AsyncSession) -> str:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        return "\n".join(row[0] for row in await session.execute(text(query)))

    told = await desk.database.read(plan)
    assert "ix_grid_case_escalate" in told
    assert "Sort" not in told


async def test_a_batch_takes_as_many_statements_as_one_case(desk: Desk) -> None:
    case_id = await desk.filed()
    given = {"now": desk.clock.now, "many": 12, "case_id": case_id}
    await desk.database.transact(lambda s: s.execute(text(_MANY), given))
    counts = []
    for many in (1, 11):
        async with statements(desk.database) as asked:
            done = await desk.database.transact(partial(service.escalate_due, now=desk.clock.now, limit=many))
        assert done == many
        counts.append(len(asked))
    assert counts[0] == counts[1]
