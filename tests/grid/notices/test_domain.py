"""Who is told what and when, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from libs.common.fsm import IllegalTransition
from services.grid.notices.domain import (
    LIFE,
    Fact,
    NoticeAction,
    NoticeState,
    Told,
    When,
    Why,
    is_stale,
    quiet_until,
    staff_of,
    when,
    whom,
)
from services.grid.rules.publicity import Noticing
from services.grid.shifts.domain import Posted

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
RULE = Noticing(channels=("public",), many=2, minutes=10)
CASE: Any = SimpleNamespace(
    id=UUID(int=7), area="310101002001001", channel="public", reported_by="inspector-1"
)
THERE = [
    Posted("far", "dispatcher", "3101", NOW),
    Posted("b", "dispatcher", "310101002", NOW),
    Posted("a", "dispatcher", "310101002", NOW),
    Posted("elsewhere", "dispatcher", "310101003", NOW),
    Posted("chief", "duty_chief", "310101", NOW),
]


def fact(verb: str, actor: str = "x", **changed: Any) -> Fact:
    return Fact(1, UUID(int=1), CASE.id, verb, NOW, actor, {}, changed)


@pytest.mark.parametrize("state", NoticeState)
@pytest.mark.parametrize("action", NoticeAction)
def test_life(state: NoticeState, action: NoticeAction) -> None:
    if (state, action) in LIFE.table:
        assert LIFE.after(state, action) in NoticeState
    else:
        with pytest.raises(IllegalTransition):
            LIFE.after(state, action)
    assert LIFE.reachable == set(NoticeState)
    assert LIFE.finals == {NoticeState.SENT}


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        (20, None),  # Shanghai hours
        (21, (24, 8)),
        (23, (24, 8)),
        (0, (23, 8)),
        (7, (23, 8)),
        (8, None),
        (12, None),
    ],
)
def test_quiet_hours_over_midnight(hour: int, expected: tuple[int, int] | None) -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hour - 8)
    until = quiet_until(at, RULE)
    wanted = expected and datetime(2026, 11, expected[0], tzinfo=UTC) + timedelta(hours=expected[1] - 8)
    assert until == wanted


def test_quiet_hours_by_day() -> None:
    rule = RULE.model_copy(
        update={
            "quiet_from": datetime.min.time().replace(hour=12),
            "quiet_to": datetime.min.time().replace(hour=13),
        }
    )
    assert quiet_until(NOW + timedelta(hours=2, minutes=30), rule) == NOW + timedelta(hours=3)
    assert quiet_until(NOW, rule) is None


@pytest.mark.parametrize(
    ("now", "told", "urgent", "can_gather", "expected"),
    [
        (NOW, Told(), False, True, When(NOW)),
        (NOW, Told(1), False, True, When(NOW)),
        (NOW, Told(2), False, True, When(NOW + timedelta(minutes=10), gathered=True)),
        (NOW, Told(9, NOW + timedelta(minutes=4)), False, True, When(NOW + timedelta(minutes=4), True)),
        (NOW, Told(9), True, True, When(NOW)),
        (NOW, Told(9), False, False, When(NOW)),
        # 22:00 in Shanghai: what can wait is told at eight, with all that has gathered.
        (NOW + timedelta(hours=12), Told(), False, True, When(NOW + timedelta(hours=22))),
        (NOW + timedelta(hours=12), Told(5), False, True, When(NOW + timedelta(hours=22), True)),
        (NOW + timedelta(hours=12), Told(5), True, True, When(NOW + timedelta(hours=12))),
    ],
)
def test_when(now: datetime, told: Told, urgent: bool, can_gather: bool, expected: When) -> None:
    assert when(now, RULE, told, urgent=urgent, can_gather=can_gather) == expected


@pytest.mark.parametrize(
    ("told", "reachable", "expected"),
    [
        (fact("reported"), True, [("received", f"case:{CASE.id}")]),
        (fact("reported"), False, []),
        (fact("rejected"), True, [("rejected", f"case:{CASE.id}"), ("rejected", "inspector-1")]),
        (fact("rejected", actor="inspector-1"), False, []),
        (fact("check-assigned", inspector="inspector-3"), True, [("to_check", "inspector-3")]),
        (fact("handed-over", handler="inspector-4"), True, [("handed_over", "inspector-4")]),
        (fact("handed-over", handler=None), True, []),
        (fact("verification-requested", inspector="key:1"), True, []),
        (fact("returned"), True, [("returned", "a"), ("returned", "b")]),
        (fact("overdue"), True, [("overdue", "a"), ("overdue", "b"), ("overdue", "chief")]),
    ],
)
def test_whom(told: Fact, reachable: bool, expected: list[tuple[str, str]]) -> None:
    found = whom(told, CASE, reachable=reachable, there=THERE, rule=RULE)
    assert [(one.occasion, one.person) for one in found] == expected


def test_whom_of_a_channel_that_tells_its_own_callers() -> None:
    hotline: Any = SimpleNamespace(**vars(CASE) | {"channel": "12345"})
    assert whom(fact("closed"), hotline, reachable=True, there=[], rule=RULE) == []


def test_nobody_on_duty_is_on_record() -> None:
    (one,) = whom(fact("returned"), CASE, reachable=True, there=[], rule=RULE)
    assert (one.person, one.why_not) == ("", Why.NOBODY_ON_DUTY)


def test_the_nearest_on_duty() -> None:
    assert staff_of("310101004", "dispatcher", THERE) == ["far"]
    assert staff_of("310107", "duty_chief", THERE) == []


@pytest.mark.parametrize(("hours", "stale"), [(23, False), (24, False), (25, True)])
def test_stale(hours: int, stale: bool) -> None:
    assert is_stale(NOW - timedelta(hours=hours), NOW, RULE) is stale
