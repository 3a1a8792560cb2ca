"""Every statement of reminders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.cases.service import Case
from services.grid.lifecycle.domain import WITH_HANDLER, CaseState
from services.grid.rules.domain import Soon

_NEAR = text(
    "due_at - (due_at - clock_started_at) * CAST(:percent AS int) / 100 <= CAST(:now AS timestamptz)"
)


async def list_due_soon(session: AsyncSession, rule: Soon, now: datetime, limit: int) -> Sequence[Case]:
    """Running cases whose deadline is near and was not told of, the nearest first, locked."""
    query = (
        select(Case)
        .where(
            Case.state.in_([*WITH_HANDLER, CaseState.RETURNED]),
            Case.due_at >= now,
            Case.due_at <= now + timedelta(hours=rule.hours),
            _NEAR.bindparams(percent=rule.percent, now=now),
            Case.soon_mark.is_distinct_from(Case.due_at),
        )
        .order_by(Case.due_at, Case.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()
