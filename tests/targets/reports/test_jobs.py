from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from services.targets.allocations.domain import Share
from services.targets.figures.domain import Given
from services.targets.plans import service as plans
from services.targets.plans.domain import PlanAction
from services.targets.reports.jobs import expect_reports as expect_job
from services.targets.reports.jobs import mark_missed_reports
from services.targets.reports.models import Report
from services.targets.targets.domain import Recurrence
from services.targets.targets.models import Target
from tests.targets.factories import (
    DISTRICT,
    MONDAY,
    allocate,
    by,
    create_plan,
    create_target,
    create_unit,
    expect_reports,
    outbox,
    report,
)

REPORTS = "jiayuan.targets.report.v1"
DAY = timedelta(days=1)


@pytest.fixture
async def unit(database: Database) -> UUID:
    return await create_unit(database)


@pytest.fixture
async def target(database: Database, unit: UUID) -> Target:
    target = await create_target(database, await create_plan(database))
    await allocate(database, target, [Share(unit, DISTRICT, Decimal(40), "estate")])
    return target


def spans(rows: list[Report]) -> list[tuple[str, str, str]]:
    return [(str(row.period_first), str(row.period_last), str(row.due_on)) for row in rows]


async def verbs(database: Database) -> list[str]:
    return [event.type.split(".")[4] for event in await outbox(database, REPORTS)]


async def test_a_share_is_expected_from_an_opening_figure_on(database: Database, target: Target) -> None:
    rows = await expect_reports(database)
    assert spans(rows) == [
        ("2026-01-01", "2026-10-31", "2026-11-28"), ("2026-11-01", "2026-11-30", "2026-12-05"),
    ]  # fmt: skip
    assert await verbs(database) == ["expected", "expected"]
    assert {row.target_id for row in rows} == {target.id}


async def test_the_next_period_is_expected_when_it_begins_and_never_twice(
    database: Database, target: Target
) -> None:
    await expect_reports(database)
    assert await database.transact(lambda s: expect_job(s, MONDAY)) == 0
    rows = await expect_reports(database, datetime(2026, 12, 1, 0, 0, tzinfo=MONDAY.tzinfo))
    assert spans(rows)[2:] == [("2026-12-01", "2026-12-31", "2027-01-05")]
    assert len(await expect_reports(database, MONDAY + 90 * DAY)) == 3  # the share ends with the year


async def test_a_recurring_target_is_reported_as_it_recurs_and_another_as_it_says(
    database: Database, unit: UUID
) -> None:
    plan = await create_plan(database)
    for code, told in (
        ("T-Q", {"recurrence": Recurrence.QUARTER}),
        ("T-Y", {"rhythm": "year"}),
    ):
        target = await create_target(database, plan, code, **told)
        await allocate(database, target, [Share(unit, DISTRICT, Decimal(1), "estate")])
    ends = sorted(str(row.period_last) for row in await expect_reports(database))
    assert ends == ["2026-09-30", "2026-12-31", "2026-12-31"]


async def test_nothing_is_expected_of_a_draft_or_an_undated_plan(database: Database, unit: UUID) -> None:
    draft = await create_plan(database, "draft", in_force=False)
    undated = await create_plan(database, "undated", period_from=None, period_to=None)
    for code, plan in (("T-D", draft), ("T-U", undated)):
        target = await create_target(database, plan, code)
        await allocate(database, target, [Share(unit, DISTRICT, Decimal(1), "estate")])
    assert await expect_reports(database) == []


async def test_what_nobody_owes_any_more_is_let_go(database: Database, target: Target, unit: UUID) -> None:
    first, second = await expect_reports(database)
    await report(database, first, Given(Decimal(5), "estate"))
    other = await create_unit(database, "310107.green-bureau")
    await allocate(database, target, [Share(other, DISTRICT, Decimal(40), "estate")])
    rows = await expect_reports(database)
    assert {row.unit_id for row in rows} == {other}
    kept = await database.read(lambda s: s.get(Report, first.id))
    gone = await database.read(lambda s: s.get(Report, second.id))
    assert kept is not None
    assert gone is not None
    assert (kept.state, gone.state) == ("accepted", "void")


async def test_a_concluded_plan_asks_nothing_more(database: Database, target: Target) -> None:
    await expect_reports(database)

    async def conclude(session: AsyncSession) -> None:
        await plans.step(session, target.plan_id, PlanAction.CONCLUDE, None, by())

    await database.transact(conclude)
    assert await expect_reports(database) == []
    assert (await verbs(database))[2:] == ["voided", "voided"]


async def test_what_was_not_reported_by_its_last_day_is_marked_once(
    database: Database, target: Target
) -> None:
    first, _ = await expect_reports(database)
    last_day = datetime(2026, 11, 28, 15, 59, tzinfo=MONDAY.tzinfo)  # 23:59 in Shanghai
    assert await database.transact(lambda s: mark_missed_reports(s, last_day)) == 0
    assert await database.transact(lambda s: mark_missed_reports(s, last_day + DAY)) == 1
    assert await database.transact(lambda s: mark_missed_reports(s, last_day + DAY)) == 0
    row = await database.read(lambda s: s.get(Report, first.id))
    assert row is not None
    assert row.missed_at == last_day + DAY
    event = (await outbox(database, REPORTS))[-1]
    assert (event.type, event.aggregate_id) == ("cn.jiayuan.targets.report.missed.v1", first.id)
    assert event.payload["due_on"] == str(date(2026, 11, 28))
