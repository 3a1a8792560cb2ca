"""Every statement on allocations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.targets.allocations.models import Allocation


async def of_targets(
    session: AsyncSession, target_ids: Collection[UUID], *, ended: bool = False
) -> Sequence[Allocation]:
    """The shares of the targets by area and unit, those taken back too if asked for."""
    rows = select(Allocation).where(Allocation.target_id.in_(list(target_ids)))
    if not ended:
        rows = rows.where(Allocation.ended_at.is_(None))
    order = rows.order_by(Allocation.target_id, Allocation.area, Allocation.unit_id)
    return (await session.scalars(order)).all()


async def lock_of_target(session: AsyncSession, target_id: UUID) -> dict[UUID, Allocation]:
    """Every share that the target has or had, by id, locked; the target is locked before."""
    rows = select(Allocation).where(Allocation.target_id == target_id).order_by(Allocation.id)
    found = await session.scalars(rows.with_for_update())
    return {each.id: each for each in found}


async def of_unit(session: AsyncSession, unit_id: UUID) -> Sequence[Allocation]:
    """The unit's shares in force."""
    rows = select(Allocation).where(Allocation.unit_id == unit_id, Allocation.ended_at.is_(None))
    return (await session.scalars(rows.order_by(Allocation.target_id, Allocation.area))).all()


async def get_many(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Allocation]:
    """Those of the allocations that exist."""
    return (await session.scalars(select(Allocation).where(Allocation.id.in_(list(ids))))).all()


async def after(session: AsyncSession, limit: int, last: UUID | None) -> Sequence[Allocation]:
    """The next allocations by id, locked: for restating."""
    rows = select(Allocation).order_by(Allocation.id).limit(limit).with_for_update()
    if last is not None:
        rows = rows.where(Allocation.id > last)
    return (await session.scalars(rows)).all()
