"""When a patrol comes round, and what a check-in may say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.errors import DomainError
from services.grid.patrols.domain import (
    CaseMissing,
    OutsidePeriod,
    PlanFields,
    Seen,
    away,
    check_seen,
    number_at,
    periods,
    start_of,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PLAN = PlanFields(
    "地下空间", "underground", "310101002", None, 1, "months", date(2026, 1, 31), date(2026, 4, 10), None,
    "方案",
)  # fmt: skip
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def test_months_that_are_too_short_and_a_last_day() -> None:
    assert list(periods(PLAN, 0, date(2026, 12, 31))) == [
        (date(2026, 1, 31), date(2026, 2, 27)),
        (date(2026, 2, 28), date(2026, 3, 30)),
        (date(2026, 3, 31), date(2026, 4, 10)),
    ]
    weekly = replace(PLAN, unit="weeks", every=2, last_day=None)
    assert list(periods(weekly, 1, date(2026, 2, 14))) == [(date(2026, 2, 14), date(2026, 2, 27))]


@given(first=DAYS, day=DAYS, every=st.integers(1, 40), unit=st.sampled_from(["days", "weeks", "months"]))
def test_every_day_lies_in_one_period(first: date, day: date, every: int, unit: str) -> None:
    number = number_at(first, every, unit, day)
    if day >= first:
        assert start_of(first, every, unit, number) <= day < start_of(first, every, unit, number + 1)
    else:
        assert number == 0


@pytest.mark.parametrize(
    ("seen", "error"),
    [
        (Seen(NOW, "normal"), None),
        (Seen(NOW, "found", case_id=UUID(int=1)), None),
        (Seen(NOW, "found"), CaseMissing),
        (Seen(NOW, "normal", case_id=UUID(int=1)), CaseMissing),
        (Seen(NOW + timedelta(hours=1), "normal"), OutsidePeriod),
        (Seen(NOW - timedelta(days=1), "normal"), OutsidePeriod),
    ],
)
def test_what_a_check_in_may_say(seen: Seen, error: type[DomainError] | None) -> None:
    period = (date(2026, 11, 23), date(2026, 11, 29))
    if error is None:
        return check_seen(period, seen, NOW)
    with pytest.raises(error):
        check_seen(period, seen, NOW)
    return None


def test_how_far_it_was() -> None:
    assert away((121.47, 31.23), None) is away(None, (121.47, 31.23)) is None
    assert away((121.47, 31.23), (121.47, 31.231)) == pytest.approx(111.2, abs=0.1)
