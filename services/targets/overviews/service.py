"""Reads over plans, targets and reports. Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.policy import Principal, sees_area
from services.targets.directory import service as directory
from services.targets.lights.domain import Light, Verdict
from services.targets.overviews.domain import Tally
from services.targets.plans import service as plans
from services.targets.plans.service import Plan
from services.targets.progress import service as progress
from services.targets.progress.service import Standing
from services.targets.reports import service as reports
from services.targets.reports.domain import State
from services.targets.reports.service import Report
from services.targets.targets import service as targets


@dataclass(frozen=True)
class LightTable:
    """A plan's targets with their lights as of a day, and how many there are of each (亮灯表)."""

    plan: Plan
    as_of: date
    items: Sequence[Standing]
    lights: dict[Light, int]
    verdicts: dict[Verdict, int]


@dataclass(frozen=True)
class Progress:
    """A target as of a day, whole or in one area, and each area that has a share of it (进度)."""

    whole: Standing
    areas: Sequence[Standing]


@dataclass(frozen=True)
class UnitReporting:
    """How a unit has reported (单位填报情况)."""

    unit_id: UUID
    name: str | None
    tally: Tally
    missing: Sequence[Report]


async def lights(session: AsyncSession, plan_id: UUID, day: date, viewer: Principal) -> LightTable:
    """The lights of a plan as of the local day. Raises `PlanNotFound`."""
    plan = await plans.read(session, plan_id, viewer)
    found = progress.standings(await progress.of_plan(session, plan.id), day)
    by_light = Counter(each.judgement.light for each in found)
    by_verdict = Counter(each.judgement.verdict for each in found)
    return LightTable(
        plan,
        day,
        found,
        {light: by_light[light] for light in Light},
        {verdict: by_verdict[verdict] for verdict in Verdict},
    )


async def progress_of(
    session: AsyncSession, target_id: UUID, day: date, area: str | None, viewer: Principal
) -> Progress:
    """A target as of the local day; of the areas those that the viewer sees. Raises `TargetNotFound`."""
    target = await targets.read(session, target_id, viewer)
    found = await progress.ledger(session, [target])
    whole = progress.standing(found, target.id, day, area)
    areas = [
        each
        for each in progress.by_area(found, target.id, day)
        if each.area.startswith(area or "") and sees_area(viewer, each.area)
    ]
    return Progress(whole, areas)


async def reporting(
    session: AsyncSession, plan_id: UUID, day: date, viewer: Principal
) -> list[UnitReporting]:
    """Who has reported what was due by the day, and who has not, in the viewer's areas (填报情况).

    Those who owe most first. Raises `PlanNotFound`.
    """
    plan = await plans.read(session, plan_id, viewer)
    ids = [target.id for target in await targets.of_plans(session, [plan.id])]
    due = [
        each
        for each in await reports.due_by(session, ids, day)
        if sees_area(viewer, each.area) or each.unit_id == viewer.unit_id
    ]
    units: dict[UUID, tuple[Tally, list[Report]]] = {}
    for report in due:
        tally, missing = units.setdefault(report.unit_id, (Tally(), []))
        given = report.revision > 0 and report.state != State.SENT_BACK
        tally.add(accepted=report.accepted_revision is not None, submitted=given, late=bool(report.late))
        if not given:
            missing.append(report)
    names = await directory.unit_names(session, set(units), day)
    found = [
        UnitReporting(unit_id, names[unit_id].name_zh if unit_id in names else None, tally, missing)
        for unit_id, (tally, missing) in units.items()
    ]
    return sorted(found, key=lambda each: (-each.tally.missing, str(each.unit_id)))
