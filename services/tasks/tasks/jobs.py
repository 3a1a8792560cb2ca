"""Timed sweeps of tasks."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.service import Job
from services.tasks.tasks import service


async def mark_overdue_tasks(session: AsyncSession, now: datetime) -> int:
    """Mark the tasks whose deadline in force has passed unanswered."""
    return await service.mark_overdue(session, now)


JOBS = (Job("mark_overdue_tasks", timedelta(minutes=1), mark_overdue_tasks),)
