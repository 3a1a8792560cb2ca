from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from libs.common.ids import new_id
from services.targets.reports.domain import (
    LIFE,
    Asked,
    OwnReport,
    Period,
    Rhythm,
    TooEarly,
    check_accepter,
    check_begun,
    counts_from,
    periods,
    report_id,
)
from tests.support.lifecycles import check_machine

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def asked(rhythm: Rhythm, since: date = date.min, **overrides: Any) -> Asked:
    values: dict[str, Any] = {"first": YEAR[0], "last": YEAR[1], "days": 5}
    return Asked(rhythm, since=since, **(values | overrides))


def test_the_life_of_a_report() -> None:
    check_machine(LIFE)


@pytest.mark.parametrize(
    ("rhythm", "today", "ends"),
    [
        (Rhythm.MONTH, date(2026, 3, 1), ["2026-01-31", "2026-02-28", "2026-03-31"]),
        (Rhythm.QUARTER, date(2026, 6, 30), ["2026-03-31", "2026-06-30"]),
        (Rhythm.HALF_YEAR, date(2026, 7, 1), ["2026-06-30", "2026-12-31"]),
        (Rhythm.YEAR, date(2027, 7, 1), ["2026-12-31"]),
        (Rhythm.ONCE, date(2026, 7, 1), ["2026-12-31"]),
        (Rhythm.MONTH, date(2025, 12, 31), []),
    ],
)
def test_periods_that_have_begun(rhythm: Rhythm, today: date, ends: list[str]) -> None:
    found = list(periods(asked(rhythm), today))
    assert [str(period.last) for period in found] == ends
    assert all((period.due_on - period.last).days == 5 for period in found)


def test_periods_are_those_of_the_calendar_cut_where_the_share_begins_and_ends() -> None:
    cut = asked(Rhythm.QUARTER, first=date(2026, 2, 10), last=date(2026, 8, 20))
    found = [(str(p.first), str(p.last)) for p in periods(cut, date(2026, 12, 1))]
    assert found == [
        ("2026-02-10", "2026-03-31"), ("2026-04-01", "2026-06-30"), ("2026-07-01", "2026-08-20"),
    ]  # fmt: skip


def test_without_an_end_periods_go_on() -> None:
    endless = asked(Rhythm.YEAR, last=None)
    assert [p.last.year for p in periods(endless, date(2028, 1, 1))] == [2026, 2027, 2028]
    once = asked(Rhythm.ONCE, last=None)
    assert [str(p.last) for p in periods(once, date(2026, 5, 1))] == ["2026-12-31"]


def test_what_was_over_before_anybody_was_asked_is_told_once() -> None:
    late = asked(Rhythm.MONTH, since=date(2026, 11, 23))
    assert list(periods(late, date(2026, 12, 1))) == [
        Period(date(2026, 1, 1), date(2026, 10, 31), date(2026, 11, 28)),
        Period(date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 5)),
        Period(date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 5)),
    ]


def test_a_figure_counts_from_the_periods_end_or_its_earlier_acceptance() -> None:
    assert counts_from(date(2026, 10, 31), date(2026, 11, 3)) == date(2026, 10, 31)
    assert counts_from(date(2026, 11, 30), date(2026, 11, 24)) == date(2026, 11, 24)


def test_a_report_is_expected_once() -> None:
    share = new_id()
    assert report_id(share, YEAR[0]) == report_id(share, YEAR[0])
    assert report_id(share, YEAR[0]) != report_id(share, YEAR[1])


def test_nobody_accepts_what_they_or_their_unit_reported() -> None:
    unit, other = new_id(), new_id()
    check_accepter("officer", other, "clerk", unit)
    for subject, unit_id in (("clerk", None), ("officer", unit)):
        with pytest.raises(OwnReport):
            check_accepter(subject, unit_id, "clerk", unit)


def test_a_period_that_has_not_begun_is_not_reported() -> None:
    check_begun(date(2026, 11, 1), date(2026, 11, 1))
    with pytest.raises(TooEarly):
        check_begun(date(2026, 12, 1), date(2026, 11, 30))
