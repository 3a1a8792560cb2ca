"""Use case of reminders: tell. Nothing here commits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.cases import CaseDueSoon
from services.grid.cases import service as cases
from services.grid.cases.service import By
from services.grid.lifecycle.domain import CaseAction
from services.grid.reminders import repository
from services.grid.rules import service as rules


async def tell_due_soon(session: AsyncSession, now: datetime, limit: int = 200) -> int:
    """Tell of running cases whose deadline is near (临期提醒), as the rule `soon` says. Answers how many."""
    near = await repository.list_due_soon(session, (await rules.rules(session)).soon, now, limit)
    for case in near:
        step = cases.begin(case, CaseAction.MARK_DUE_SOON, By(cases.GRID, now))
        case.soon_mark = case.due_at
        await cases.finish(session, step, CaseDueSoon)
    return len(near)
