"""Every statement of the repair orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Boolean, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.tasks.tasks.domain import UNANSWERED
from services.tasks.tasks.service import Task, in_states


async def claim_absent(session: AsyncSession, now: datetime, limit: int) -> Sequence[Task]:
    """Repair orders to which nobody has come by the deadline, unmarked, locked; what is worked on waits."""
    rows = (
        select(Task)
        .where(
            Task.arrive_due_at < now,
            literal_column(in_states(UNANSWERED), Boolean()),
            Task.arrived_at.is_(None),
            Task.arrival_overdue_at.is_(None),
            Task.suspended_at.is_(None),
        )
        .order_by(Task.arrive_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(rows)).all()
