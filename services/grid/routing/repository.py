"""Every statement of the routing read models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.routing.models import KnownDuty, KnownUnit


async def list_duties(
    session: AsyncSession, categories: Iterable[str], areas: Iterable[str]
) -> Sequence[KnownDuty]:
    """The rows for any of the categories in any of the areas."""
    query = select(KnownDuty).where(KnownDuty.category.in_(list(categories)), KnownDuty.area.in_(list(areas)))
    return (await session.scalars(query)).all()


async def list_of_kinds(
    session: AsyncSession, kinds: Iterable[str], areas: Iterable[str]
) -> Sequence[KnownUnit]:
    """The units of these kinds whose area is one of these."""
    query = select(KnownUnit).where(KnownUnit.kind.in_(list(kinds)), KnownUnit.area.in_(list(areas)))
    return (await session.scalars(query)).all()


async def list_units(session: AsyncSession, unit_ids: Iterable[UUID]) -> Sequence[KnownUnit]:
    """The units with these ids."""
    wanted = list(unit_ids)
    return (await session.scalars(select(KnownUnit).where(KnownUnit.id.in_(wanted)))).all() if wanted else []
