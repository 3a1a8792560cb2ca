"""Every statement of the patrols."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.models import History
from libs.common.events.statements import statement
from libs.common.ids import new_id
from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.grid.patrols.domain import ItemState
from services.grid.patrols.models import PatrolItem, PatrolPlan, PatrolPoint

_MAKE = statement(
    """INSERT INTO patrol_item
        (id, version, plan_id, point_id, kind, area, inspector, period_start, period_end, state)
    SELECT given.id, 0, plan.id, point.id, plan.kind, point.area, plan.inspector, begins, ends, 'due'
    FROM unnest(CAST(:ids AS uuid[]), CAST(:points AS uuid[]), CAST(:begins AS date[]), CAST(:ends AS date[]))
        AS given (id, point_id, begins, ends)
    JOIN patrol_point point ON point.id = given.point_id JOIN patrol_plan plan ON plan.id = point.plan_id
    ON CONFLICT (point_id, period_start) DO NOTHING RETURNING id"""
)


@dataclass(frozen=True)
class Due:
    """A point that is to be gone to between two days, both included."""

    point_id: UUID
    begins: date
    ends: date


@dataclass(frozen=True)
class Day:
    """Which items a list shows: whose period holds the day; in an area, for a person, in a state."""

    on: date
    area: str | None = None
    person: str | None = None
    state: ItemState | None = None


@dataclass(frozen=True)
class Span:
    """Which items are counted: whose period ends in the days; in an area, of a kind."""

    since: date
    until: date
    area: str | None = None
    kind: str | None = None


async def add(session: AsyncSession, plan: PatrolPlan, points: Sequence[PatrolPoint]) -> None:
    """Keep a plan with its points."""
    session.add(plan)
    await session.flush()
    session.add_all(points)
    await session.flush()


async def get_plan(session: AsyncSession, plan_id: UUID) -> PatrolPlan | None:
    """The plan."""
    return await session.get(PatrolPlan, plan_id)


async def plan_for_update(session: AsyncSession, plan_id: UUID) -> PatrolPlan | None:
    """The plan, its row locked."""
    return await session.get(PatrolPlan, plan_id, with_for_update=True, populate_existing=True)


async def list_plans(
    session: AsyncSession, viewer: Principal, area: str | None, *, after: UUID | None, limit: int
) -> Sequence[PatrolPlan]:
    """Plans in the viewer's area, in order of id."""
    query = (
        select(PatrolPlan)
        .where(in_scope(viewer, PatrolPlan.area, asked=area))
        .order_by(PatrolPlan.id)
        .limit(limit)
    )
    return (await session.scalars(query if after is None else query.where(PatrolPlan.id > after))).all()


async def points_of(session: AsyncSession, plan_ids: Collection[UUID]) -> dict[UUID, list[PatrolPoint]]:
    """The points of each plan, in order of id."""
    query = select(PatrolPoint).where(PatrolPoint.plan_id.in_(plan_ids)).order_by(PatrolPoint.id)
    found: dict[UUID, list[PatrolPoint]] = {plan_id: [] for plan_id in plan_ids}
    for point in await session.scalars(query):
        found[point.plan_id].append(point)
    return found


async def count_points(session: AsyncSession, plan_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many points each plan has."""
    query = (
        select(PatrolPoint.plan_id, func.count())
        .where(PatrolPoint.plan_id.in_(plan_ids))
        .group_by(PatrolPoint.plan_id)
    )
    return dict((await session.execute(query)).tuples().all())


async def list_to_make(session: AsyncSession, today: date, limit: int) -> Sequence[PatrolPlan]:
    """Plans whose next period's items are to be made, the longest due first, locked without waiting."""
    query = (
        select(PatrolPlan)
        .where(PatrolPlan.make_on <= today)
        .order_by(PatrolPlan.make_on, PatrolPlan.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def add_items(session: AsyncSession, rows: Sequence[Due]) -> int:
    """Make items by one statement; a point that has one in the period keeps it. Answers how many."""
    asked = {
        "ids": [new_id() for _ in rows],
        "points": [row.point_id for row in rows],
        "begins": [row.begins for row in rows],
        "ends": [row.ends for row in rows],
    }
    return len((await session.execute(_MAKE, asked)).all()) if rows else 0


async def drop_items(session: AsyncSession, plan_id: UUID, after: date) -> None:
    """Take back what was made of periods that begin behind the day and that nobody went to."""
    await session.execute(
        delete(PatrolItem)
        .where(PatrolItem.plan_id == plan_id, PatrolItem.period_start > after)
        .where(PatrolItem.state == ItemState.DUE)
        .execution_options(synchronize_session=False)
    )


async def pass_items(session: AsyncSession, plan_id: UUID, inspector: str | None) -> None:
    """Let another one go to what is still to be done."""
    await session.execute(
        update(PatrolItem)
        .where(PatrolItem.plan_id == plan_id, PatrolItem.state == ItemState.DUE)
        .values(inspector=inspector)
        .execution_options(synchronize_session=False)
    )


async def list_late(session: AsyncSession, today: date, limit: int) -> Sequence[PatrolItem]:
    """Items whose period is over and to which nobody went, the oldest first, locked without waiting."""
    query = (
        select(PatrolItem)
        .where(PatrolItem.state == ItemState.DUE, PatrolItem.period_end < today)
        .order_by(PatrolItem.period_end, PatrolItem.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def get_item(session: AsyncSession, item_id: UUID) -> tuple[PatrolItem, PatrolPoint] | None:
    """The item with its point."""
    query = _WITH_POINT.where(PatrolItem.id == item_id)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1])


async def item_for_update(session: AsyncSession, item_id: UUID) -> tuple[PatrolItem, PatrolPoint] | None:
    """The same, the item's row locked and read afresh."""
    query = _WITH_POINT.where(PatrolItem.id == item_id).with_for_update(of=PatrolItem)
    row = (await session.execute(query.execution_options(populate_existing=True))).one_or_none()
    return None if row is None else (row[0], row[1])


_WITH_POINT = select(PatrolItem, PatrolPoint).join(PatrolPoint, PatrolPoint.id == PatrolItem.point_id)


async def list_items(
    session: AsyncSession, viewer: Principal, wanted: Day, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[tuple[PatrolItem, PatrolPoint]]:
    """Items in the viewer's area with their points, whose period ends first first."""
    query = (
        _WITH_POINT.where(in_scope(viewer, PatrolItem.area, asked=wanted.area))
        .where(PatrolItem.period_end >= wanted.on, PatrolItem.period_start <= wanted.on)
        .order_by(PatrolItem.period_end, PatrolItem.id)
        .limit(limit)
    )
    if wanted.person is not None:
        theirs = or_(PatrolItem.inspector.is_(None), PatrolItem.inspector == wanted.person)
        query = query.where(theirs)
    if wanted.state is not None:
        query = query.where(PatrolItem.state == wanted.state)
    if after is not None:
        query = query.where(tuple_(PatrolItem.period_end, PatrolItem.id) > after)
    return [(item, point) for item, point in await session.execute(query)]


async def coverage(session: AsyncSession, viewer: Principal, span: Span, digits: int) -> Sequence[Any]:
    """Counts by kind and by the areas of so many digits, of what is in the viewer's area."""
    part = func.left(PatrolItem.area, digits)
    where = [in_scope(viewer, PatrolItem.area, asked=span.area)]
    where.append(PatrolItem.period_end.between(span.since, span.until))
    if span.kind is not None:
        where.append(PatrolItem.kind == span.kind)
    query = (
        select(
            part.label("area"), PatrolItem.kind, func.count().label("planned"),
            _count(PatrolItem.state == ItemState.DONE, "done"),
            _count(PatrolItem.state == ItemState.MISSED, "missed"),
            _count(PatrolItem.state == ItemState.DUE, "due"),
            _count(PatrolItem.result == "found", "found"),
            _count(PatrolItem.far.is_(True), "far"),
        )
        .where(and_(*where))
        .group_by(part, PatrolItem.kind)
        .order_by(part, PatrolItem.kind)
    )  # fmt: skip
    return (await session.execute(query)).all()


def _count(what: ColumnElement[bool], name: str) -> ColumnElement[int]:
    return func.count().filter(what).label(name)


async def plans_after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[PatrolPlan]:
    """The next plans by id, locked: for restating."""
    query = select(PatrolPlan).order_by(PatrolPlan.id).limit(limit).with_for_update()
    return (await session.scalars(query if last is None else query.where(PatrolPlan.id > last))).all()


async def items_after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[PatrolItem]:
    """The next items by id of which something has been told, locked: for restating."""
    query = (
        select(PatrolItem)
        .where(PatrolItem.version > 0)
        .order_by(PatrolItem.id)
        .limit(limit)
        .with_for_update()
    )
    return (await session.scalars(query if last is None else query.where(PatrolItem.id > last))).all()


async def list_history(session: AsyncSession, plan_id: UUID) -> Sequence[History]:
    """Every change of the plan, the first one first."""
    query = select(History).where(History.aggregate_id == plan_id).order_by(History.version)
    return (await session.scalars(query)).all()
