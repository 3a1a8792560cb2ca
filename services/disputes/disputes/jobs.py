"""Timed sweeps of disputes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.service import Job
from services.disputes.disputes import service


async def mark_overdue_disputes(session: AsyncSession, now: datetime) -> int:
    """Mark the disputes whose tier's limit has passed without a result."""
    return await service.mark_overdue(session, now)


JOBS = (Job("mark_overdue_disputes", timedelta(minutes=1), mark_overdue_disputes),)
