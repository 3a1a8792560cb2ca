"""Time: the one reading of it, local days, and the clocks of deadlines (处置时限).

Instants are aware UTC; people and calendars live in Asia/Shanghai. A limit 时限 has an amount and a unit, and
each unit runs only at certain times: always (24×7), inside office hours 工作时, or on workdays 工作日. One
measure of running time serves all: a clock that is suspended and resumed keeps exactly the running time
that it had left. A deadline is the last instant that is still on time.

>>> from datetime import datetime, timezone
>>> friday = datetime(2026, 2, 13, 8, 0, tzinfo=timezone.utc)  # 16:00 in Shanghai
>>> due = due_at(friday, Limit(4, TimeUnit.WORKING_HOURS), WorkingCalendar())
>>> due.astimezone(SHANGHAI).isoformat()  # the Saturday is worked, before the Spring Festival
'2026-02-14T11:30:00+08:00'
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from itertools import count, pairwise, takewhile

from libs.common.calendar import WorkingCalendar
from libs.common.errors import Invalid

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has kept UTC+8 without summer time since 1992: a fixed offset is exact for every date here."""

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
_ZERO = timedelta(0)


def utc_now() -> datetime:
    """The present, aware UTC. Nothing else in the project asks what time it is."""
    return datetime.now(UTC)


def local_date(instant: datetime) -> date:
    """The day that the calendar on the wall in Shanghai shows at the instant."""
    return instant.astimezone(SHANGHAI).date()


def start_of_local_day(day: date) -> datetime:
    """00:00 of the day in Shanghai, as UTC."""
    return _local(day, time.min)


def end_of_local_day(day: date) -> datetime:
    """The last microsecond of the day in Shanghai, as UTC: its local date is still that day."""
    return start_of_local_day(day + _DAY) - _INSTANT


class TimeUnit(StrEnum):
    """What a limit is counted in, as in the cities' tables of 立案、处置、结案标准."""

    URGENT_HOURS = "urgent_hours"  # 紧急工作时: 24×7, from the moment
    URGENT_DAYS = "urgent_days"  # 紧急工作日: 24 hours each, 24×7, from the moment
    NATURAL_HOURS = "natural_hours"  # 自然时: 24×7, from the moment
    CALENDAR_DAYS = "calendar_days"  # 自然日: days of rest count; the start day does not
    WORKING_HOURS = "working_hours"  # 工作时: office hours of workdays
    WORKING_DAYS = "working_days"  # 工作日: workdays; the start day does not count


_WORDS = {
    TimeUnit.URGENT_HOURS: "个紧急工作时",
    TimeUnit.URGENT_DAYS: "个紧急工作日",
    TimeUnit.NATURAL_HOURS: "小时",
    TimeUnit.CALENDAR_DAYS: "个自然日",
    TimeUnit.WORKING_HOURS: "个工作时",
    TimeUnit.WORKING_DAYS: "个工作日",
}
_WHOLE_DAYS = frozenset({TimeUnit.CALENDAR_DAYS, TimeUnit.WORKING_DAYS})
_HOURS = frozenset({TimeUnit.URGENT_HOURS, TimeUnit.NATURAL_HOURS, TimeUnit.WORKING_HOURS})
_ON_WORKDAYS = frozenset({TimeUnit.WORKING_HOURS, TimeUnit.WORKING_DAYS})


class LimitInvalid(Invalid):
    """A limit is a whole number of units from 1 to 10,000."""

    code = "limit-invalid"
    zh = "时限 {amount} 无效，须为 1 至 10000 的整数"
    en = "A limit of {amount} is not valid: give a whole number from 1 to 10,000"


@dataclass(frozen=True)
class Limit:
    """A time limit 时限, such as 5 working days. Raises `LimitInvalid`.

    >>> str(Limit(5, TimeUnit.WORKING_DAYS))
    '5个工作日'
    """

    amount: int
    unit: TimeUnit

    def __post_init__(self) -> None:
        if not 1 <= self.amount <= 10_000:
            raise LimitInvalid(amount=self.amount)

    def __str__(self) -> str:
        return f"{self.amount}{_WORDS[self.unit]}"

    @property
    def span(self) -> timedelta:
        """The limit as running time of its unit: a working day is 24 running hours of a workday."""
        return self.amount * (timedelta(hours=1) if self.unit in _HOURS else _DAY)


class OfficeHoursInvalid(Invalid):
    """Sessions must be in order, without overlap, and not empty."""

    code = "office-hours-invalid"
    zh = "办公时间无效：时段须依次排列且不重叠"
    en = "Office hours are not valid: sessions must follow each other without overlap"


@dataclass(frozen=True)
class OfficeHours:
    """When a unit is open on a workday 办公时间, local time; configured per unit.

    `day_ends` is the time by which a deadline in whole days falls due, or None for 24:00. Raises
    `OfficeHoursInvalid`.
    """

    sessions: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(13), time(17, 30)))
    day_ends: time | None = None

    def __post_init__(self) -> None:
        marks = [mark for session in self.sessions for mark in session]
        if not marks or any(a > b for a, b in pairwise(marks)) or any(a >= b for a, b in self.sessions):
            raise OfficeHoursInvalid()

    def end_of_day(self, day: date) -> datetime:
        """The deadline that falls on the day, as UTC."""
        return end_of_local_day(day) if self.day_ends is None else _local(day, self.day_ends)


OFFICE_HOURS = OfficeHours()
"""Workdays 09:00-12:00 and 13:00-17:30: our assumption where a unit has set nothing else."""


def due_at(
    start: datetime, limit: Limit, calendar: WorkingCalendar, hours: OfficeHours = OFFICE_HOURS
) -> datetime:
    """The deadline, UTC, of a limit that begins at `start`.

    Whole days exclude the start day and end with the day (民法典 art. 201); hours count from the moment,
    office hours from the next opening.
    """
    if limit.unit is TimeUnit.WORKING_DAYS:
        return hours.end_of_day(calendar.add_workdays(local_date(start), limit.amount))
    if limit.unit is TimeUnit.CALENDAR_DAYS:
        return hours.end_of_day(local_date(start) + timedelta(days=limit.amount))
    return _advance(start, limit.span, limit.unit, calendar, hours)


def extend(
    due: datetime, limit: Limit, calendar: WorkingCalendar, hours: OfficeHours = OFFICE_HOURS
) -> datetime:
    """The deadline after an extension 延期: one original limit more than the deadline in force."""
    if limit.unit is TimeUnit.WORKING_DAYS and not calendar.is_workday(local_date(due)):
        return due_at(due, limit, calendar, hours)  # the day of the deadline has become a day of rest
    return _advance(due, limit.span, limit.unit, calendar, hours)


def elapsed(
    start: datetime,
    end: datetime,
    unit: TimeUnit,
    calendar: WorkingCalendar,
    hours: OfficeHours = OFFICE_HOURS,
) -> timedelta:
    """The running time of the unit between two instants; zero if `end` is not later."""
    if unit not in _ON_WORKDAYS:
        return max(end - start, _ZERO)
    total = _ZERO
    sessions = _sessions(local_date(start), unit, calendar, hours)
    for opens, closes in takewhile(lambda session: session[0] < end, sessions):
        total += max(min(closes, end) - max(opens, start), _ZERO)
    return total


def elapsed_working_hours(
    start: datetime, end: datetime, calendar: WorkingCalendar, hours: OfficeHours = OFFICE_HOURS
) -> timedelta:
    """The office time 工作时 between two instants."""
    return elapsed(start, end, TimeUnit.WORKING_HOURS, calendar, hours)


def remaining(
    now: datetime,
    due: datetime,
    unit: TimeUnit,
    calendar: WorkingCalendar,
    hours: OfficeHours = OFFICE_HOURS,
) -> timedelta:
    """The running time that is left until the deadline; zero once it has passed."""
    return elapsed(now, due, unit, calendar, hours)


def due_after_pause(
    due: datetime,
    pause: tuple[datetime, datetime],
    unit: TimeUnit,
    calendar: WorkingCalendar,
    hours: OfficeHours = OFFICE_HOURS,
) -> datetime:
    """The deadline after a suspension 挂账 (`pause` is when it began and when it ended).

    The clock keeps exactly the running time that it had left. What was overdue stays overdue; an end before
    the beginning (two machines' clocks) counts as no pause.
    """
    paused_at, resumed_at = pause
    if resumed_at <= paused_at or is_overdue(paused_at, due):
        return due
    left = remaining(paused_at, due, unit, calendar, hours)
    return max(due, _advance(resumed_at, left, unit, calendar, hours))


def is_overdue(now: datetime, due: datetime) -> bool:
    """Whether the deadline has passed; the deadline itself is still on time."""
    return now > due


def _local(day: date, at: time) -> datetime:
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


def _sessions(
    first: date, unit: TimeUnit, calendar: WorkingCalendar, hours: OfficeHours
) -> Iterator[tuple[datetime, datetime]]:
    """The intervals [opens, closes) in which the unit runs, from the local day on, without end."""
    for ahead in count():
        day = first + timedelta(days=ahead)
        if not calendar.is_workday(day):
            continue
        if unit is TimeUnit.WORKING_DAYS:
            yield start_of_local_day(day), start_of_local_day(day + _DAY)
        else:
            yield from ((_local(day, opens), _local(day, closes)) for opens, closes in hours.sessions)


def _advance(
    start: datetime, span: timedelta, unit: TimeUnit, calendar: WorkingCalendar, hours: OfficeHours
) -> datetime:
    """The earliest instant by which the unit has run for `span` since `start`."""
    if unit not in _ON_WORKDAYS:
        return start + span
    sessions = _sessions(local_date(start), unit, calendar, hours)
    while True:
        opens, closes = next(sessions)
        begins = max(opens, start)
        if closes - begins >= span:
            return begins + span
        span -= max(closes - begins, _ZERO)
