"""Use case of the terms: look up. Most steps need both parts, so that they are read by one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.calendar import WorkingCalendar
from libs.common.clocks import Limit, due_at
from services.grid.calendars import service as calendars
from services.grid.rules import service as rules
from services.grid.rules.domain import Rules
from services.grid.terms import repository


@dataclass(frozen=True)
class Terms:
    """The rules and the calendar in force now (规则与日历)."""

    rules: Rules
    calendar: WorkingCalendar

    def due(self, since: datetime, limit: Limit) -> datetime:
        """By when something that begins then is due, UTC."""
        return due_at(since, limit, self.calendar)


async def terms(session: AsyncSession) -> Terms:
    """What deadlines are reckoned by, as it stands."""
    told, years = await repository.rules_and_years(session)
    return Terms(rules.parsed(told), calendars.parsed(years))
