"""Use cases of the level's clock: note, follow. Nothing here commits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.levels.domain import Clock as Clock
from services.grid.levels.domain import moved, next_call, time_at
from services.grid.terms.service import Terms, terms


def clock_of(case: Any) -> Clock:
    """The clock as it stands."""
    return Clock(case.level, case.due_at, case.escalate_at)


async def follow(session: AsyncSession, case: Any, before: Clock, now: datetime) -> None:
    """Set the case's level clock, if the step that was just taken moved it."""
    if case.level is not None and moved(before, clock_of(case)):
        set_clock(case, await terms(session), now)


def set_clock(case: Any, found: Terms, now: datetime) -> None:
    """Let the case's level have its time from now on."""
    limit = time_at(found.rules, case.level)
    case.escalate_at = next_call(case.due_at, found.due(now, limit), now) if limit else None
