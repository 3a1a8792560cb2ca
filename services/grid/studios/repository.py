"""Every statement of the studios."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import hold
from libs.common.events.models import History
from libs.common.policy import Principal
from libs.common.scoping import in_scope, within
from services.grid.studios.domain import VisitKind
from services.grid.studios.models import Studio, StudioVisit


async def add(session: AsyncSession, row: Studio | StudioVisit) -> None:
    """Keep a studio or a visit."""
    session.add(row)
    await session.flush()


async def lock_area(session: AsyncSession, area: str) -> None:
    """Let those who make a studio of the neighbourhood follow each other, to the end of the transaction."""
    await hold(session, f"studio {area}")


async def get(session: AsyncSession, studio_id: UUID) -> Studio | None:
    """The studio."""
    return await session.get(Studio, studio_id)


async def get_for_update(session: AsyncSession, studio_id: UUID) -> Studio | None:
    """The studio, its row locked."""
    return await session.get(Studio, studio_id, with_for_update=True, populate_existing=True)


async def list_of_area(session: AsyncSession, area: str) -> Sequence[Studio]:
    """Every studio that the neighbourhood has or had."""
    return (await session.scalars(select(Studio).where(within(Studio.area, [area])))).all()


async def list_in_force(
    session: AsyncSession, area: str, on: date, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Studio]:
    """The studios in the area that are there on the day, by neighbourhood."""
    query = (
        select(Studio)
        .where(within(Studio.area, [area]), Studio.valid_from <= on)
        .where(or_(Studio.valid_to.is_(None), Studio.valid_to >= on))
        .order_by(Studio.area, Studio.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Studio.area, Studio.id) > after)
    return (await session.scalars(query)).all()


async def list_between(
    session: AsyncSession,
    viewer: Principal,
    asked: str | None,
    span: tuple[date, date],
    *,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Studio]:
    """The studios in the viewer's area that were there on one of the days, by neighbourhood."""
    first, last = span
    query = (
        select(Studio)
        .where(in_scope(viewer, Studio.area, asked=asked), Studio.valid_from <= last)
        .where(or_(Studio.valid_to.is_(None), Studio.valid_to >= first))
        .order_by(Studio.area, Studio.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Studio.area, Studio.id) > after)
    return (await session.scalars(query)).all()


async def receptions(
    session: AsyncSession, studio_ids: Collection[UUID], since: datetime, until: datetime
) -> dict[UUID, list[datetime]]:
    """When receptions of each of the studios began, between two instants."""
    query = select(StudioVisit.studio_id, StudioVisit.begins_at).where(
        StudioVisit.studio_id.in_(studio_ids), StudioVisit.begins_at.between(since, until),
        StudioVisit.kind == VisitKind.RECEPTION,
    )  # fmt: skip
    found: dict[UUID, list[datetime]] = {studio_id: [] for studio_id in studio_ids}
    for studio_id, begins_at in await session.execute(query):
        found[studio_id].append(begins_at)
    return found


async def list_visits(
    session: AsyncSession, studio_id: UUID, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[StudioVisit]:
    """The studio's visits, the latest first."""
    query = (
        select(StudioVisit)
        .where(StudioVisit.studio_id == studio_id)
        .order_by(StudioVisit.begins_at.desc(), StudioVisit.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(StudioVisit.begins_at, StudioVisit.id) < after)
    return (await session.scalars(query)).all()


async def list_history(session: AsyncSession, studio_id: UUID) -> Sequence[History]:
    """Every change of the studio, the first one first."""
    query = select(History).where(History.aggregate_id == studio_id).order_by(History.version)
    return (await session.scalars(query)).all()


async def studios_after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[Studio]:
    """The next studios by id, locked: for restating."""
    query = select(Studio).order_by(Studio.id).limit(limit).with_for_update()
    return (await session.scalars(query if last is None else query.where(Studio.id > last))).all()


async def visits_after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[StudioVisit]:
    """The next visits by id, locked: for restating."""
    query = select(StudioVisit).order_by(StudioVisit.id).limit(limit).with_for_update()
    return (await session.scalars(query if last is None else query.where(StudioVisit.id > last))).all()
