"""The working-day calendar 工作日历: weekends, statutory holidays and make-up workdays 调休上班.

Days come from the `holidays` package behind this interface; what the State Council changes later is data
(`overrides`, owned by the `tasks` service). Days are local dates in China (Asia/Shanghai).

>>> from datetime import date
>>> calendar = WorkingCalendar()
>>> calendar.add_workdays(date(2019, 4, 30), 1)  # a Sunday that is worked
datetime.date(2019, 5, 5)
>>> calendar.end_of_days(date(2018, 9, 7), 30)  # 2018-10-07 is a holiday
datetime.date(2018, 10, 8)
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import count

from holidays import country_holidays

CONFIRMED_THROUGH = 2026
"""The last year whose State Council notice (国务院办公厅关于部分节假日安排的通知) the package holds."""

EXACT_FROM = 2018
"""The first year whose days are checked against the notices here."""

_DAY = timedelta(days=1)


@cache
def _exceptions(year: int) -> Mapping[date, bool]:
    """The days of the year that differ from "Monday to Friday is worked", with whether they are worked.

    The neighbouring years are asked too: a notice may move the last days of the year before it.
    """
    china = country_holidays("CN", years=(year - 1, year, year + 1))
    off = dict.fromkeys((day for day in china if day.year == year), False)
    made_up = dict.fromkeys((day for day in china.weekend_workdays if day.year == year), True)
    return off | made_up


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are worked. `overrides` says so day by day (True: worked) and wins over the package.

    After `confirmed_through` (a year) the statutory holidays are estimates without make-up days, until
    the notice, which comes about November, is loaded as overrides and the year is raised.
    """

    overrides: Mapping[date, bool] = field(default_factory=dict)
    confirmed_through: int = CONFIRMED_THROUGH

    def is_workday(self, day: date) -> bool:
        """Whether the day is worked (工作日), make-up days included."""
        worked = self.overrides.get(day)
        if worked is None:
            worked = _exceptions(day.year).get(day)
        return day.weekday() < 5 if worked is None else worked

    def is_provisional(self, day: date) -> bool:
        """Whether the answer for the day may still change: no notice for its year has been loaded."""
        return day.year > self.confirmed_through and day not in self.overrides

    def next_workday(self, day: date) -> date:
        """The first workday after the day."""
        return self.add_workdays(day, 1)

    def on_or_after(self, day: date) -> date:
        """The day itself if it is worked, else the next workday."""
        return day if self.is_workday(day) else self.next_workday(day)

    def add_workdays(self, day: date, count: int) -> date:
        """The `count`-th workday after the day, which is not counted itself; before it if negative."""
        step = _DAY if count > 0 else -_DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def workdays_between(self, start: date, end: date) -> int:
        """How many workdays lie after `start` up to and including `end`; 0 if `end` is not later."""
        days = range(1, (end - start).days + 1)
        return sum(self.is_workday(start + timedelta(days=ahead)) for ahead in days)

    def workdays_of(self, year: int) -> int:
        """How many workdays the year has."""
        return self.workdays_between(date(year - 1, 12, 31), date(year, 12, 31))

    def end_of_days(self, start: date, days: int) -> date:
        """The last day of a statutory period in days 法定期间 (民法典 arts. 200-204, 民事诉讼法 art. 85).

        The start day is not counted; a last day of rest gives way to the next workday.
        """
        return self.on_or_after(start + timedelta(days=days))

    def end_of_months(self, start: date, months: int) -> date:
        """The last day of a statutory period in months (a year is 12), by the same articles.

        It ends on the same day number, or on the last day of a month that has no such day.
        """
        years, month = divmod(start.month - 1 + months, 12)
        year, month = start.year + years, month + 1
        last = monthrange(year, month)[1]
        return self.on_or_after(date(year, month, min(start.day, last)))


@dataclass(frozen=True)
class YearNotice:
    """What is known of a year beside the package (年度安排).

    `confirmed`: its notice is loaded. `overrides`: the days that differ from the package (True: worked).
    """

    year: int
    confirmed: bool
    overrides: Mapping[date, bool] = field(default_factory=dict)


def calendar_of(notices: Iterable[YearNotice]) -> WorkingCalendar:
    """The calendar by these notices; of a year without one the package's word holds.

    It is confirmed up to the first year that is not.

    >>> calendar_of([YearNotice(2027, True, {date(2027, 1, 3): True})]).confirmed_through
    2027
    """
    known = {notice.year: notice for notice in notices}
    confirmed = {year: notice.confirmed for year, notice in known.items()}
    years = count(EXACT_FROM - 1)
    through = next(year for year in years if not confirmed.get(year + 1, year < CONFIRMED_THROUGH))
    overrides = {day: worked for notice in known.values() for day, worked in notice.overrides.items()}
    return WorkingCalendar(overrides, through)
