from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from libs.common.fsm import IllegalTransition
from services.tasks.tasks.domain import (
    LIFE,
    OPEN,
    Action,
    CheckedByGrid,
    DeadlineNotLater,
    MayNotReturn,
    MayNotSignOff,
    OwnWork,
    PersonAssigned,
    State,
    check_direct,
    check_later,
    check_return,
    check_sign_off,
    check_verifier,
    designated_state,
    on_time,
)
from tests.support.lifecycles import check_machine
from tests.tasks.factories import MONDAY

A, B = UUID(int=1), UUID(int=2)
HOUR = timedelta(hours=1)


def test_the_life_cycle_is_whole() -> None:
    check_machine(LIFE)
    assert LIFE.finals == {State.CLOSED, State.RETURNED, State.WITHDRAWN}
    assert frozenset(OPEN) == LIFE.states - LIFE.finals


def test_a_task_is_never_closed_without_a_check() -> None:
    closing = {(state, action) for (state, action), after in LIFE.table.items() if after is State.CLOSED}
    assert closing == {(State.DONE, Action.ACCEPT), (State.VERIFIED, Action.CLOSE)}


@pytest.mark.parametrize(
    ("assignee", "designated", "reworks", "error"),
    [("x", False, 0, PersonAssigned), (None, True, 0, MayNotReturn), (None, False, 1, MayNotReturn)],
)
def test_a_return_is_refused(
    assignee: str | None, designated: bool, reworks: int, error: type[Exception]
) -> None:
    check_return(None, False, 0)
    with pytest.raises(error):
        check_return(assignee, designated, reworks)


@pytest.mark.parametrize(
    ("leads", "signers", "author", "may"),
    [
        (True, (), "clerk", True),
        (False, ("me", "chief"), "clerk", True),
        (False, ("chief",), "clerk", False),
        (True, (), "me", False),  # nobody is registered: another leader may well exist
        (True, ("me", "deputy"), "me", False),
        (True, ("me",), "me", True),  # nobody else could
        (False, ("me",), "me", True),
    ],
)
def test_the_leader_or_a_deputy_signs_off_what_another_wrote(
    leads: bool, signers: tuple[str, ...], author: str, may: bool
) -> None:
    if may:
        check_sign_off(leads, signers, "me", author)
        return
    with pytest.raises(MayNotSignOff):
        check_sign_off(leads, signers, "me", author)


@pytest.mark.parametrize(("subject", "unit"), [("doer", None), ("stranger", A)])
def test_nobody_verifies_the_own_work_or_that_of_the_own_unit(subject: str, unit: UUID | None) -> None:
    check_verifier("stranger", B, {"doer"}, A)
    with pytest.raises(OwnWork):
        check_verifier(subject, unit, {"doer"}, A)


def test_a_case_is_checked_by_grid() -> None:
    check_direct("direct")
    with pytest.raises(CheckedByGrid):
        check_direct("case")


def test_a_deadline_lies_ahead_of_now_and_of_the_one_in_force() -> None:
    check_later(None, MONDAY)
    check_later(MONDAY + HOUR, MONDAY)
    for due, in_force in ((MONDAY, None), (MONDAY + HOUR, MONDAY + 2 * HOUR)):
        with pytest.raises(DeadlineNotLater):
            check_later(due, MONDAY, in_force)


def test_a_signature_once_given_holds_after_a_designation() -> None:
    assert designated_state(State.RETURNING, signed=True) is State.SIGNED
    assert designated_state(State.RETURNING, signed=False) is State.ASSIGNED
    assert designated_state(State.WORKING, signed=True) is State.WORKING
    with pytest.raises(IllegalTransition):
        designated_state(State.CLOSED, signed=True)


def test_an_answer_is_on_time_by_the_deadline_while_the_clock_runs() -> None:
    assert on_time(MONDAY, None, None) is None
    assert on_time(MONDAY, MONDAY, None) is True
    assert on_time(MONDAY + HOUR, MONDAY, None) is False
    assert on_time(MONDAY + 2 * HOUR, MONDAY + HOUR, MONDAY) is True
