"""Use cases of the calendar: load, change, look up, restate. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.calendar import WorkingCalendar, calendar_of
from libs.common.clocks import local_date, utc_now
from libs.common.contracts.tasks import CalendarChanged
from libs.common.events.record import Change, record, restate
from libs.common.policy import Actor, system_actor
from libs.common.versions import Stale
from services.tasks.calendars import repository
from services.tasks.calendars.domain import (
    CalendarFile,
    Override,
    YearRow,
    check_dates,
    check_days,
    notice,
    written,
    year_id,
)
from services.tasks.calendars.models import CalendarYear

TASKS = system_actor("tasks")


@dataclass(frozen=True)
class YearView:
    """A year with what follows from it; version 0 and no source where nothing has been entered."""

    year: int
    version: int
    confirmed: bool
    provisional: bool
    workdays: int
    overrides: tuple[Override, ...] = ()
    source: str | None = None
    effective_from: date | None = None


async def calendar(session: AsyncSession) -> WorkingCalendar:
    """The calendar by the years in force now. Deadlines that run already keep what they were reckoned by.

    There is a row per year and most are empty: reading them costs one short query and needs no cache.
    """
    return _calendar(await repository.list_years(session))


async def read(session: AsyncSession, year: int) -> YearView:
    """The year, whether or not anything has been entered for it."""
    rows = await repository.list_years(session)
    days = _calendar(rows)
    row = next((row for row in rows if row.year == year), None)
    provisional, workdays = year > days.confirmed_through, days.workdays_of(year)
    if row is None:
        return YearView(year, 0, not provisional, provisional, workdays)
    overrides = tuple(Override(day=date.fromisoformat(day), **told) for day, told in row.overrides.items())
    return YearView(
        year, row.version, row.confirmed, provisional, workdays, overrides, row.source, row.effective_from
    )


async def change(
    session: AsyncSession, row: YearRow, *, expect: int, actor: Actor, now: datetime
) -> YearView:
    """Enter or change a year, at once (录入或修改年度安排); `expect` is 0 for one that is not there yet.

    What stands there already is a repeat and changes nothing. Raises `Stale`, `OverrideMisplaced`,
    `CalendarAhead`, `CalendarBeforeLast`.
    """
    check_days(row)
    present = await repository.lock_year(session, row.year)
    if present is None or not _same(present, row):
        version = present.version if present else 0
        if version != expect:
            raise Stale(current=version, given=expect)
        check_dates(row.effective_from, present.effective_from if present else None, local_date(now))
        await _put(session, present, row, actor, now)
    return await read(session, row.year)


async def load(session: AsyncSession, folder: Path) -> str:
    """Load `calendar.yaml`. A year that was changed on or after the file's date stays."""
    file = CalendarFile.model_validate(yaml.safe_load((folder / "calendar.yaml").read_text("utf-8")))
    changed = 0
    for row in file.years:
        check_days(row)
        present = await repository.lock_year(session, row.year)
        if present is None or present.effective_from < row.effective_from:
            await _put(session, present, row, TASKS, utc_now())
            changed += 1
    return f"{len(file.years)} years of the calendar: {changed} changed"


async def restate_calendar(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next years stand. Answers the last id, None at the end."""
    rows = await repository.list_after(session, after, limit)
    for row in rows:
        await restate(session, row, _state(row, utc_now()), actor=TASKS)
    return rows[-1].id if rows else None


def _calendar(rows: Sequence[CalendarYear]) -> WorkingCalendar:
    return calendar_of(notice(row.year, row.confirmed, row.overrides) for row in rows)


def _same(present: CalendarYear, row: YearRow) -> bool:
    there = present.confirmed, present.overrides, present.source, present.effective_from
    return there == (row.confirmed, written(row.overrides), row.source, row.effective_from)


async def _put(
    session: AsyncSession, present: CalendarYear | None, row: YearRow, actor: Actor, now: datetime
) -> None:
    before = None if present is None else {"confirmed": present.confirmed, "overrides": present.overrides}
    if present is None:
        present = CalendarYear(id=year_id(row.year), year=row.year, version=0)
        session.add(present)
    present.confirmed, present.overrides = row.confirmed, written(row.overrides)
    present.source, present.effective_from = row.source, row.effective_from
    after = {"confirmed": present.confirmed, "overrides": present.overrides}
    step = Change("change-calendar", fields={"from": before, "to": after})
    await record(session, present, _state(present, now), actor=actor, now=now, change=step)


def _state(row: CalendarYear, now: datetime) -> CalendarChanged:
    told = notice(row.year, row.confirmed, row.overrides)
    return CalendarChanged(
        happened_at=now, year=row.year, confirmed=row.confirmed, overrides=dict(told.overrides),
        source=row.source, effective_from=row.effective_from,
    )  # fmt: skip
