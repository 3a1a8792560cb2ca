"""Every statement of the directory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.targets.directory.models import KnownArea, KnownUnit


async def units(session: AsyncSession, ids: Collection[UUID]) -> Sequence[KnownUnit]:
    """Those of the units that are known."""
    return (await session.scalars(select(KnownUnit).where(KnownUnit.id.in_(list(ids))))).all()


async def areas(session: AsyncSession, codes: Collection[str]) -> Sequence[KnownArea]:
    """Those of the areas that are known."""
    return (await session.scalars(select(KnownArea).where(KnownArea.code.in_(list(codes))))).all()
