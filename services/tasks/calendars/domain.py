"""A year of the working-day calendar: which days may be said to differ, and when a change counts. Pure.

The days themselves are reckoned by `libs.common.calendar`.

>>> year_id(2026) == year_id(2026) != year_id(2027)
True
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from libs.common.calendar import YearNotice
from libs.common.errors import Conflict, Invalid

NAMESPACE = UUID("0b1d5c1c-6a53-5f0e-8f5e-3c4b7a9d2e60")
"""Namespace of the ids of years: a year has the same id everywhere."""


class OverrideMisplaced(Invalid):
    """A day that lies in another year or stands there twice (调整日期不属于本年度或重复)."""

    code = "calendar-day-misplaced"
    zh = "调整日期 {day} 不属于 {year} 年或重复"
    en = "The day {day} does not lie in {year} or stands there twice"


class CalendarAhead(Invalid):
    """A changed year counts at once: its date cannot lie ahead (生效日期不得晚于今天)."""

    code = "effective-date-ahead"
    zh = "日历修改即时生效，生效日期不得晚于今天 {today}"
    en = "A changed calendar counts at once: its effective date cannot be later than today, {today}"


class CalendarBeforeLast(Conflict):
    """A change cannot take effect before the one that it replaces (生效日期早于上一版)."""

    code = "effective-date-not-later"
    zh = "生效日期不得早于上一版的 {last}"
    en = "The effective date must not be earlier than that of the last change, {last}"


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Override(_File):
    """A day that differs from the package's statutory calendar (调整日期)."""

    day: date
    worked: bool
    reason: str


class YearRow(_File):
    """One year as the file or an administrator gives it (年度安排). `effective_from`: day of the notice."""

    year: int
    confirmed: bool
    overrides: tuple[Override, ...] = ()
    source: str
    effective_from: date


class CalendarFile(_File):
    """`calendar.yaml`."""

    years: tuple[YearRow, ...]


def year_id(year: int) -> UUID:
    """The id of the year's aggregate."""
    return uuid5(NAMESPACE, str(year))


def check_days(row: YearRow) -> None:
    """Raise `OverrideMisplaced` for a day outside the year or named twice."""
    seen = set[date]()
    for place, override in enumerate(row.overrides):
        if override.day.year != row.year or override.day in seen:
            pointer = f"/overrides/{place}/day"
            raise OverrideMisplaced(day=override.day.isoformat(), year=row.year, pointer=pointer)
        seen.add(override.day)


def check_dates(effective_from: date, last: date | None, today: date) -> None:
    """Raise `CalendarAhead` or `CalendarBeforeLast`; days in Shanghai."""
    if effective_from > today:
        raise CalendarAhead(today=today.isoformat(), pointer="/effective_from")
    if last is not None and effective_from < last:
        raise CalendarBeforeLast(last=last.isoformat(), pointer="/effective_from")


def written(overrides: Iterable[Override]) -> dict[str, Any]:
    """The overrides as they are stored, in the order of their days."""
    ordered = sorted(overrides, key=lambda override: override.day)
    return {each.day.isoformat(): {"worked": each.worked, "reason": each.reason} for each in ordered}


def notice(year: int, confirmed: bool, stored: dict[str, Any]) -> YearNotice:
    """The stored year as the calendar reads it."""
    overrides = {date.fromisoformat(day): bool(told["worked"]) for day, told in stored.items()}
    return YearNotice(year, confirmed, overrides)
