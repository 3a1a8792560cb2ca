"""Every statement of the exports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.exports.domain import LEASE, ExportState
from services.grid.exports.models import Export


async def add(session: AsyncSession, export: Export) -> None:
    """Keep an export."""
    session.add(export)
    await session.flush()


async def get(session: AsyncSession, export_id: UUID) -> Export | None:
    """The export."""
    return await session.get(Export, export_id)


async def get_for_update(session: AsyncSession, export_id: UUID) -> Export | None:
    """The export, its row locked."""
    return await session.get(Export, export_id, with_for_update=True, populate_existing=True)


async def list_mine(
    session: AsyncSession, person: str, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Export]:
    """What the person has exported, the latest first."""
    query = (
        select(Export)
        .where(Export.asked_by == person)
        .order_by(Export.asked_at.desc(), Export.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Export.asked_at, Export.id) < after)
    return (await session.scalars(query)).all()


async def next_open(session: AsyncSession, now: datetime) -> Export | None:
    """What is to be made next, locked: what waits, and what somebody has begun and left."""
    query = (
        select(Export)
        .where(
            Export.state.in_([ExportState.QUEUED, ExportState.MAKING]),
            or_(Export.state == ExportState.QUEUED, Export.taken_at < now - LEASE),
        )
        .order_by(Export.asked_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return await session.scalar(query)


async def advance(session: AsyncSession, export_id: UUID, done: int, now: datetime) -> None:
    """So many rows are written; whoever makes it is still there."""
    await session.execute(update(Export).where(Export.id == export_id).values(done=done, taken_at=now))


async def list_expired(session: AsyncSession, now: datetime, limit: int) -> Sequence[Export]:
    """Ready exports that need not be kept any longer, locked."""
    query = (
        select(Export)
        .where(Export.state == ExportState.READY, Export.expires_at <= now)
        .order_by(Export.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()
