from __future__ import annotations

from itertools import product

import pytest

from libs.common.handover.domain import State as HandoverState
from services.tasks.assignments.domain import AGREES, realigned_state
from services.tasks.tasks.domain import State


@pytest.mark.parametrize(("state", "handover"), list(product(State, HandoverState)))
def test_a_task_that_agrees_stays_and_any_other_follows(state: State, handover: HandoverState) -> None:
    after = realigned_state(state, handover)
    assert after in AGREES[handover]
    assert after is state or state not in AGREES[handover]
