"""Every statement of the major matters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.grid.majors.domain import MajorState
from services.grid.majors.models import Major, MajorNotice, MajorReport


@dataclass(frozen=True)
class Wanted:
    """What a list of major matters is narrowed to (重大事项筛选)."""

    area: str | None = None
    state: MajorState | None = None
    kind: str | None = None


async def add(session: AsyncSession, rows: Iterable[Major | MajorReport | MajorNotice]) -> None:
    """Keep new rows."""
    session.add_all(rows)
    await session.flush()


async def get(session: AsyncSession, major_id: UUID) -> Major | None:
    """The matter."""
    return await session.get(Major, major_id)


async def get_for_update(session: AsyncSession, major_id: UUID) -> Major | None:
    """The matter, its row locked."""
    return await session.get(Major, major_id, with_for_update=True, populate_existing=True)


async def list_latest(
    session: AsyncSession,
    viewer: Principal,
    wanted: Wanted,
    now: datetime,
    *,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Major]:
    """What the viewer may see, the latest first."""
    scope = in_scope(viewer, Major.area, estate=Major.estate_id, now=now, asked=wanted.area)
    query = select(Major).where(scope).order_by(Major.reported_at.desc(), Major.id.desc()).limit(limit)
    if wanted.state is not None:
        query = query.where(Major.state == wanted.state)
    if wanted.kind is not None:
        query = query.where(Major.kind == wanted.kind)
    if after is not None:
        query = query.where(tuple_(Major.reported_at, Major.id) < after)
    return (await session.scalars(query)).all()


async def list_of_case(session: AsyncSession, case_id: UUID) -> Sequence[Major]:
    """The matters reported on a case, the first one first."""
    query = select(Major).where(Major.case_id == case_id).order_by(Major.reported_at, Major.id)
    return (await session.scalars(query)).all()


async def reports_of(session: AsyncSession, major_id: UUID) -> Sequence[MajorReport]:
    """The reports in their order."""
    query = select(MajorReport).where(MajorReport.major_id == major_id).order_by(MajorReport.serial)
    return (await session.scalars(query)).all()


async def report(session: AsyncSession, major_id: UUID, serial: int) -> MajorReport:
    """The report with this number."""
    query = select(MajorReport).where(MajorReport.major_id == major_id, MajorReport.serial == serial)
    return (await session.scalars(query)).one()


async def notices_of(
    session: AsyncSession, major_id: UUID, serial: int | None = None
) -> Sequence[MajorNotice]:
    """The notices, by report and then as they were sent; of one report if its number is given."""
    query = select(MajorNotice).where(MajorNotice.major_id == major_id)
    if serial is not None:
        query = query.where(MajorNotice.serial == serial)
    return (await session.scalars(query.order_by(MajorNotice.serial, MajorNotice.id))).all()


async def list_waiting(
    session: AsyncSession,
    viewer: Principal,
    *,
    asked: str | None,
    late_at: datetime | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[MajorNotice]:
    """Notices that no officer has received in the viewer's area, the earliest limit first.

    `late_at`: only those that were due before it, UTC.
    """
    query = (
        select(MajorNotice)
        .where(MajorNotice.received_at.is_(None), in_scope(viewer, MajorNotice.area, asked=asked))
        .order_by(MajorNotice.due_at, MajorNotice.id)
        .limit(limit)
    )
    if late_at is not None:
        query = query.where(MajorNotice.due_at < late_at)
    if after is not None:
        query = query.where(tuple_(MajorNotice.due_at, MajorNotice.id) > after)
    return (await session.scalars(query)).all()


def _unmarked(now: datetime) -> Any:
    received, marked = MajorNotice.received_at.is_(None), MajorNotice.overdue_at.is_(None)
    return received & marked & (MajorNotice.due_at < now)


async def claim_overdue(session: AsyncSession, now: datetime, limit: int) -> Sequence[Major]:
    """Matters with notices whose limit has passed unmarked, locked; those being worked on wait."""
    late = exists().where(MajorNotice.major_id == Major.id, _unmarked(now))
    rows = select(Major).where(late).order_by(Major.reported_at, Major.id).limit(limit)
    return (await session.scalars(rows.with_for_update(skip_locked=True))).all()


async def overdue_of(session: AsyncSession, ids: Collection[UUID], now: datetime) -> Sequence[MajorNotice]:
    """Their notices whose limit has passed unmarked, in their order."""
    rows = select(MajorNotice).where(MajorNotice.major_id.in_(ids), _unmarked(now))
    return (await session.scalars(rows.order_by(MajorNotice.due_at, MajorNotice.id))).all()


async def after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[Major]:
    """The next matters by id, locked: for restating."""
    query = select(Major).order_by(Major.id).limit(limit).with_for_update()
    if last is not None:
        query = query.where(Major.id > last)
    return (await session.scalars(query)).all()
