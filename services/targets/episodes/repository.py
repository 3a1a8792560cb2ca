"""Every statement on lights and episodes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.targets.episodes.models import Episode, TargetLight


@dataclass(frozen=True)
class LightFilter:
    """What a list of lights is narrowed to; `area` is a prefix of the code."""

    light: str | None = None
    plan_id: UUID | None = None
    area: str | None = None


async def lights(session: AsyncSession, target_ids: Collection[UUID]) -> dict[UUID, TargetLight]:
    """The present lights of the targets, locked."""
    rows = select(TargetLight).where(TargetLight.target_id.in_(list(target_ids))).order_by(TargetLight.id)
    return {row.target_id: row for row in await session.scalars(rows.with_for_update())}


async def oldest(session: AsyncSession, target_ids: Collection[UUID]) -> tuple[int, datetime | None]:
    """How many of the targets have a light, and when the oldest one was computed."""
    rows = select(func.count(), func.min(TargetLight.computed_at)).where(
        TargetLight.target_id.in_(list(target_ids))
    )
    count, computed_at = (await session.execute(rows)).one()
    return count, computed_at


async def touch(session: AsyncSession, target_ids: Collection[UUID], now: datetime) -> None:
    """Note that the lights were computed."""
    rows = update(TargetLight).where(TargetLight.target_id.in_(list(target_ids))).values(computed_at=now)
    await session.execute(rows)


async def list_lights(
    session: AsyncSession, narrow: LightFilter, limit: int, last: str | None
) -> Sequence[TargetLight]:
    """Present lights by the target's code."""
    rows = select(TargetLight)
    if narrow.light:
        rows = rows.where(TargetLight.light == narrow.light)
    if narrow.plan_id:
        rows = rows.where(TargetLight.plan_id == narrow.plan_id)
    if narrow.area:
        rows = rows.where(TargetLight.area.startswith(narrow.area, autoescape=True))
    if last is not None:
        rows = rows.where(TargetLight.code > last)
    return (await session.scalars(rows.order_by(TargetLight.code).limit(limit))).all()


async def open_of(session: AsyncSession, target_ids: Collection[UUID]) -> dict[UUID, Episode]:
    """The open episodes of the targets, locked."""
    rows = select(Episode).where(Episode.target_id.in_(list(target_ids)), Episode.closed_at.is_(None))
    return {row.target_id: row for row in await session.scalars(rows.with_for_update())}


async def of_handover(session: AsyncSession, handover_id: UUID) -> Episode | None:
    """The episode of the handover, locked."""
    rows = select(Episode).where(Episode.handover_id == handover_id).with_for_update()
    return (await session.scalars(rows, execution_options={"populate_existing": True})).one_or_none()


async def of_target(session: AsyncSession, target_id: UUID) -> Sequence[Episode]:
    """The episodes of the target, the first one first."""
    rows = select(Episode).where(Episode.target_id == target_id)
    return (await session.scalars(rows.order_by(Episode.opened_at, Episode.id))).all()
