"""Every statement on contributions and known measures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.targets.contributions.models import Contribution, KnownMeasure


async def put(session: AsyncSession, values: Mapping[str, Any]) -> Contribution | None:
    """Keep it unless the task, or its lot where it counts, stands already; None then."""
    made = insert(Contribution).values(**values).on_conflict_do_nothing().returning(Contribution)
    return (await session.scalars(made)).one_or_none()


async def told_before(session: AsyncSession, contribution_id: UUID) -> bool:
    """Whether this task is kept for this target already."""
    found = select(Contribution.id).where(Contribution.id == contribution_id)
    return await session.scalar(found) is not None


async def counting(session: AsyncSession, target_ids: Collection[UUID]) -> Sequence[Contribution]:
    """What counts for the targets."""
    rows = select(Contribution).where(Contribution.target_id.in_(list(target_ids)), Contribution.counts)
    return (await session.scalars(rows)).all()


async def of_target(
    session: AsyncSession, target_id: UUID, limit: int, after: tuple[Any, ...] | None
) -> Sequence[Contribution]:
    """What tasks brought to the target, the latest first."""
    rows = select(Contribution).where(Contribution.target_id == target_id)
    if after is not None:
        rows = rows.where(tuple_(Contribution.verified_on, Contribution.id) < after)
    rows = rows.order_by(Contribution.verified_on.desc(), Contribution.id.desc())
    return (await session.scalars(rows.limit(limit))).all()


async def last_recorded(session: AsyncSession) -> datetime | None:
    """When a contribution was kept last."""
    return await session.scalar(select(func.max(Contribution.recorded_at)))


async def measures_of(session: AsyncSession, target_id: UUID) -> Sequence[KnownMeasure]:
    """The measures that are linked to the target, by code."""
    rows = select(KnownMeasure).where(KnownMeasure.target_ids.contains([target_id]))
    return (await session.scalars(rows.order_by(KnownMeasure.code))).all()
