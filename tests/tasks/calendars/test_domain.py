"""A year's days and dates, as tables; the file against the package."""

from __future__ import annotations

from datetime import date

import pytest

from libs.common.calendar import WorkingCalendar, YearNotice
from services.tasks.calendars.domain import (
    CalendarAhead,
    CalendarBeforeLast,
    Override,
    OverrideMisplaced,
    YearRow,
    check_dates,
    check_days,
    notice,
    written,
    year_id,
)

TODAY = date(2026, 11, 23)


def row(*days: str) -> YearRow:
    overrides = tuple(Override(day=date.fromisoformat(day), worked=False, reason="放假") for day in days)
    return YearRow(year=2026, confirmed=True, overrides=overrides, source="通知", effective_from=TODAY)


@pytest.mark.parametrize(
    "days", [("2025-12-31",), ("2026-03-02", "2027-01-01"), ("2026-03-02", "2026-03-02")]
)
def test_a_day_lies_in_its_year_and_stands_there_once(days: tuple[str, ...]) -> None:
    with pytest.raises(OverrideMisplaced) as refused:
        check_days(row(*days))
    assert refused.value.pointer == f"/overrides/{len(days) - 1}/day"
    check_days(row("2026-01-01", "2026-12-31"))


def test_a_change_counts_at_once_and_not_before_the_last() -> None:
    check_dates(TODAY, None, TODAY)
    check_dates(TODAY, TODAY, TODAY)
    with pytest.raises(CalendarAhead):
        check_dates(date(2026, 11, 24), None, TODAY)
    with pytest.raises(CalendarBeforeLast):
        check_dates(date(2026, 11, 22), TODAY, TODAY)


def test_what_is_written_is_read_again_as_the_calendar_needs_it() -> None:
    stored = written(row("2026-03-03", "2026-03-02").overrides)
    assert list(stored) == ["2026-03-02", "2026-03-03"]
    days = {date(2026, 3, 2): False, date(2026, 3, 3): False}
    assert notice(2026, True, stored) == YearNotice(2026, True, days)


def test_a_year_has_one_id_everywhere() -> None:
    assert str(year_id(2026)) == "442a00ac-d0a9-546e-9d2f-56d0994ee777"


@pytest.mark.parametrize(
    ("off", "worked"),
    [
        (("2019-05-01", "2019-05-02", "2019-05-03", "2019-05-04"), ("2019-04-28", "2019-05-05")),
        (("2020-01-31", "2020-02-01", "2020-02-02"), ("2020-01-19", "2020-02-03")),
    ],
)
def test_the_package_knows_what_changed_within_a_year(off: tuple[str, ...], worked: tuple[str, ...]) -> None:
    """Why `calendar.yaml` lists no overrides for 2019 and 2020."""
    calendar = WorkingCalendar()
    assert not any(calendar.is_workday(date.fromisoformat(day)) for day in off)
    assert all(calendar.is_workday(date.fromisoformat(day)) for day in worked)
