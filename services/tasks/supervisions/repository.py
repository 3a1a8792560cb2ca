"""Every statement on supervisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.models import History
from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.tasks.supervisions.domain import State
from services.tasks.supervisions.models import Supervision


@dataclass(frozen=True)
class SupervisionFilter:
    """What a list is narrowed to."""

    state: State | None = None
    area: str | None = None
    unit_id: UUID | None = None
    target_id: UUID | None = None


async def next_serial(session: AsyncSession) -> int:
    """The serial of the next supervision; gaps are allowed."""
    query = text("SELECT nextval(pg_get_serial_sequence('supervision', 'serial'))")
    return int(await session.scalar(query) or 0)


async def visible(session: AsyncSession, supervision_id: UUID, principal: Principal) -> Supervision | None:
    """The supervision, if it lies in the caller's area."""
    rows = select(Supervision).where(Supervision.id == supervision_id, in_scope(principal, Supervision.area))
    return (await session.scalars(rows)).one_or_none()


async def lock(session: AsyncSession, supervision_id: UUID) -> Supervision | None:
    """The supervision, its row locked."""
    return await session.get(Supervision, supervision_id, with_for_update=True, populate_existing=True)


async def lock_of_handover(session: AsyncSession, handover_id: UUID) -> Supervision | None:
    """The supervision of the handover, its row locked."""
    rows = select(Supervision).where(Supervision.handover_id == handover_id).with_for_update()
    return (await session.scalars(rows, execution_options={"populate_existing": True})).one_or_none()


def narrowed(narrow: SupervisionFilter, principal: Principal) -> Select[Supervision]:
    """The rows of a list, unsorted."""
    rows = select(Supervision).where(in_scope(principal, Supervision.area, asked=narrow.area))
    if narrow.state:
        rows = rows.where(Supervision.state == narrow.state)
    if narrow.unit_id:
        rows = rows.where(Supervision.unit_id == narrow.unit_id)
    if narrow.target_id:
        rows = rows.where(Supervision.target_id == narrow.target_id)
    return rows


async def by_time(
    session: AsyncSession, rows: Select[Supervision], limit: int, last: tuple[Any, ...] | None
) -> Sequence[Supervision]:
    """Newest first, after the key `last` (proposed_at, id)."""
    if last is not None:
        rows = rows.where(tuple_(Supervision.proposed_at, Supervision.id) < tuple_(*last))
    ordered = rows.order_by(Supervision.proposed_at.desc(), Supervision.id.desc()).limit(limit)
    return (await session.scalars(ordered)).all()


async def count(session: AsyncSession, rows: Select[Supervision]) -> int:
    """How many rows the list has."""
    counted = rows.with_only_columns(func.count(), maintain_column_froms=True)
    return await session.scalar(counted) or 0


async def history(session: AsyncSession, supervision_id: UUID) -> Sequence[History]:
    """The steps of the supervision, oldest first."""
    rows = select(History).where(
        History.aggregate_id == supervision_id, History.aggregate_type == "supervision"
    )
    return (await session.scalars(rows.order_by(History.version))).all()


async def after(session: AsyncSession, limit: int, last: UUID | None) -> Sequence[Supervision]:
    """The next supervisions by id, locked: for restating."""
    rows = select(Supervision).order_by(Supervision.id).limit(limit).with_for_update()
    if last is not None:
        rows = rows.where(Supervision.id > last)
    return (await session.scalars(rows)).all()


async def add(session: AsyncSession, row: Supervision) -> None:
    """Store a new row."""
    session.add(row)
    await session.flush()
