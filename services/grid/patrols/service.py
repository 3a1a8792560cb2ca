"""Use cases of patrols: plan, make what is due, check in, mark what was missed, count. Never commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import fields as columns_of
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.contracts.watches import PatrolDone, PatrolMissed, PatrolPlanChanged, PatrolState
from libs.common.events.models import History
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.ids import new_id
from libs.common.media import Purpose, Record, attach_photos, attachments
from libs.common.policy import Actor, Principal, allows, require_area, sees_area
from libs.common.versions import check_version
from services.grid.cases import service as cases
from services.grid.cases.service import By
from services.grid.patrols import repository
from services.grid.patrols.domain import (
    AlreadyPatrolled,
    CaseNotOwn,
    ItemState,
    PatrolKindUnknown,
    PatrolPlanUnknown,
    PatrolUnknown,
    PlanFields,
    Point,
    Seen,
    away,
    check_plan,
    check_seen,
    number_at,
    periods,
    start_of,
)
from services.grid.patrols.models import PatrolItem as PatrolItem
from services.grid.patrols.models import PatrolPlan as PatrolPlan
from services.grid.patrols.models import PatrolPoint as PatrolPoint
from services.grid.patrols.repository import Day as Day
from services.grid.patrols.repository import Due
from services.grid.patrols.repository import Span as Span
from services.grid.places import service as places
from services.grid.rules import service as rules
from services.grid.rules.domain import Rules
from services.grid.watches.domain import PatrolKind

RECORD = "patrol"
"""The kind of record that photos of a check-in belong to."""

AT_ONCE = 60
"""Most periods of a plan that one batch makes."""
_OWN = tuple(column.name for column in columns_of(PlanFields) if column.name != "points")
NARROWER = {2: 6, 4: 6, 6: 9, 9: 12}
"""Digits of an area -> digits of the areas by which its coverage is told."""


@dataclass(frozen=True)
class PlanState:
    """A plan with its points."""

    plan: PatrolPlan
    points: Sequence[PatrolPoint]


@dataclass(frozen=True)
class ItemSeen:
    """An item with its point and the photos of its check-in."""

    item: PatrolItem
    point: PatrolPoint
    photos: Sequence[str]


def _kind(found: Rules, kind: str) -> PatrolKind:
    if kind not in found.patrols:
        raise PatrolKindUnknown(kind=kind, pointer="/kind")
    return found.patrols[kind]


async def register(
    session: AsyncSession, fields: PlanFields, *, viewer: Principal, actor: Actor, now: datetime
) -> PlanState:
    """A new plan (制定巡查计划); a job makes its items. Without points its area is gone to as a whole.

    Raises `AreaCodeInvalid`, `NotFound` for an area outside the viewer's, `PatrolKindUnknown`,
    `PlanDatesInverted`, `PointOutside`, `EstateUnknown`.
    """
    check_plan(fields)
    require_area(viewer, fields.area)
    kind = _kind(await rules.rules(session), fields.kind)
    if fields.estate_id is not None:
        await places.find_estate(session, fields.estate_id)
    plan = PatrolPlan(id=new_id(), version=0, number=0, **{name: getattr(fields, name) for name in _OWN})
    _begin(plan, kind, local_date(now))
    points = fields.points or (Point(fields.name, fields.area),)
    rows = [PatrolPoint(id=new_id(), plan_id=plan.id, **vars(point)) for point in points]
    await repository.add(session, plan, rows)
    told = _plan_state(plan, len(rows), now)
    await record(session, plan, told, actor=actor, now=now, change=Change("register"))
    return PlanState(plan, rows)


def _begin(plan: PatrolPlan, kind: PatrolKind, today: date) -> None:
    """From the period that holds the day: what is over before there was a plan was not missed."""
    plan.number = number_at(plan.first_day, plan.every, plan.unit, today)
    _next(plan, kind)


def _next(plan: PatrolPlan, kind: PatrolKind | None) -> None:
    start = start_of(plan.first_day, plan.every, plan.unit, plan.number)
    ahead = timedelta(days=kind.ahead_days if kind else 0)
    plan.make_on = None if plan.last_day is not None and start > plan.last_day else start - ahead


async def find_plan(session: AsyncSession, plan_id: UUID, viewer: Principal) -> PlanState:
    """The plan with its points. Raises `PatrolPlanUnknown`."""
    plan = await repository.get_plan(session, plan_id)
    if plan is None or not sees_area(viewer, plan.area):
        raise PatrolPlanUnknown
    return PlanState(plan, (await repository.points_of(session, [plan_id]))[plan_id])


async def list_plans(
    session: AsyncSession, viewer: Principal, area: str | None, *, after: UUID | None, limit: int
) -> list[PlanState]:
    """Plans in the viewer's area with their points, in order of id."""
    rows = await repository.list_plans(session, viewer, area, after=after, limit=limit)
    points = await repository.points_of(session, [plan.id for plan in rows])
    return [PlanState(plan, points[plan.id]) for plan in rows]


async def history(session: AsyncSession, plan_id: UUID, viewer: Principal) -> Sequence[History]:
    """Every change of the plan. Raises `PatrolPlanUnknown`."""
    await find_plan(session, plan_id, viewer)
    return await repository.list_history(session, plan_id)


async def change(session: AsyncSession, plan_id: UUID, changes: Mapping[str, Any], *, by: By) -> PlanState:
    """Another name, person or last day (调整巡查计划); what was made behind the last day is taken back.

    Raises `PatrolPlanUnknown`, `Stale`, `PlanDatesInverted`.
    """
    assert by.viewer is not None, "a person changes"
    plan = await repository.plan_for_update(session, plan_id)
    if plan is None or not sees_area(by.viewer, plan.area):
        raise PatrolPlanUnknown
    check_version(plan, by.version or 0)
    before = _fields(plan)
    check_plan(replace(before, **changes))
    for name, value in changes.items():
        setattr(plan, name, value)
    if "last_day" in changes:
        _begin(plan, _kind(await rules.rules(session), plan.kind), local_date(by.now))
        await repository.drop_items(session, plan.id, plan.last_day or date.max)
    if "inspector" in changes:
        await repository.pass_items(session, plan.id, plan.inspector)
    told = {name: {"from": getattr(before, name), "to": value} for name, value in changes.items()}
    state = await find_plan(session, plan_id, by.viewer)
    event = _plan_state(plan, len(state.points), by.now)
    await record(session, plan, event, actor=by.actor, now=by.now, change=Change("change", fields=told))
    return state


async def make_due(session: AsyncSession, now: datetime, limit: int = 50) -> int:
    """Make the items of the periods that come up (生成巡查任务), by one statement. Answers how many plans.

    A plan is locked while its items are made, and a point has one item in a period, however often it runs.
    """
    today, kinds = local_date(now), (await rules.rules(session)).patrols
    plans = await repository.list_to_make(session, today, limit)
    points = await repository.points_of(session, [plan.id for plan in plans])
    made: list[Due] = []
    for plan in plans:
        kind = kinds.get(plan.kind)
        until = today + timedelta(days=kind.ahead_days if kind else 0)
        due = list(islice(periods(_fields(plan), plan.number, until), AT_ONCE))
        made += [Due(point.id, *period) for period in due for point in points[plan.id]]
        plan.number += len(due)
        _next(plan, kind)
    await repository.add_items(session, made)
    return len(plans)


async def mark_missed(session: AsyncSession, now: datetime, limit: int = 200) -> int:
    """Mark what nobody went to in its period (漏巡), told by one statement. Answers how many."""
    late = await repository.list_late(session, local_date(now), limit)
    entries = []
    for item in late:
        item.state = ItemState.MISSED
        item.version += 1
        change = Change("miss", ItemState.DUE, ItemState.MISSED)
        entries.append(Entry(_told(item, PatrolMissed, now), item.id, item.version, cases.GRID, now, change))
    await session.flush()
    if entries:
        await append_many(session, entries)
    return len(late)


async def check_in(session: AsyncSession, item_id: UUID, seen: Seen, *, by: By) -> PatrolItem:
    """That somebody has been there (打卡); too far away is flagged, not refused.

    What was marked as missed counts as done if they were there in time and only the device came late. Raises
    `PatrolUnknown`, `AlreadyPatrolled`, `OutsidePeriod`, `CaseMissing`, `CaseNotOwn`, `MediaUnknown`.
    """
    found = await repository.item_for_update(session, item_id)
    if found is None or (by.viewer is not None and not sees_area(by.viewer, found[0].area)):
        raise PatrolUnknown
    item, point = found
    if item.state == ItemState.DONE:
        raise AlreadyPatrolled(person=item.checked_by)
    check_seen((item.period_start, item.period_end), seen, by.now)
    kind = _kind(await rules.rules(session), item.kind)
    if seen.case_id is not None:
        await _check_case(session, seen.case_id, kind.channel, by)
    to = Record(RECORD, item.id)
    await attach_photos(session, seen.photos, to=to, purpose=Purpose.EVIDENCE, actor=by.actor, now=by.now)
    before = item.state
    _mark_done(item, point, seen, kind)
    item.checked_by = by.actor.subject
    change = Change("check-in", before, ItemState.DONE, seen.note, {"result": seen.result})
    await record(session, item, _told(item, PatrolDone, by.now), actor=by.actor, now=by.now, change=change)
    return item


def _mark_done(item: PatrolItem, point: PatrolPoint, seen: Seen, kind: PatrolKind) -> None:
    there = None if point.lon is None or point.lat is None else (point.lon, point.lat)
    item.state, item.result, item.case_id = ItemState.DONE, seen.result, seen.case_id
    item.checked_at, item.note = seen.at, seen.note
    item.lon, item.lat = seen.place or (None, None)
    item.distance_m = away(there, seen.place)
    item.far = None if item.distance_m is None else item.distance_m > kind.tolerance_m


async def _check_case(session: AsyncSession, case_id: UUID, channel: str, by: By) -> None:
    """What was found is a case of one's own, from own inspection. Raises `CaseNotOwn`."""
    case = await cases.get(session, case_id)
    if case is None or (case.reported_by, case.channel) != (by.actor.subject, channel):
        raise CaseNotOwn(case=str(case_id), channel=channel, pointer="/case_id")


async def list_items(
    session: AsyncSession, viewer: Principal, wanted: Day, *, after: tuple[Any, ...] | None, limit: int
) -> list[ItemSeen]:
    """Items in the viewer's area whose period holds the day, with points and photos."""
    rows = await repository.list_items(session, viewer, wanted, after=after, limit=limit)
    photos = await attachments(session, RECORD, [item.id for item, _ in rows])
    return [ItemSeen(item, point, [one.hash for one in photos[item.id]]) for item, point in rows]


async def find_item(session: AsyncSession, item_id: UUID, viewer: Principal) -> ItemSeen:
    """The item with its point and photos. Raises `PatrolUnknown`."""
    found = await repository.get_item(session, item_id)
    if found is None or not sees_area(viewer, found[0].area):
        raise PatrolUnknown
    photos = await attachments(session, RECORD, [item_id])
    return ItemSeen(*found, [one.hash for one in photos[item_id]])


async def may_read(session: AsyncSession, item_id: UUID, viewer: Principal) -> bool:
    """Whether the viewer may see the item and so its photos."""
    found = await repository.get_item(session, item_id)
    return found is not None and allows(viewer, "grid.patrol.read") and sees_area(viewer, found[0].area)


async def coverage(session: AsyncSession, viewer: Principal, span: Span) -> Sequence[Any]:
    """What was planned, done, missed and found (巡查覆盖), by kind and by the areas inside."""
    digits = NARROWER.get(len(span.area), 15) if span.area else 6
    return await repository.coverage(session, viewer, span, digits)


def _fields(plan: PatrolPlan) -> PlanFields:
    return PlanFields(**{name: getattr(plan, name) for name in _OWN})


def _plan_state(plan: PatrolPlan, points: int, now: datetime) -> PatrolPlanChanged:
    told = {name: getattr(plan, name) for name in PatrolPlanChanged.model_fields if hasattr(plan, name)}
    return PatrolPlanChanged(happened_at=now, points=points, **told)


def _told(item: PatrolItem, event: type[PatrolState], now: datetime) -> PatrolState:
    told = {name: getattr(item, name) for name in PatrolState.model_fields if name != "happened_at"}
    return event(happened_at=now, **told)


async def restate_plans(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next plans stand. Answers the last id, None at the end."""
    now, rows = utc_now(), await repository.plans_after(session, after, limit)
    points = await repository.count_points(session, [plan.id for plan in rows])
    entries = [Entry(_plan_state(p, points[p.id], now), p.id, p.version, cases.GRID) for p in rows]
    await append_many(session, entries)
    return rows[-1].id if rows else None


async def restate_items(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next items stand that were told of. Answers the last id, None at the end."""
    now, rows = utc_now(), await repository.items_after(session, after, limit)
    entries = []
    for item in rows:
        event = PatrolDone if item.state == ItemState.DONE else PatrolMissed
        entries.append(Entry(_told(item, event, now), item.id, item.version, cases.GRID))
    await append_many(session, entries)
    return rows[-1].id if rows else None
