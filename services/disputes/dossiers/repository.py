"""Every statement on the readings of personal data."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.disputes.dossiers.models import DisputeAccess


async def find(session: AsyncSession, access_id: UUID) -> DisputeAccess | None:
    """The record of a reading."""
    return await session.get(DisputeAccess, access_id)


async def add(session: AsyncSession, access: DisputeAccess) -> None:
    """Store the record of a reading."""
    session.add(access)
    await session.flush()
