"""Deadline clocks: tables of what the units mean, and what must hold for every clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.calendar import WorkingCalendar
from libs.common.clocks import (
    OFFICE_HOURS,
    SHANGHAI,
    Limit,
    LimitInvalid,
    OfficeHours,
    OfficeHoursInvalid,
    TimeUnit,
    due_after_pause,
    due_at,
    elapsed_working_hours,
    end_of_local_day,
    extend,
    is_overdue,
    local_date,
    remaining,
    start_of_local_day,
    utc_now,
)

CALENDAR = WorkingCalendar()
FIVE_O_CLOCK = OfficeHours(sessions=((time(8, 30), time(17)),), day_ends=time(17))

INSTANTS = st.timedeltas(timedelta(0), timedelta(days=3200)).map(datetime(2018, 1, 1, tzinfo=UTC).__add__)
LIMITS = st.builds(Limit, st.integers(1, 20), st.sampled_from(TimeUnit))
SPANS = st.timedeltas(timedelta(0), timedelta(days=40))
HOURS = st.sampled_from([OFFICE_HOURS, FIVE_O_CLOCK])


def shanghai(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI).astimezone(UTC)


def written(instant: datetime) -> str:
    return instant.astimezone(SHANGHAI).replace(tzinfo=None).isoformat(" ", "seconds")


def test_the_present_is_aware_utc() -> None:
    assert utc_now().tzinfo is UTC


def test_local_days_turn_at_sixteen_hours_utc() -> None:
    before, after = datetime(2026, 3, 1, 15, 59, tzinfo=UTC), datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert (local_date(before), local_date(after)) == (date(2026, 3, 1), date(2026, 3, 2))
    assert start_of_local_day(date(2026, 3, 2)) == after
    end = end_of_local_day(date(2026, 3, 1))
    assert local_date(end) == date(2026, 3, 1)
    assert end + timedelta(microseconds=1) == after


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        # Hours that always run count from the moment, over nights and holidays.
        ("2026-02-13 23:00", Limit(2, TimeUnit.URGENT_HOURS), "2026-02-14 01:00:00"),
        ("2026-10-01 10:30", Limit(24, TimeUnit.NATURAL_HOURS), "2026-10-02 10:30:00"),
        ("2026-10-01 10:30", Limit(2, TimeUnit.URGENT_DAYS), "2026-10-03 10:30:00"),
        # Calendar days leave out the start day only.
        ("2026-09-30 10:30", Limit(3, TimeUnit.CALENDAR_DAYS), "2026-10-03 23:59:59"),
        # Working days leave out the start day, weekends and holidays, and count make-up days.
        ("2018-09-27 10:30", Limit(1, TimeUnit.WORKING_DAYS), "2018-09-28 23:59:59"),
        ("2018-09-27 10:30", Limit(5, TimeUnit.WORKING_DAYS), "2018-10-09 23:59:59"),
        ("2026-02-13 23:59", Limit(1, TimeUnit.WORKING_DAYS), "2026-02-14 23:59:59"),
        ("2026-02-14 00:00", Limit(1, TimeUnit.WORKING_DAYS), "2026-02-24 23:59:59"),
        # Office hours: within a session, over lunch, over the night, over the weekend, from outside.
        ("2026-03-02 09:30", Limit(2, TimeUnit.WORKING_HOURS), "2026-03-02 11:30:00"),
        ("2026-03-02 09:00", Limit(3, TimeUnit.WORKING_HOURS), "2026-03-02 12:00:00"),
        ("2026-03-02 11:00", Limit(2, TimeUnit.WORKING_HOURS), "2026-03-02 14:00:00"),
        ("2026-03-02 12:30", Limit(1, TimeUnit.WORKING_HOURS), "2026-03-02 14:00:00"),
        ("2026-03-02 16:30", Limit(4, TimeUnit.WORKING_HOURS), "2026-03-03 12:00:00"),
        ("2026-03-06 17:30", Limit(1, TimeUnit.WORKING_HOURS), "2026-03-09 10:00:00"),
        ("2026-03-07 03:00", Limit(1, TimeUnit.WORKING_HOURS), "2026-03-09 10:00:00"),
        ("2026-02-13 16:00", Limit(4, TimeUnit.WORKING_HOURS), "2026-02-14 11:30:00"),
    ],
)
def test_deadlines(start: str, limit: Limit, due: str) -> None:
    assert written(due_at(shanghai(start), limit, CALENDAR)) == due


@pytest.mark.parametrize(
    ("limit", "due"),
    [
        (Limit(2, TimeUnit.WORKING_DAYS), "2026-03-04 17:00:00"),
        (Limit(6, TimeUnit.CALENDAR_DAYS), "2026-03-08 17:00:00"),
        (Limit(9, TimeUnit.WORKING_HOURS), "2026-03-03 09:00:00"),
    ],
)
def test_deadlines_by_the_hours_of_a_unit(limit: Limit, due: str) -> None:
    assert written(due_at(shanghai("2026-03-02 08:00"), limit, CALENDAR, FIVE_O_CLOCK)) == due


@pytest.mark.parametrize(
    ("limit", "due", "extended"),
    [
        (Limit(5, TimeUnit.WORKING_DAYS), "2026-03-06 17:00", "2026-03-13 17:00:00"),
        (Limit(4, TimeUnit.WORKING_HOURS), "2026-03-06 17:30", "2026-03-09 14:00:00"),
        (Limit(2, TimeUnit.URGENT_HOURS), "2026-03-06 23:30", "2026-03-07 01:30:00"),
        (Limit(3, TimeUnit.CALENDAR_DAYS), "2026-03-06 17:00", "2026-03-09 17:00:00"),
    ],
)
def test_an_extension_adds_one_original_limit(limit: Limit, due: str, extended: str) -> None:
    assert written(extend(shanghai(due), limit, CALENDAR)) == extended


def test_an_extension_from_a_day_that_has_become_a_day_of_rest_ends_with_its_day() -> None:
    off = WorkingCalendar({date(2026, 3, 3): False})
    due = end_of_local_day(date(2026, 3, 3))
    assert extend(due, Limit(1, TimeUnit.WORKING_DAYS), off) == end_of_local_day(date(2026, 3, 4))


@pytest.mark.parametrize(
    ("unit", "pause", "due"),
    [
        (TimeUnit.WORKING_HOURS, ("2026-03-02 11:00", "2026-03-04 16:30"), "2026-03-05 12:00:00"),
        (TimeUnit.WORKING_HOURS, ("2026-03-02 12:05", "2026-03-02 12:55"), "2026-03-02 16:00:00"),
        (TimeUnit.WORKING_DAYS, ("2026-03-02 11:00", "2026-03-07 11:00"), "2026-03-09 05:00:00"),
        (TimeUnit.WORKING_DAYS, ("2026-03-02 11:00", "2026-03-03 11:00"), "2026-03-03 16:00:00"),
        (TimeUnit.NATURAL_HOURS, ("2026-03-02 11:00", "2026-03-03 12:00"), "2026-03-03 17:00:00"),
        (TimeUnit.NATURAL_HOURS, ("2026-03-02 16:01", "2026-03-03 12:00"), "2026-03-02 16:00:00"),
        (TimeUnit.NATURAL_HOURS, ("2026-03-02 11:00", "2026-03-02 10:59"), "2026-03-02 16:00:00"),
    ],
)
def test_a_suspended_clock_keeps_what_it_had_left(unit: TimeUnit, pause: tuple[str, str], due: str) -> None:
    began, ended = map(shanghai, pause)
    assert written(due_after_pause(shanghai("2026-03-02 16:00"), (began, ended), unit, CALENDAR)) == due


def test_the_deadline_itself_is_on_time() -> None:
    due = end_of_local_day(date(2026, 3, 2))
    assert not is_overdue(due, due)
    assert is_overdue(due + timedelta(microseconds=1), due)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-02 08:00", "2026-03-02 20:00", 7.5),
        ("2026-03-02 11:00", "2026-03-02 14:00", 2),
        ("2026-03-06 17:00", "2026-03-09 09:30", 1),
        ("2026-03-07 00:00", "2026-03-08 12:00", 0),
        ("2026-03-03 12:00", "2026-03-02 12:00", 0),
    ],
)
def test_office_time_that_went_by(start: str, end: str, hours: float) -> None:
    went_by = elapsed_working_hours(shanghai(start), shanghai(end), CALENDAR)
    assert went_by == timedelta(hours=hours)


@pytest.mark.parametrize("amount", [0, -1, 10_001])
def test_a_limit_has_a_sensible_amount(amount: int) -> None:
    with pytest.raises(LimitInvalid):
        Limit(amount, TimeUnit.WORKING_DAYS)


@pytest.mark.parametrize("unit", TimeUnit)
def test_a_limit_is_written_for_people(unit: TimeUnit) -> None:
    assert str(Limit(2, unit)).startswith("2")
    assert str(Limit(5, TimeUnit.WORKING_DAYS)) == "5个工作日"


@pytest.mark.parametrize(
    "sessions",
    [
        (),
        ((time(9), time(9)),),
        ((time(12), time(9)),),
        ((time(9), time(13)), (time(12), time(17))),
        ((time(13), time(17)), (time(9), time(12))),
    ],
)
def test_office_hours_follow_each_other(sessions: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(OfficeHoursInvalid):
        OfficeHours(sessions)


@given(INSTANTS, LIMITS, HOURS)
def test_a_deadline_lies_after_its_start(start: datetime, limit: Limit, hours: OfficeHours) -> None:
    due = due_at(start, limit, CALENDAR, hours)
    assert due > start
    assert due.tzinfo is UTC
    assert not is_overdue(start, due)


@given(INSTANTS, SPANS, LIMITS, HOURS)
def test_a_later_start_is_never_due_earlier(
    start: datetime, later: timedelta, limit: Limit, hours: OfficeHours
) -> None:
    assert due_at(start, limit, CALENDAR, hours) <= due_at(start + later, limit, CALENDAR, hours)


@given(INSTANTS, LIMITS, HOURS)
def test_hours_run_out_exactly_at_the_deadline(start: datetime, limit: Limit, hours: OfficeHours) -> None:
    left = remaining(start, due_at(start, limit, CALENDAR, hours), limit.unit, CALENDAR, hours)
    if limit.unit in {TimeUnit.WORKING_DAYS, TimeUnit.CALENDAR_DAYS}:
        assert limit.span - timedelta(days=1) < left < limit.span + timedelta(days=1)
    else:
        assert left == limit.span


@given(INSTANTS, SPANS, SPANS, LIMITS, HOURS)
def test_a_pause_leaves_exactly_the_time_that_was_left(
    start: datetime, before: timedelta, length: timedelta, limit: Limit, hours: OfficeHours
) -> None:
    due = due_at(start, limit, CALENDAR, hours)
    began, ended = start + before, start + before + length
    after = due_after_pause(due, (began, ended), limit.unit, CALENDAR, hours)
    assert after >= due
    assert is_overdue(began, due) <= (after == due)
    left = remaining(began, due, limit.unit, CALENDAR, hours)
    if not is_overdue(began, due):
        assert remaining(ended, after, limit.unit, CALENDAR, hours) == left


@given(INSTANTS, SPANS, LIMITS, HOURS)
def test_a_pause_of_no_length_changes_nothing(
    start: datetime, before: timedelta, limit: Limit, hours: OfficeHours
) -> None:
    due = due_at(start, limit, CALENDAR, hours)
    assert due_after_pause(due, (start + before, start + before), limit.unit, CALENDAR, hours) == due


@given(INSTANTS, LIMITS, HOURS)
def test_a_pause_while_the_office_is_closed_changes_nothing(
    start: datetime, limit: Limit, hours: OfficeHours
) -> None:
    hourly = Limit(limit.amount, TimeUnit.WORKING_HOURS)
    due = due_at(start, hourly, CALENDAR, hours)
    evening = datetime.combine(local_date(start), time(18), SHANGHAI).astimezone(UTC)
    night = (evening, evening + timedelta(hours=12))
    assert due_after_pause(due, night, hourly.unit, CALENDAR, hours) == due


@given(INSTANTS, LIMITS, HOURS)
def test_extending_moves_the_deadline_by_one_limit(start: datetime, limit: Limit, hours: OfficeHours) -> None:
    due = due_at(start, limit, CALENDAR, hours)
    extended = extend(due, limit, CALENDAR, hours)
    assert extended > due
    assert remaining(due, extended, limit.unit, CALENDAR, hours) == limit.span
