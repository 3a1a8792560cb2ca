"""The calendar against the State Council's notices, typed here by hand, and against its own inverse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.calendar import CONFIRMED_THROUGH, WorkingCalendar, YearNotice, calendar_of

CALENDAR = WorkingCalendar()
DAYS = st.dates(date(2018, 1, 1), date(2027, 12, 31))

# 国务院办公厅关于部分节假日安排的通知: days off as "month-day/month-day" or one day, and make-up workdays.
NOTICES = {
    2018: (
        "1-1 2-15/2-21 4-5/4-7 4-29/5-1 6-16/6-18 9-22/9-24 10-1/10-7 12-30/12-31",
        "2-11 2-24 4-8 4-28 9-29 9-30 12-29",
    ),
    2019: (
        "1-1 2-4/2-10 4-5/4-7 5-1/5-4 6-7/6-9 9-13/9-15 10-1/10-7",
        "2-2 2-3 4-28 5-5 9-29 10-12",
    ),
    2020: (
        "1-1 1-24/2-2 4-4/4-6 5-1/5-5 6-25/6-27 10-1/10-8",
        "1-19 4-26 5-9 6-28 9-27 10-10",
    ),
    2021: (
        "1-1/1-3 2-11/2-17 4-3/4-5 5-1/5-5 6-12/6-14 9-19/9-21 10-1/10-7",
        "2-7 2-20 4-25 5-8 9-18 9-26 10-9",
    ),
    2022: (
        "1-1/1-3 1-31/2-6 4-3/4-5 4-30/5-4 6-3/6-5 9-10/9-12 10-1/10-7 12-31",
        "1-29 1-30 4-2 4-24 5-7 10-8 10-9",
    ),
    2023: (
        "1-1/1-2 1-21/1-27 4-5 4-29/5-3 6-22/6-24 9-29/10-6 12-30/12-31",
        "1-28 1-29 4-23 5-6 6-25 10-7 10-8",
    ),
    2024: (
        "1-1 2-10/2-17 4-4/4-6 5-1/5-5 6-8/6-10 9-15/9-17 10-1/10-7",
        "2-4 2-18 4-7 4-28 5-11 9-14 9-29 10-12",
    ),
    2025: (
        "1-1 1-28/2-4 4-4/4-6 5-1/5-5 5-31/6-2 10-1/10-8",
        "1-26 2-8 4-27 9-28 10-11",
    ),
    2026: (
        "1-1/1-3 2-15/2-23 4-4/4-6 5-1/5-5 6-19/6-21 9-25/9-27 10-1/10-7",
        "1-4 2-14 2-28 5-9 9-20 10-10",
    ),
}
WORKDAYS = {2018: 250, 2019: 250, 2020: 249, 2024: 251, 2025: 248, 2026: 248}


def days_of(year: int, written: str) -> Iterator[date]:
    for span in written.split():
        first, _, last = span.partition("/")
        day, end = (date(year, *map(int, mark.split("-"))) for mark in (first, last or first))
        while day <= end:
            yield day
            day += timedelta(days=1)


@pytest.mark.parametrize("year", NOTICES)
def test_every_day_is_as_the_notice_says(year: int) -> None:
    off, made_up = (set(days_of(year, written)) for written in NOTICES[year])
    for day in days_of(year, "1-1/12-31"):
        worked = day in made_up or (day.weekday() < 5 and day not in off)
        assert CALENDAR.is_workday(day) == worked, day
        assert not CALENDAR.is_provisional(day)


@pytest.mark.parametrize(("year", "count"), list(WORKDAYS.items()))
def test_workdays_of_a_year(year: int, count: int) -> None:
    assert CALENDAR.workdays_of(year) == count


@pytest.mark.parametrize(
    ("start", "one", "five", "fifteen"),
    [
        ("2018-09-27", "2018-09-28", "2018-10-09", "2018-10-23"),
        ("2019-04-30", "2019-05-05", "2019-05-09", "2019-05-23"),
        ("2020-01-22", "2020-01-23", "2020-02-06", "2020-02-20"),
        ("2026-02-13", "2026-02-14", "2026-02-27", "2026-03-12"),
    ],
)
def test_golden_dates_of_one_five_and_fifteen_workdays(start: str, one: str, five: str, fifteen: str) -> None:
    day = date.fromisoformat(start)
    ends = [CALENDAR.add_workdays(day, count).isoformat() for count in (1, 5, 15)]
    assert ends == [one, five, fifteen]
    assert CALENDAR.next_workday(day).isoformat() == one


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2018-09-07", 30, "2018-10-08"),  # the 30th day lies in the National Day holiday
        ("2018-09-07", 5, "2018-09-12"),
        ("2026-02-05", 9, "2026-02-14"),  # a Saturday that is worked
        ("2026-02-06", 9, "2026-02-24"),
    ],
)
def test_statutory_periods_in_days(start: str, days: int, end: str) -> None:
    assert CALENDAR.end_of_days(date.fromisoformat(start), days).isoformat() == end


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2025-10-15", 3, "2026-01-15"),
        ("2025-12-31", 2, "2026-02-28"),  # a Saturday that is worked
        ("2025-02-15", 12, "2026-02-24"),  # Spring Festival
        ("2024-02-29", 12, "2025-02-28"),
    ],
)
def test_statutory_periods_in_months(start: str, months: int, end: str) -> None:
    assert CALENDAR.end_of_months(date.fromisoformat(start), months).isoformat() == end


def test_later_years_are_provisional_until_their_notice_is_loaded() -> None:
    new_year, made_up = date(2027, 1, 1), date(2027, 1, 3)
    assert not CALENDAR.is_workday(new_year)
    assert CALENDAR.is_provisional(new_year)
    loaded = WorkingCalendar({made_up: True}, confirmed_through=2027)
    assert loaded.is_workday(made_up)
    assert not loaded.is_provisional(new_year)


def test_overrides_win_over_the_package_and_are_facts() -> None:
    workday, holiday, later = date(2026, 3, 2), date(2026, 10, 1), date(2027, 3, 1)
    changed = WorkingCalendar({workday: False, holiday: True, later: False})
    assert not changed.is_workday(workday)
    assert changed.is_workday(holiday)
    assert not changed.is_provisional(later)
    assert changed.on_or_after(workday) == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("confirmed", "through"),
    [
        ({}, CONFIRMED_THROUGH),
        ({2026: True}, 2026),
        ({2027: True, 2028: True}, 2028),
        ({2027: False, 2028: True}, 2026),
        ({2028: True}, 2026),
        ({2025: False, 2026: True, 2027: True}, 2024),
        ({2018: False}, 2017),
        ({2017: False}, 2026),
    ],
)
def test_it_is_confirmed_up_to_the_first_year_that_is_not(confirmed: dict[int, bool], through: int) -> None:
    calendar = calendar_of(YearNotice(year, said) for year, said in confirmed.items())
    assert calendar.confirmed_through == through


def test_the_days_of_every_notice_count() -> None:
    first, second = {date(2026, 3, 2): False}, {date(2027, 3, 7): True}
    calendar = calendar_of([YearNotice(2027, True, second), YearNotice(2026, True, first)])
    assert calendar == WorkingCalendar(first | second, 2027)
    assert calendar_of([]) == WorkingCalendar()


@given(DAYS, st.integers(1, 60))
def test_adding_and_counting_are_inverse(day: date, count: int) -> None:
    end = CALENDAR.add_workdays(day, count)
    assert CALENDAR.is_workday(end)
    assert CALENDAR.workdays_between(day, end) == count
    assert CALENDAR.workdays_between(end, day) == 0
    back = CALENDAR.add_workdays(end, -count)
    assert back <= day
    assert CALENDAR.add_workdays(back, count) == end


@given(DAYS)
def test_no_workdays_is_the_day_itself(day: date) -> None:
    assert CALENDAR.add_workdays(day, 0) == day
    assert CALENDAR.on_or_after(day) == (day if CALENDAR.is_workday(day) else CALENDAR.next_workday(day))
