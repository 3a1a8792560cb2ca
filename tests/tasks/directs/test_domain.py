from __future__ import annotations

import pytest

from services.tasks.directs.domain import NotWithUnit, check_clock, check_extension, check_with_unit
from services.tasks.tasks.domain import UNANSWERED, ClockState, ExtensionPending, State
from tests.tasks.factories import MONDAY


@pytest.mark.parametrize("state", list(State))
def test_only_a_task_at_work_in_its_unit_is_steered(state: State) -> None:
    if state in UNANSWERED:
        check_with_unit(state)
        return
    with pytest.raises(NotWithUnit):
        check_with_unit(state)


def test_an_extension_is_decided_only_if_one_is_asked_for() -> None:
    check_extension(MONDAY)
    with pytest.raises(ExtensionPending):
        check_extension(None)


def test_a_clock_is_stopped_once_and_started_once() -> None:
    assert check_clock(MONDAY, suspended=True) == MONDAY
    assert check_clock(None, suspended=False) is None
    for since, suspended in ((None, True), (MONDAY, False)):
        with pytest.raises(ClockState):
            check_clock(since, suspended=suspended)
