"""Every statement on the dispute types."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.disputes.types.models import DisputeType, TypeVersion


async def find(session: AsyncSession, code: str) -> DisputeType | None:
    """The type with this code."""
    return await session.scalar(select(DisputeType).where(DisputeType.code == code))


async def find_for_update(session: AsyncSession, code: str) -> DisputeType | None:
    """The same, locked."""
    rows = select(DisputeType).where(DisputeType.code == code).with_for_update()
    return (await session.scalars(rows, execution_options={"populate_existing": True})).one_or_none()


async def list_types(session: AsyncSession) -> Sequence[DisputeType]:
    """All types by code."""
    return (await session.scalars(select(DisputeType).order_by(DisputeType.code))).all()


async def after(session: AsyncSession, limit: int, last: UUID | None) -> Sequence[DisputeType]:
    """The next types by id, locked: for restating."""
    rows = select(DisputeType).order_by(DisputeType.id).limit(limit).with_for_update()
    if last is not None:
        rows = rows.where(DisputeType.id > last)
    return (await session.scalars(rows)).all()


async def versions(session: AsyncSession, codes: Collection[str]) -> Sequence[TypeVersion]:
    """Every version of these types, by code, the last one last."""
    rows = select(TypeVersion).where(TypeVersion.code.in_(codes))
    return (await session.scalars(rows.order_by(TypeVersion.code, TypeVersion.revision))).all()


async def version_on(session: AsyncSession, code: str, day: date) -> TypeVersion | None:
    """The version of the type that is in force on the local day."""
    rows = select(TypeVersion).where(
        TypeVersion.code == code,
        TypeVersion.effective_from <= day,
        or_(TypeVersion.effective_to.is_(None), TypeVersion.effective_to >= day),
    )
    return (await session.scalars(rows)).one_or_none()


async def get_version(session: AsyncSession, version_id: UUID) -> TypeVersion | None:
    """One version of a type."""
    return await session.get(TypeVersion, version_id)


async def add(session: AsyncSession, row: DisputeType | TypeVersion) -> None:
    """Store a new row."""
    session.add(row)
    await session.flush()
