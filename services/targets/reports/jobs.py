"""Timed sweeps of reports."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.service import Job
from services.targets.reports import service


async def expect_reports(session: AsyncSession, now: datetime) -> int:
    """Expect the reports on the periods that have begun; let go of what nobody owes any more."""
    return await service.expect(session, now)


async def mark_missed_reports(session: AsyncSession, now: datetime) -> int:
    """Mark what was not reported by its last day."""
    return await service.mark_missed(session, now)


JOBS = (
    Job("expect_reports", timedelta(minutes=1), expect_reports),
    Job("mark_missed_reports", timedelta(minutes=5), mark_missed_reports),
)
