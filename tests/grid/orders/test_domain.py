"""The order's table, and its clocks under any sequence of steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.calendar import WorkingCalendar
from libs.common.clocks import Limit, TimeUnit, due_at
from libs.common.fsm import IllegalTransition
from services.grid.orders.domain import (
    ENDED,
    LIFE,
    OPEN,
    Clock,
    OrderAction,
    OrderState,
    marks_due,
    next_mark,
)
from tests.support.lifecycles import check_machine

MONDAY = datetime(2026, 11, 23, 2, tzinfo=UTC)
SOON = timedelta(hours=15)
CALENDAR = WorkingCalendar()
A = OrderAction


@dataclass
class Order:
    """What the clocks read, and nothing else."""

    state: str
    contact_due_at: datetime
    reply_due_at: datetime | None
    contact_recorded_at: datetime | None = None
    contact_soon_at: datetime | None = None
    contact_overdue_at: datetime | None = None
    reply_soon_at: datetime | None = None
    reply_overdue_at: datetime | None = None


def working_days(since: datetime, days: int) -> datetime:
    return due_at(since, Limit(days, TimeUnit.WORKING_DAYS), CALENDAR)


def new_order(now: datetime = MONDAY) -> Order:
    return Order(OrderState.RECEIVED, working_days(now, 1), working_days(now, 5))


def sweep(order: Order, now: datetime) -> list[tuple[Clock, bool]]:
    """What a sweep tells now."""
    told = marks_due(order, SOON, now)
    for mark in told:
        setattr(order, f"{mark.clock.value}_{'overdue' if mark.overdue else 'soon'}_at", now)
    return [(mark.clock, mark.overdue) for mark in told]


def test_every_state_and_action() -> None:
    check_machine(LIFE)
    assert {state for state in OrderState if A.MARK in LIFE.allowed(state)} == set(OPEN)
    assert LIFE.finals < set(ENDED)


def test_each_clock_tells_of_itself_twice_and_in_order() -> None:
    order = new_order()
    due = order.contact_due_at
    assert next_mark(order, SOON) == due - SOON
    assert sweep(order, due - SOON - timedelta(microseconds=1)) == []
    assert sweep(order, due - SOON) == [(Clock.CONTACT, False)]
    assert sweep(order, due) == [], "the deadline itself is still on time"
    assert sweep(order, due + timedelta(microseconds=1)) == [(Clock.CONTACT, True)]
    order.contact_recorded_at = due
    assert next_mark(order, SOON) == (order.reply_due_at or due) - SOON
    late = (order.reply_due_at or due) + timedelta(days=9)
    assert sweep(order, late) == [(Clock.REPLY, True)], "what is overdue is no longer due soon"
    assert next_mark(order, SOON) is None


def test_in_mediation_and_after_the_reply_no_clock_of_the_reply_runs() -> None:
    order = new_order()
    order.contact_recorded_at, order.reply_due_at = MONDAY, None
    assert next_mark(order, SOON) is None
    replied = new_order()
    replied.state = OrderState.REPLIED
    assert next_mark(replied, SOON) is None


STEPS = st.lists(
    st.tuples(st.sampled_from(OrderAction), st.integers(0, 72)), min_size=1, max_size=60
)  # fmt: skip


@settings(max_examples=150, deadline=None, derandomize=True)
@given(STEPS)
def test_any_sequence_keeps_the_table_and_tells_each_deadline_once(steps: list[tuple[A, int]]) -> None:
    order, now = new_order(), MONDAY
    told: list[tuple[Clock, bool, datetime | None]] = []
    for action, hours in steps:
        now += timedelta(hours=hours)
        for clock, overdue in sweep(order, now):
            due = order.contact_due_at if clock is Clock.CONTACT else order.reply_due_at
            told.append((clock, overdue, due))
            assert due is not None
            assert (now > due) is overdue
        _take(order, action, now)
        _check(order, now)
    assert len(told) == len(set(told)), "a deadline was told of twice"


def _take(order: Order, action: A, now: datetime) -> None:
    """The step, as the services take it, or its refusal."""
    before = order.state
    try:
        order.state = LIFE.after(OrderState(before), action)
    except IllegalTransition:
        assert (OrderState(before), action) not in LIFE.table
        return
    if action is A.CONTACT:
        order.contact_recorded_at = order.contact_recorded_at or now
    changed = {A.GRANT_EXTENSION: working_days(now, 15), A.REDO: working_days(now, 3), A.INTERIM_REPLY: None}
    if action in changed:
        order.reply_due_at = changed[action]
        order.reply_soon_at = order.reply_overdue_at = None


def _check(order: Order, now: datetime) -> None:
    following = next_mark(order, SOON)
    runs = order.state in OPEN
    owed = {
        "contact": order.contact_recorded_at is None and order.contact_overdue_at is None,
        "reply": order.reply_due_at is not None and order.reply_overdue_at is None,
    }
    assert (following is not None) == (runs and any(owed.values()))
    if following is not None and following > now:
        assert marks_due(order, SOON, now) == []
    if order.state in (OrderState.RETURNED, OrderState.LINKED):
        assert following is None
