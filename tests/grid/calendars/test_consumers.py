"""The calendar's projection: delivered twice it acts once; emptied it is rebuilt by the same events."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, func, select

from libs.common.calendar import WorkingCalendar
from libs.common.contracts.tasks import CalendarChanged
from libs.common.db import Database
from libs.common.ids import new_id
from services.grid.calendars import service
from services.grid.calendars.models import KnownCalendarYear
from tests.grid.factories import MONDAY, deliver


def changed(year: int, overrides: dict[date, bool], *, confirmed: bool = True) -> CalendarChanged:
    return CalendarChanged(
        happened_at=MONDAY, year=year, confirmed=confirmed, overrides=overrides, source="通知",
        effective_from=MONDAY.date(),
    )  # fmt: skip


async def test_delivered_twice_it_is_kept_once_as_it_was_last_told(database: Database) -> None:
    assert await database.read(service.calendar) == WorkingCalendar()
    first, second = {date(2026, 11, 24): False}, {date(2026, 11, 28): True}
    this, next_ = new_id(), new_id()
    await deliver(database, changed(2026, first), this)
    await deliver(database, changed(2027, {}), next_)
    assert await database.read(service.calendar) == WorkingCalendar(first, 2027)
    await deliver(database, changed(2026, second), this, 2)
    await deliver(database, changed(2027, {}, confirmed=False), next_, 2)
    assert await database.read(service.calendar) == WorkingCalendar(second, 2026)
    kept = await database.read(lambda s: s.scalar(select(func.count()).select_from(KnownCalendarYear)))
    assert kept == 2


async def test_emptied_it_is_rebuilt_by_the_same_events(database: Database) -> None:
    days, year = {date(2026, 11, 24): False}, new_id()
    await deliver(database, changed(2026, days), year)
    await database.transact(lambda s: s.execute(delete(KnownCalendarYear)))
    assert await database.read(service.calendar) == WorkingCalendar()
    await deliver(database, changed(2026, days), year, 3)
    assert await database.read(service.calendar) == WorkingCalendar(days)
