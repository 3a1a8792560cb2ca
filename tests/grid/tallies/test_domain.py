"""What an event adds to the counts."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.grid.tallies.domain import CASES, ORDERS, Fact, Measure, Standing, Stock, counted, half_day

NINE = datetime.fromisoformat("2026-11-23T09:00:00+08:00")
CASE = {
    "area": "310101002001001", "category": "0202", "channel": "inspector", "unit_id": None, "level": None,
    "round": 1, "state": "reported", "due_at": None,
}  # fmt: skip
ORDER = {"area": "310101002001001", "channel": "12345", "round": 1, "state": "received"}


def after(*events: tuple[str, dict[str, Any]], of: str = CASES) -> Counter[str]:
    """The counts after these events, an hour apart."""
    standing, sums = Standing(), Counter[str]()
    base = CASE if of == CASES else ORDER
    for hour, (verb, told) in enumerate(events):
        standing, more = counted(standing, Fact(of, verb, NINE + timedelta(hours=hour), {**base, **told}))
        sums.update({str(one.what): 0 for one in more})
        for one in more:
            sums[str(one.what)] += one.n
    return +sums


def due(hour: float) -> str:
    return (NINE + timedelta(hours=hour)).isoformat()


HANDLING: dict[str, Any] = {"state": "handling", "due_at": due(10)}
LATE: dict[str, Any] = {"state": "handling", "due_at": due(0.5)}
ANSWERED: dict[str, Any] = {"state": "checking", "on_time": True, "outcome": "solved"}


def test_filing_anew_counts_once_and_a_new_round_again() -> None:
    told = after(
        ("reported", {}), ("filed", {"state": "filed"}), ("sent-back", {"state": "accepted"}),
        ("filed", {"state": "filed"}), ("closed", {"state": "closed", "on_time": True}),
        ("reopened", {"state": "filed", "round": 2}), ("filed", {"state": "filed", "round": 2}),
    )  # fmt: skip
    assert (told[Measure.FILED], told[Measure.CLOSED], told[Measure.REOPENED], told[Stock.OPEN]) == (
        2,
        1,
        1,
        1,
    )


def test_extensions_returns_and_rework_count_every_time() -> None:
    failed: dict[str, Any] = {**HANDLING, "passed": False}
    twice = [("extended", HANDLING), ("returned", {**HANDLING, "state": "returned"}), ("checked", failed)] * 2
    told = after(*twice)
    assert [told[one] for one in (Measure.EXTENDED, Measure.RETURNED, Measure.REWORKED)] == [2, 2, 2]
    assert after(("checked", {"state": "checked", "passed": True}))[Measure.REWORKED] == 0


def test_overdue_stands_until_it_is_answered_and_falls_due_once() -> None:
    told = after(("started", HANDLING), ("overdue", LATE), ("urged", LATE))
    assert (told[Measure.FELL_DUE], told[Stock.OVERDUE]) == (1, 1)
    told = after(("overdue", LATE), ("answered", {**ANSWERED, "on_time": False}))
    assert (told[Measure.ANSWERED], told[Measure.ANSWERED_ON_TIME], told[Stock.OVERDUE]) == (1, 0, 0)


def test_an_extension_ends_it_and_what_was_answered_on_time_never_falls_due() -> None:
    assert after(("overdue", LATE), ("extended", HANDLING))[Stock.OVERDUE] == 0
    told = after(("answered", ANSWERED), ("checked", {**LATE, "passed": False}))
    assert (told[Measure.ANSWERED_ON_TIME], told[Measure.FELL_DUE], told[Stock.OVERDUE]) == (1, 0, 1)


@pytest.mark.parametrize(
    "after_all",
    [
        [("answered", {**ANSWERED, "due_at": due(0.5)})],  # submitted before, heard after the sweep
        [
            ("extended", HANDLING),
            ("answered", {**ANSWERED, "due_at": due(10)}),
        ],  # asked before, granted after
    ],
)
def test_what_was_in_time_after_all_is_due_once(after_all: list[tuple[str, dict[str, Any]]]) -> None:
    told = after(("overdue", LATE), *after_all)
    assert (told[Measure.ANSWERED_ON_TIME], told[Measure.FELL_DUE], told[Stock.OVERDUE]) == (1, 0, 0)


def test_what_fell_due_is_taken_back_where_it_was_counted_and_may_fall_due_again() -> None:
    standing, counts = counted(Standing(), Fact(CASES, "overdue", NINE + timedelta(days=3), {**CASE, **LATE}))
    later = {**CASE, "state": "handling", "due_at": due(96), "category": "0303"}
    standing, more = counted(standing, Fact(CASES, "extended", NINE + timedelta(hours=80), later))
    (fell,) = [one for one in counts if one.what == Measure.FELL_DUE]
    (back,) = [one for one in more if one.what == Measure.FELL_DUE]
    assert (back.n, back.at, back.under) == (-1, fell.at, fell.under)
    _, last = counted(standing, Fact(CASES, "overdue", NINE + timedelta(hours=97), later))
    (again,) = [one for one in last if one.what == Measure.FELL_DUE]
    assert (again.n, again.at, again.under.category) == (1, datetime.fromisoformat(due(96)), "0303")


EXCUSED: dict[str, Any] = {"of_round": 1, "excused": True}


def test_what_is_excused_is_counted_beside_what_fell_due_and_where() -> None:
    told = after(("overdue", LATE), ("appeal-asked", LATE), ("appeal-granted", {**LATE, **EXCUSED}))
    assert [told[one] for one in (Measure.FELL_DUE, Measure.EXCUSED)] == [1, 1]
    assert [told[one] for one in (Stock.OVERDUE, Stock.OVERDUE_EXCUSED)] == [1, 1]
    standing, counts = counted(Standing(), Fact(CASES, "overdue", NINE + timedelta(days=3), {**CASE, **LATE}))
    moved = {**CASE, **LATE, **EXCUSED, "unit_id": "another"}
    _, more = counted(standing, Fact(CASES, "appeal-granted", NINE + timedelta(days=9), moved))
    (fell,) = [one for one in counts if one.what == Measure.FELL_DUE]
    (excused,) = [one for one in more if one.what == Measure.EXCUSED]
    assert (excused.at, excused.under, excused.n) == (fell.at, fell.under, 1)


def test_what_is_excused_before_and_after_it_is_closed_is_left_out_once() -> None:
    answered = ("answered", {**ANSWERED, "on_time": False, "due_at": due(0.5)})
    closed: dict[str, Any] = {"state": "closed", "on_time": False}
    before = after(
        ("overdue", LATE), ("appeal-granted", {**LATE, **EXCUSED}),
        (answered[0], {**answered[1], "excused": True}), ("closed", {**closed, "excused": True}),
        ("rated", {**closed, "excused": True, "satisfaction": "satisfied"}),
    )  # fmt: skip
    behind = after(("overdue", LATE), answered, ("closed", closed), ("appeal-granted", {**closed, **EXCUSED}))
    for told in (before, behind):
        assert (told[Measure.EXCUSED], told[Measure.CLOSED_EXCUSED], told[Measure.FELL_DUE]) == (1, 1, 1)
        assert (told[Stock.OVERDUE], told[Stock.OVERDUE_EXCUSED], told[Measure.CLOSED_ON_TIME]) == (0, 0, 0)


def test_a_mark_that_is_taken_off_takes_its_excuse_with_it() -> None:
    granted = ("appeal-granted", {**LATE, **EXCUSED})
    told = after(("overdue", LATE), granted, ("extended", HANDLING))
    assert not {Measure.FELL_DUE, Measure.EXCUSED, Stock.OVERDUE_EXCUSED} & told.keys()
    told = after(("overdue", LATE), granted, ("answered", {**ANSWERED, "due_at": due(5)}))
    assert (told[Measure.ANSWERED_ON_TIME], told[Measure.EXCUSED]) == (1, 0)


def test_an_appeal_of_a_round_that_is_over_counts_for_that_round() -> None:
    closed: dict[str, Any] = {"state": "closed", "on_time": False}
    again: dict[str, Any] = {"state": "filed", "round": 2}
    told = after(
        ("started", HANDLING), ("overdue", LATE), ("closed", closed), ("reopened", again),
        ("appeal-granted", {**again, "of_round": 1}), ("filed", again),
        ("overdue", {**LATE, "round": 2, "due_at": due(2)}), ("closed", {**closed, "round": 2}),
    )  # fmt: skip
    assert (told[Measure.FELL_DUE], told[Measure.EXCUSED]) == (2, 1)
    assert (told[Measure.CLOSED], told[Measure.CLOSED_EXCUSED]) == (2, 1)


def test_work_that_came_in_time_and_is_late_after_rework_is_excused_at_its_closing_only() -> None:
    told = after(
        ("answered", ANSWERED), ("checked", {**LATE, "passed": False}), ("overdue", LATE),
        ("appeal-granted", {**LATE, **EXCUSED}), ("closed", {"state": "closed", "excused": True}),
    )  # fmt: skip
    assert (told[Measure.ANSWERED_ON_TIME], told[Measure.FELL_DUE], told[Measure.EXCUSED]) == (1, 0, 0)
    assert told[Measure.CLOSED_EXCUSED] == 1


def test_refused_and_pending_appeals_change_nothing() -> None:
    plain = after(("started", HANDLING), ("overdue", LATE))
    assert (
        after(("started", HANDLING), ("overdue", LATE), ("appeal-asked", LATE), ("appeal-refused", LATE))
        == plain
    )


def test_every_reporter_of_a_round_is_counted() -> None:
    closed: dict[str, Any] = {"state": "closed", "on_time": True}
    ratings = ("satisfied", "fairly_satisfied", "dissatisfied", "satisfied", None)
    told = after(*(("rated", {**closed, "satisfaction": one}) for one in ratings))
    assert told == Counter(
        cases_satisfied=2, cases_fairly_satisfied=1, cases_dissatisfied=1, cases_not_rated=1
    )


def test_a_late_answer_that_came_before_the_sweep_fell_due_too() -> None:
    told = after(("started", HANDLING), ("answered", {**ANSWERED, "on_time": False, "due_at": due(0.5)}))
    assert (told[Measure.ANSWERED], told[Measure.FELL_DUE], told[Stock.OVERDUE]) == (1, 1, 0)


def test_it_falls_due_and_stands_overdue_from_when_it_was_due_and_not_when_that_was_seen() -> None:
    _, counts = counted(Standing(), Fact(CASES, "overdue", NINE + timedelta(days=3), {**CASE, **LATE}))
    found = {str(one.what): one.at for one in counts}
    assert found[Measure.FELL_DUE] == found[Stock.OVERDUE] == datetime.fromisoformat(due(0.5))


def test_work_sent_back_after_its_deadline_stands_overdue_from_then_only() -> None:
    standing, _ = counted(Standing(), Fact(CASES, "answered", NINE, {**CASE, **ANSWERED}))
    failed = {**CASE, **LATE, "passed": False}
    _, counts = counted(standing, Fact(CASES, "checked", NINE + timedelta(days=1), failed))
    (found,) = [one for one in counts if one.what == Stock.OVERDUE]
    assert found.at == NINE + timedelta(days=1)


def test_what_stands_moves_with_its_category_and_unit() -> None:
    first, counts = counted(Standing(), Fact(CASES, "reported", NINE, CASE))
    _, more = counted(first, Fact(CASES, "filed", NINE, {**CASE, "state": "filed", "category": "0303"}))
    moved = [(one.under.category, one.n) for one in more if one.what == Stock.OPEN]
    assert moved == [("0202", -1), ("0303", 1)]
    assert [one.under.area for one in counts] == ["310101002001"] * 2


@pytest.mark.parametrize(("level", "below"), [("workstation", 1), ("subdistrict", 0), (None, 0)])
def test_closed_below_the_subdistrict(level: str | None, below: int) -> None:
    told = after(("closed", {"state": "closed", "on_time": True, "level": level}))
    assert (told[Measure.CLOSED], told[Measure.CLOSED_BELOW]) == (1, below)


def test_orders() -> None:
    told = after(
        ("received", {}), ("contacted", {"reached": False, "on_time": True}),
        ("contacted", {"reached": True, "on_time": False}),
        ("replied", {"result": "solved", "on_time": True}),
        ("called-back", {"contacted": True, "satisfaction": "so_so"}),
        ("redone", {"round": 2}), ("replied", {"round": 2, "result": "explained", "on_time": None}),
        ("called-back", {"round": 2, "contacted": None, "satisfaction": None}), of=ORDERS,
    )  # fmt: skip
    assert told == Counter(
        orders_received=1, contacted=1, contacted_on_time=1, replied=2, replied_on_time=1, solved=1,
        explained=1, said_contacted=1, so_so=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("at", "half"),
    [
        ("2026-11-23T00:00:00+08:00", "2026-11-23T00:00:00+08:00"),
        ("2026-11-23T11:59:59+08:00", "2026-11-23T00:00:00+08:00"),
        ("2026-11-23T04:00:00+00:00", "2026-11-23T12:00:00+08:00"),
        ("2026-11-22T16:00:00+00:00", "2026-11-23T00:00:00+08:00"),
    ],
)
def test_half_days_begin_at_midnight_and_noon_in_china(at: str, half: str) -> None:
    assert half_day(datetime.fromisoformat(at)) == datetime.fromisoformat(half)
