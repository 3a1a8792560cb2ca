"""Every statement of the directory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.targets.directory.models import KnownArea, KnownUnit


async def put_unit(session: AsyncSession, unit_id: UUID, columns: dict[str, Any]) -> None:
    """The unit as it is now."""
    await session.execute(
        insert(KnownUnit)
        .values(id=unit_id, **columns)
        .on_conflict_do_update(index_elements=[KnownUnit.id], set_=columns)
    )


async def put_area(session: AsyncSession, code: str, columns: dict[str, Any]) -> None:
    """The area as it is now."""
    await session.execute(
        insert(KnownArea)
        .values(code=code, **columns)
        .on_conflict_do_update(index_elements=[KnownArea.code], set_=columns)
    )


async def units(session: AsyncSession, ids: Collection[UUID]) -> Sequence[KnownUnit]:
    """Those of the units that are known."""
    return (await session.scalars(select(KnownUnit).where(KnownUnit.id.in_(list(ids))))).all()


async def areas(session: AsyncSession, codes: Collection[str]) -> Sequence[KnownArea]:
    """Those of the areas that are known."""
    return (await session.scalars(select(KnownArea).where(KnownArea.code.in_(list(codes))))).all()
