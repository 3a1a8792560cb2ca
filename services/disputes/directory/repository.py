"""Every statement of the read models."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.disputes.directory.models import KnownArea, KnownUnit


async def list_units(session: AsyncSession, unit_ids: Collection[UUID]) -> Sequence[KnownUnit]:
    """The units with these ids."""
    return (await session.scalars(select(KnownUnit).where(KnownUnit.id.in_(unit_ids)))).all()


async def list_areas(session: AsyncSession, codes: Collection[str]) -> Sequence[KnownArea]:
    """The areas with these codes."""
    return (await session.scalars(select(KnownArea).where(KnownArea.code.in_(codes)))).all()
