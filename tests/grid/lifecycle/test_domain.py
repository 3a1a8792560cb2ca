"""The case's table over every state and action."""

from __future__ import annotations

from libs.common.policy import GRANTS, Role
from services.grid.lifecycle.domain import AFTERWARDS, LIFE, OPEN, PERMISSIONS, CaseAction, CaseState
from tests.support.lifecycles import check_machine


def test_every_state_and_action() -> None:
    check_machine(LIFE)


def test_every_step_of_a_person_has_a_permission_that_somebody_holds() -> None:
    assert set(PERMISSIONS.values()) <= set(GRANTS)


def test_open_states_are_those_that_can_go_on_without_reopening() -> None:
    onward = {state for state in CaseState if LIFE.allowed(state) - AFTERWARDS - {CaseAction.REOPEN}}
    assert onward == set(OPEN)


def test_a_returned_case_cannot_be_closed_by_the_dispatcher() -> None:
    steps = {
        action
        for action in LIFE.allowed(CaseState.RETURNED)
        if action in PERMISSIONS and Role.DISPATCHER in GRANTS[PERMISSIONS[action]]
    }
    assert steps == {
        CaseAction.DISPATCH, CaseAction.DESIGNATE, CaseAction.SEND_BACK, CaseAction.SUPPLEMENT,
        CaseAction.CHANGE_STANDARD, CaseAction.CONVERT, CaseAction.RECALL,
        CaseAction.ESCALATE, CaseAction.STUDY, CaseAction.DECIDE, CaseAction.ASK_APPEAL,
    }  # fmt: skip


def test_units_hold_no_permission_of_grid_cases() -> None:
    units = {Role.UNIT_CLERK, Role.UNIT_LEADER}
    assert not [p for p in PERMISSIONS.values() if units & GRANTS[p]]
