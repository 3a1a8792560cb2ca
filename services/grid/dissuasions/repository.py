"""Every statement on what could not be stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.grid.dissuasions.models import Dissuasion


@dataclass(frozen=True)
class Asked:
    """Which reports: in an area, of an estate, of a kind, reported between two instants (UTC)."""

    area: str | None = None
    estate_id: UUID | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def add(session: AsyncSession, row: Dissuasion) -> None:
    """Keep a report."""
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, dissuasion_id: UUID) -> Dissuasion | None:
    """The report."""
    return await session.get(Dissuasion, dissuasion_id)


def _seen(viewer: Principal, asked: Asked, now: datetime) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [
        in_scope(viewer, Dissuasion.area, estate=Dissuasion.estate_id, now=now, asked=asked.area)
    ]
    if asked.estate_id is not None:
        where.append(Dissuasion.estate_id == asked.estate_id)
    if asked.kind is not None:
        where.append(Dissuasion.kind == asked.kind)
    if asked.since is not None:
        where.append(Dissuasion.reported_at >= asked.since)
    if asked.until is not None:
        where.append(Dissuasion.reported_at <= asked.until)
    return where


async def list_latest(
    session: AsyncSession,
    viewer: Principal,
    asked: Asked,
    now: datetime,
    *,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Dissuasion]:
    """The reports that the viewer may see, the latest first."""
    query = select(Dissuasion).where(*_seen(viewer, asked, now))
    query = query.order_by(Dissuasion.reported_at.desc(), Dissuasion.id.desc()).limit(limit)
    if after is not None:
        query = query.where(tuple_(Dissuasion.reported_at, Dissuasion.id) < after)
    return (await session.scalars(query)).all()


async def punctuality(
    session: AsyncSession,
    viewer: Principal,
    asked: Asked,
    now: datetime,
    *,
    after: UUID | None,
    limit: int,
) -> Sequence[Any]:
    """How many were reported and how many of them in time, by estate in order of id."""
    query = select(
        Dissuasion.estate_id,
        func.count().label("reported"),
        func.count().filter(Dissuasion.on_time).label("on_time"),
    )
    query = query.where(*_seen(viewer, asked, now)).group_by(Dissuasion.estate_id)
    query = query.order_by(Dissuasion.estate_id).limit(limit)
    if after is not None:
        query = query.where(Dissuasion.estate_id > after)
    return (await session.execute(query)).all()


async def list_after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[Dissuasion]:
    """The next reports by id, locked: for restating."""
    query = select(Dissuasion).order_by(Dissuasion.id).limit(limit).with_for_update()
    return (await session.scalars(query if last is None else query.where(Dissuasion.id > last))).all()
