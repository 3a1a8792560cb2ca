"""Every statement on the readings of personal data."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.tasks.dossiers.models import TaskAccess


async def find(session: AsyncSession, access_id: UUID) -> TaskAccess | None:
    """The record of a reading."""
    return await session.get(TaskAccess, access_id)


async def add(session: AsyncSession, access: TaskAccess) -> None:
    """Store the record of a reading."""
    session.add(access)
    await session.flush()
