"""Periods and rates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from services.grid.statistics.domain import INDICATORS, Period, PeriodInvalid, Rate
from services.grid.tallies.domain import Measure, Stock


def bounds(since: str, until: str, noon: bool = False) -> tuple[str, str]:
    begins, ends = Period(date.fromisoformat(since), date.fromisoformat(until), noon).checked().bounds
    return begins.isoformat(), ends.isoformat()


def test_an_assessment_year_from_november_to_october() -> None:
    assert bounds("2025-11-01", "2026-10-31") == ("2025-11-01T00:00:00+08:00", "2026-11-01T00:00:00+08:00")


def test_a_day_from_noon_to_noon() -> None:
    assert bounds("2026-11-27", "2026-11-27", True) == (
        "2026-11-26T12:00:00+08:00",
        "2026-11-27T12:00:00+08:00",
    )


@pytest.mark.parametrize("until", ["2026-10-31", "2029-12-01"])
def test_no_period(until: str) -> None:
    with pytest.raises(PeriodInvalid):
        Period(date(2026, 11, 1), date.fromisoformat(until)).checked()


def test_the_same_days_of_last_year() -> None:
    former = Period(date(2024, 2, 29), date(2024, 3, 31)).a_year_before()
    assert (former.since, former.until) == (date(2023, 2, 28), date(2023, 3, 31))


def test_a_rate_is_exact_and_nothing_without_a_whole() -> None:
    assert Rate(Decimal(2), Decimal(3)).value == Decimal("0.6667")
    assert Rate(Decimal(1), Decimal(8)).value == Decimal("0.1250")
    assert Rate(Decimal(0), Decimal(0)).value is None


def test_satisfaction_is_weighed() -> None:
    (satisfied,) = [one for one in INDICATORS if one.code == "satisfied"]
    told = satisfied.of({"satisfied": 5, "fairly_satisfied": 2, "so_so": 1, "dissatisfied": 2})
    assert (told.numerator, told.denominator, told.value) == (Decimal("7.2"), Decimal(10), Decimal("0.72"))


def test_every_part_of_a_formula_is_counted() -> None:
    known = {*Measure, *Stock}
    assert [one.code for one in INDICATORS if {*one.numerator, *one.denominator} - known] == []
    assert len({one.code for one in INDICATORS}) == len(INDICATORS)


def test_noon_days_of_a_month_are_one_stretch() -> None:
    _, ends = Period(date(2026, 11, 1), date(2026, 11, 15), noon=True).bounds
    begins, _ = Period(date(2026, 11, 16), date(2026, 11, 30), noon=True).bounds
    assert ends == begins == datetime.fromisoformat("2026-11-15T12:00:00+08:00")
