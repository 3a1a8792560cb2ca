"""Use cases of the calendar: look up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.calendar import WorkingCalendar, YearNotice, calendar_of
from services.grid.calendars import repository


async def calendar(session: AsyncSession) -> WorkingCalendar:
    """The calendar by the years in force now; the statutory one alone before any has been heard of.

    A deadline is reckoned by it once, when its clock starts or its limit changes, and an extension or a pause
    when it is granted or ends. A changed year moves no deadline that runs: a running matter keeps what it
    started with. There is a row per year and most are empty: they are read by one short query every time.
    """
    return parsed(await repository.all_as_json(session))


@lru_cache(maxsize=4)
def parsed(told: str) -> WorkingCalendar:
    """The calendar of a JSON array of years: it follows from the text alone, so that it is made once."""
    return calendar_of(_notice(*year) for year in json.loads(told))


def _notice(year: int, confirmed: bool, overrides: Mapping[str, bool]) -> YearNotice:
    return YearNotice(year, confirmed, {date.fromisoformat(day): worked for day, worked in overrides.items()})
