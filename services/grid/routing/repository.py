"""Every statement of the routing read models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.routing.models import KnownDuty, KnownUnit


async def put_unit(session: AsyncSession, unit_id: UUID, columns: dict[str, Any]) -> None:
    """The unit as it is now."""
    await session.execute(
        insert(KnownUnit)
        .values(id=unit_id, **columns)
        .on_conflict_do_update(index_elements=[KnownUnit.id], set_=columns)
    )


async def put_duty(session: AsyncSession, duty_id: UUID, columns: dict[str, Any]) -> None:
    """The row of the duty list as it is now."""
    await session.execute(
        insert(KnownDuty)
        .values(id=duty_id, **columns)
        .on_conflict_do_update(index_elements=[KnownDuty.id], set_=columns)
    )


async def list_duties(session: AsyncSession, category: str, areas: Iterable[str]) -> Sequence[KnownDuty]:
    """The rows for the category in any of the areas."""
    query = select(KnownDuty).where(KnownDuty.category == category, KnownDuty.area.in_(list(areas)))
    return (await session.scalars(query)).all()


async def list_units(session: AsyncSession, unit_ids: Iterable[UUID]) -> Sequence[KnownUnit]:
    """The units with these ids."""
    return (await session.scalars(select(KnownUnit).where(KnownUnit.id.in_(list(unit_ids))))).all()
