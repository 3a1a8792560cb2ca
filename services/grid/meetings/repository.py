"""Every statement of the meetings."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.meetings.models import Meeting


async def add(session: AsyncSession, meeting: Meeting) -> None:
    """Keep a meeting."""
    session.add(meeting)
    await session.flush()


async def list_of_case(session: AsyncSession, case_id: UUID) -> Sequence[Meeting]:
    """Every meeting on the case, the first one first."""
    query = select(Meeting).where(Meeting.case_id == case_id).order_by(Meeting.recorded_at, Meeting.id)
    return (await session.scalars(query)).all()
