"""Every statement of the removals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.models import History
from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.grid.removals.domain import RemovalState
from services.grid.removals.models import CollectionPoint, Removal


@dataclass(frozen=True)
class Asked:
    """Which points or removals: in an area, of an estate, of a kind; due between two instants (UTC)."""

    area: str | None = None
    estate_id: UUID | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    state: RemovalState | None = None
    overdue: bool = False


def _chosen(model: Any, viewer: Principal, asked: Asked, now: datetime) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [
        in_scope(viewer, model.area, estate=model.estate_id, now=now, asked=asked.area)
    ]
    if asked.estate_id is not None:
        where.append(model.estate_id == asked.estate_id)
    if asked.kind is not None:
        where.append(model.kind == asked.kind)
    return where


def _due(asked: Asked, now: datetime) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if asked.since is not None:
        where.append(Removal.due_at >= asked.since)
    if asked.until is not None:
        where.append(Removal.due_at <= asked.until)
    if asked.state is not None:
        where.append(Removal.state == asked.state)
    if asked.overdue:
        where.append(and_(Removal.state == RemovalState.DUE, Removal.due_at < now))
    return where


async def add(session: AsyncSession, row: CollectionPoint | Removal) -> None:
    """Keep a point or a removal."""
    session.add(row)
    await session.flush()


async def get_point(session: AsyncSession, point_id: UUID, *, lock: bool = False) -> CollectionPoint | None:
    """The point, its row locked if asked for."""
    return await session.get(CollectionPoint, point_id, with_for_update=lock, populate_existing=lock)


async def list_points(
    session: AsyncSession,
    viewer: Principal,
    asked: Asked,
    now: datetime,
    *,
    after: UUID | None,
    limit: int,
) -> Sequence[CollectionPoint]:
    """Points in the viewer's areas or estates, in order of id."""
    query = select(CollectionPoint).where(*_chosen(CollectionPoint, viewer, asked, now))
    query = query.order_by(CollectionPoint.id).limit(limit)
    return (await session.scalars(query if after is None else query.where(CollectionPoint.id > after))).all()


async def points_to_make(session: AsyncSession, until: date, limit: int) -> Sequence[CollectionPoint]:
    """Points with agreed days that are not made up to the day, locked without waiting."""
    query = (
        select(CollectionPoint)
        .where(CollectionPoint.made_until < until)
        .order_by(CollectionPoint.made_until, CollectionPoint.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def add_agreed(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Make removals of agreed days by one statement; what a point has at a time it keeps."""
    if rows:
        await session.execute(insert(Removal).values(list(rows)).on_conflict_do_nothing())


async def drop_agreed(session: AsyncSession, point_id: UUID, since: datetime) -> None:
    """Take back what is to be taken away behind the instant: the point is not used any more."""
    query = select(Removal).where(
        Removal.point_id == point_id, Removal.due_at > since, Removal.state == RemovalState.DUE,
        Removal.on_demand.is_(False), Removal.version == 0,
    )  # fmt: skip
    for row in await session.scalars(query):
        await session.delete(row)
    await session.flush()


async def get(session: AsyncSession, removal_id: UUID, *, lock: bool = False) -> Removal | None:
    """The removal, its row locked if asked for."""
    return await session.get(Removal, removal_id, with_for_update=lock, populate_existing=lock)


async def list_due(
    session: AsyncSession,
    viewer: Principal,
    asked: Asked,
    now: datetime,
    *,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Removal]:
    """Removals in the viewer's areas or estates, the earliest first."""
    query = select(Removal).where(*_chosen(Removal, viewer, asked, now), *_due(asked, now))
    query = query.order_by(Removal.due_at, Removal.id).limit(limit)
    if after is not None:
        query = query.where(tuple_(Removal.due_at, Removal.id) > after)
    return (await session.scalars(query)).all()


async def list_late(session: AsyncSession, now: datetime, limit: int) -> Sequence[Removal]:
    """What should have been taken away and is not marked yet, locked without waiting."""
    query = (
        select(Removal)
        .where(Removal.state == "due", Removal.overdue_at.is_(None), Removal.due_at < now)
        .order_by(Removal.due_at, Removal.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def list_to_report(
    session: AsyncSession, now: datetime, limit: int
) -> Sequence[tuple[Removal, CollectionPoint]]:
    """What is overdue so long that it becomes a case, with its point, locked without waiting."""
    query = (
        select(Removal, CollectionPoint)
        .join(CollectionPoint, CollectionPoint.id == Removal.point_id)
        .where(Removal.state == "due", Removal.case_due_at <= now)
        .order_by(Removal.case_due_at, Removal.id)
        .limit(limit)
        .with_for_update(of=Removal, skip_locked=True)
    )
    return [(removal, point) for removal, point in await session.execute(query)]


async def punctuality(
    session: AsyncSession,
    viewer: Principal,
    asked: Asked,
    now: datetime,
    *,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Any]:
    """What was due, taken away on time, late, and not at all, by estate and kind."""
    done, passed = Removal.state == RemovalState.REMOVED, Removal.due_at < now
    query = select(
        Removal.estate_id,
        Removal.kind,
        func.count().label("due"),
        func.count().filter(done, Removal.late.is_(False)).label("on_time"),
        func.count().filter(done, Removal.late.is_(True)).label("late"),
        func.count().filter(~done).label("outstanding"),
    ).where(or_(done, and_(Removal.state == RemovalState.DUE, passed)))
    query = query.where(*_chosen(Removal, viewer, asked, now), *_due(asked, now))
    query = query.group_by(Removal.estate_id, Removal.kind).order_by(Removal.estate_id, Removal.kind)
    if after is not None:
        query = query.where(tuple_(Removal.estate_id, Removal.kind) > after)
    return (await session.execute(query.limit(limit))).all()


async def list_history(session: AsyncSession, point_id: UUID) -> Sequence[History]:
    """Every change of the point, the first one first."""
    query = select(History).where(History.aggregate_id == point_id).order_by(History.version)
    return (await session.scalars(query)).all()


async def points_after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[CollectionPoint]:
    """The next points by id, locked: for restating."""
    query = select(CollectionPoint).order_by(CollectionPoint.id).limit(limit).with_for_update()
    return (await session.scalars(query if last is None else query.where(CollectionPoint.id > last))).all()


async def removals_after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[Removal]:
    """The next removals by id of which something has been told, locked: for restating."""
    query = select(Removal).where(Removal.version > 0).order_by(Removal.id).limit(limit).with_for_update()
    return (await session.scalars(query if last is None else query.where(Removal.id > last))).all()
