"""A whole plan from the database: figures, rhythm, shares and lights, in a few statements."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.ids import stable_id
from services.targets.allocations.domain import Share
from services.targets.figures.domain import Given
from services.targets.lights.domain import Light, Reason, Verdict
from services.targets.plans import service as plans
from services.targets.plans.domain import PlanAction
from services.targets.plans.models import Plan
from services.targets.progress import service as progress
from services.targets.progress.service import Standing
from services.targets.targets import service as targets
from services.targets.targets.domain import (
    Comparator,
    Kind,
    Milestone,
    Recurrence,
    Relation,
    Wanted,
    YearSlice,
)
from services.targets.targets.models import Target
from services.targets.targets.service import Revision
from tests.targets.factories import (
    MONDAY,
    allocate,
    by,
    create_plan,
    create_target,
    create_unit,
    expect_reports,
    report,
    stored,
)

D = Decimal
PUTUO, BAOSHAN = "310107", "310113"
OCTOBER, TODAY = date(2026, 10, 31), date(2026, 11, 23)


async def shared(
    database: Database, target: Target, shares: dict[str, Decimal | None], unit: str | None = "estate"
) -> None:
    rows = []
    for area, share in shares.items():
        unit_id = await create_unit(database, f"{area}.housing-bureau")
        rows.append(Share(unit_id, area, share, unit if share is not None else None))
    await allocate(database, target, rows)


async def tell(database: Database, told: dict[str, Given], code: str = "T-1", now: datetime = MONDAY) -> None:
    """Submit and accept the opening reports of the areas."""
    for row in await expect_reports(database):
        opening = row.period_first == date(2026, 1, 1) and row.area in told
        if opening and row.target_id == stable_id("target", code):
            await report(database, row, told[row.area], now)


async def standing_of(
    database: Database, code: str = "T-1", day: date = TODAY, area: str | None = None
) -> Standing:
    async def work(session: AsyncSession) -> Standing:
        target = await targets.read(session, stable_id("target", code))
        return progress.standing(await progress.ledger(session, [target]), target.id, day, area)

    return await database.read(work)


def estates(quantity: int) -> Given:
    return Given(D(quantity), "estate")


@pytest.fixture
async def plan(database: Database) -> Plan:
    return await create_plan(database)


@pytest.fixture
async def target(database: Database, plan: Plan) -> Target:
    """160 estates in 2026: 100 in Putuo, 60 in Baoshan."""
    target = await create_target(database, plan)
    await shared(database, target, {PUTUO: D(100), BAOSHAN: D(60)})
    return target


async def test_nothing_is_judged_before_anything_is_due(database: Database, target: Target) -> None:
    await expect_reports(database)
    found = await standing_of(database)
    assert (found.judgement.light, found.judgement.reason) == (Light.GREY, Reason.NOT_DUE)


async def test_it_is_judged_when_all_are_accepted_though_not_yet_due(
    database: Database, target: Target
) -> None:
    await tell(database, {PUTUO: estates(70)})
    assert (await standing_of(database)).judgement.reason is Reason.NOT_DUE  # one of two
    await tell(database, {BAOSHAN: estates(60)})
    found = await standing_of(database)
    # 130 of 160 x 304 / 365 = 133.2603 by 31 October: 97.6 % of the schedule
    assert (found.value, found.scheduled, found.judgement.judged_on) == (D(130), D("133.2603"), OCTOBER)
    assert found.judgement.light is Light.GREEN


async def test_who_is_silent_after_the_last_day_turns_red(database: Database, target: Target) -> None:
    await tell(database, {PUTUO: estates(70)})
    found = await standing_of(database, day=date(2026, 11, 29))  # due by 28 November
    # 70 of 133.2603: 52.5 %
    assert (found.value, found.judgement.light) == (D(70), Light.RED)


async def test_area_by_area(database: Database, target: Target) -> None:
    await tell(database, {PUTUO: estates(70), BAOSHAN: estates(60)})

    async def work(session: AsyncSession) -> list[Standing]:
        return progress.by_area(await progress.of_plan(session, target.plan_id), target.id, TODAY)

    putuo, baoshan = await database.read(work)
    # Putuo 70 of 100 x 304 / 365 = 83.2877: 84 %; Baoshan has all of its 60
    assert (putuo.goal, putuo.value, putuo.scheduled) == (D(100), D(70), D("83.2877"))
    assert (putuo.judgement.light, baoshan.judgement.reason) == (Light.YELLOW, Reason.REACHED)


async def test_square_metres_of_towns_in_a_target_of_ten_thousands(database: Database, plan: Plan) -> None:
    target = await create_target(database, plan, kind=Kind.SUM, value=D(180), unit="wan_m2")
    await shared(database, target, {PUTUO: D(120), "310107005": D("59017")}, "m2")
    await tell(database, {"310107005": Given(D(59017), "m2")})
    found = await standing_of(database)
    assert (found.value, found.in_unit(found.goal)) == (D("5.9017"), D(180))


async def test_a_rate_over_three_towns(database: Database, plan: Plan) -> None:
    target = await create_target(database, plan, kind=Kind.RATE, value=D(90), unit="percent")
    told = {"310107005": (9, 10), "310107010": (45, 90), "310107015": (190, 200)}
    await shared(database, target, dict.fromkeys(told, D(90)), "percent")
    given = {area: Given(numerator=D(n), denominator=D(d)) for area, (n, d) in told.items()}
    await tell(database, given)
    found = await standing_of(database)
    # 244 / 300 = 81.3333… %, shown as 81.33; the mean of the rates would be 78.33
    assert (found.value, found.total.numerator, found.total.denominator) == (D("81.33"), D(244), D(300))


async def test_without_shares_and_figures_there_is_no_light(database: Database, plan: Plan) -> None:
    await create_target(database, plan)
    assert (await standing_of(database)).judgement.reason is Reason.NO_FIGURES


async def test_an_undated_target_is_never_overdue(database: Database) -> None:
    endless = await create_plan(database, "endless", period_to=None)
    target = await create_target(database, endless, deadline=None)
    await shared(database, target, {PUTUO: D(100)})
    await expect_reports(database)
    found = await standing_of(database, day=date(2036, 1, 1))
    assert (found.judgement.light, found.judgement.reason) == (Light.GREY, Reason.NO_DEADLINE)


class TestConcluded:
    @pytest.fixture
    async def over(self, database: Database) -> Plan:
        return await create_plan(database, period_to=date(2026, 10, 31))

    async def conclude(self, database: Database, plan: Plan) -> None:
        await database.transact(lambda s: plans.step(s, plan.id, PlanAction.CONCLUDE, None, by()))

    async def test_no_light_but_the_verdict_stays_and_days_within_are_answered(
        self, database: Database, over: Plan
    ) -> None:
        target = await create_target(database, over)
        await shared(database, target, {PUTUO: D(160)})
        await tell(database, {PUTUO: estates(159)})
        await self.conclude(database, over)
        now = await standing_of(database)
        assert (now.judgement.light, now.judgement.reason) == (Light.GREY, Reason.CONCLUDED)
        assert now.judgement.verdict is Verdict.MISSED
        then = await standing_of(database, day=OCTOBER)
        assert (then.judgement.light, then.value) == (Light.RED, D(159))

    async def test_what_outlives_its_plan_stays_judged(self, database: Database, over: Plan) -> None:
        target = await create_target(database, over, deadline=date(2029, 10, 31))
        await shared(database, target, {PUTUO: D(160)})
        await tell(database, {PUTUO: estates(50)})
        await self.conclude(database, over)
        found = await standing_of(database)
        # 160 x 304 / 1400 = 34.7429 by 31 October 2026
        assert (found.judgement.light, found.scheduled) == (Light.GREEN, D("34.7429"))

    async def test_a_soft_miss_is_no_fail(self, database: Database, over: Plan) -> None:
        wanted: dict[str, Any] = {
            "value": None,
            "value_min": D(1),
            "value_max": D(2),
            "comparator": Comparator.RANGE,
        }
        target = await create_target(database, over, soft=True, strength="力争", **wanted)
        await shared(database, target, {PUTUO: D(1)})
        await tell(database, {PUTUO: estates(0)})
        await self.conclude(database, over)
        assert (await standing_of(database)).judgement.verdict is Verdict.SOFT_MISSED


async def test_a_draft_has_no_light(database: Database) -> None:
    draft = await create_plan(database, in_force=False)
    await create_target(database, draft)
    assert (await standing_of(database)).judgement.reason is Reason.DRAFT


async def test_a_revised_value_counts_from_its_day(database: Database, target: Target) -> None:
    await tell(database, {PUTUO: estates(70), BAOSHAN: estates(60)})
    told = Revision(Wanted(value=D(200), comparator=Comparator.REACH, unit="estate"), target.deadline,
                    date(2026, 11, 10), "年中调整")  # fmt: skip
    await database.transact(lambda s: targets.revise(s, target.id, told, by()))
    assert (await standing_of(database, day=date(2026, 11, 9))).goal == 160
    assert (await standing_of(database)).goal == 200


async def test_each_period_of_a_recurring_target_counts_afresh(database: Database, plan: Plan) -> None:
    target = await create_target(database, plan, value=D(1), unit="time", recurrence=Recurrence.QUARTER)
    await shared(database, target, {PUTUO: D(1)}, "time")
    now = datetime(2026, 4, 1, 2, 0, tzinfo=MONDAY.tzinfo)
    for row in (await expect_reports(database, now))[:1]:
        await report(database, row, Given(D(1), "time"), now)
    first = await standing_of(database, day=date(2026, 4, 1))
    assert (first.since, first.value, first.judgement.verdict) == (date(2026, 1, 1), D(1), Verdict.MET)
    second = await standing_of(database, day=date(2026, 7, 10))
    assert (second.since, second.value) == (date(2026, 4, 1), None)
    assert second.judgement.verdict is Verdict.MISSED
    await expect_reports(database, datetime(2026, 10, 10, 2, 0, tzinfo=MONDAY.tzinfo))
    third = await standing_of(database, day=date(2026, 10, 10))
    assert third.missed_periods == 1


async def test_milestones_and_years_bend_the_schedule(database: Database) -> None:
    long = await create_plan(database, "long", period_from=date(2025, 1, 1))
    milestone = Milestone("半数", "half", date(2026, 3, 31), D(80))
    await create_target(database, long, "T-M", milestones=(milestone,))
    years = (YearSlice(2025, D(100)), YearSlice(2026, D(60)))
    await create_target(database, long, "T-Y", annual=years)
    for code in ("T-M", "T-Y"):
        await shared(database, await stored(database, stable_id("target", code)), {PUTUO: D(160)})
        await tell_all(database, code)
    half, yearly = await standing_of(database, "T-M"), await standing_of(database, "T-Y")
    # 80 + 80 x 214 / 275 (from 31 March to 31 October of the way to the end); 100 + 60 x 304 / 365
    assert (half.scheduled, yearly.scheduled) == (D("142.2545"), D("149.9726"))


async def tell_all(database: Database, code: str) -> None:
    for row in await expect_reports(database):
        if row.target_id == stable_id("target", code) and row.period_last == OCTOBER:
            await report(database, row, estates(1))


async def test_lower_plans_count_and_the_middle_level_may_be_missing(database: Database, plan: Plan) -> None:
    city = await create_target(database, plan, kind=Kind.SUM, value=D(3000), unit="wan_m2")
    town = await create_plan(database, "kq", area="310115136")
    below = await create_target(
        database, town, "KQ-T01", kind=Kind.SUM, value=D(59017), unit="m2",
        parent_id=city.id, relation=Relation.CONTRIBUTES_TO,
    )  # fmt: skip
    await shared(database, below, {"310115136": D(59017)}, "m2")
    await tell(database, {"310115136": Given(D(59017), "m2")}, "KQ-T01")
    found = await standing_of(database)
    assert (found.value, found.total.counted) == (D("5.9017"), 1)


async def test_the_number_of_statements_does_not_grow_with_the_plan(database: Database, plan: Plan) -> None:
    counts = []
    for size in (1, 8):
        for number in range(size):
            target = await create_target(database, plan, f"T-{size}-{number}")
            await shared(database, target, {PUTUO: D(100), BAOSHAN: D(60)})
        await expect_reports(database)
        seen: list[str] = []

        def note(*args: Any, seen: list[str] = seen) -> None:
            seen.append(args[2])

        async def work(session: AsyncSession, note: Any = note) -> int:
            connection = (await session.connection()).sync_connection
            event.listen(connection, "before_cursor_execute", note)
            try:
                return len(progress.standings(await progress.of_plan(session, plan.id), TODAY))
            finally:
                event.remove(connection, "before_cursor_execute", note)

        await database.read(work)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10
