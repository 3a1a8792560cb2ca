from __future__ import annotations

import pytest

from libs.common.handover.domain import State as HandoverState
from services.tasks.supervisions.domain import LIFE, Action, State, allowed, ending, realigned
from services.tasks.tasks.domain import State as TaskState
from tests.support.lifecycles import check_machine


def test_every_state_and_action() -> None:
    check_machine(LIFE)


def test_the_office_decides_on_what_is_proposed_and_on_nothing_else() -> None:
    assert allowed(State.PROPOSED) == [Action.ISSUE, Action.NOT_ISSUE]
    assert not [state for state in State if state is not State.PROPOSED and allowed(state)]


@pytest.mark.parametrize(
    ("task", "action"),
    [
        (TaskState.CLOSED, Action.CLOSE),
        (TaskState.RETURNED, Action.LAPSE),
        (TaskState.WITHDRAWN, Action.LAPSE),
    ],
)
def test_it_closes_with_a_closed_task_only(task: TaskState, action: Action) -> None:
    assert ending(task) is action


@pytest.mark.parametrize(
    ("state", "handover", "result", "expected"),
    [
        (State.PROPOSED, HandoverState.REQUESTED, None, None),
        (State.PROPOSED, HandoverState.WITHDRAWN, None, Action.WITHDRAW),
        (State.PROPOSED, HandoverState.ACCEPTED, "not-issued", Action.NOT_ISSUE),
        (State.PROPOSED, HandoverState.ACCEPTED, "issued", None),
        (State.ISSUED, HandoverState.WITHDRAWN, None, None),
        (State.CLOSED, HandoverState.ACCEPTED, "issued", None),
    ],
)
def test_what_the_proposers_word_means_for_a_lost_decision(
    state: State, handover: HandoverState, result: str | None, expected: Action | None
) -> None:
    assert realigned(state, handover, result) is expected
