"""Pure machines under any order of steps: a small run here, a large one by `make fuzz`."""

from __future__ import annotations

from collections.abc import Callable

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from libs.common.events.gate import Arrival, GateState, Verdict
from tests.fuzz.budget import Amount
from tests.fuzz.machines import MACHINES, Counted, Stream


@pytest.mark.parametrize("machine", MACHINES)
def test_machine(
    machine: type[Counted], amount: Amount, record_property: Callable[[str, object], None]
) -> None:
    machine.steps, rounds = 0, 0
    chosen = settings(
        max_examples=max(5, min(200, amount.steps // 20)),
        stateful_step_count=50,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    while machine.steps < amount.steps:
        run_state_machine_as_test(hypothesis.seed(amount.seed + rounds)(machine), settings=chosen)
        rounds += 1
    record_property("figures", f"fuzz {machine.__name__}: seed {amount.seed}, {machine.steps} steps")


class Forgetful(Stream):
    """A negative control: a gate that lets repeats through."""

    def judge(self, known: GateState | None, arrival: Arrival) -> Verdict:
        """Whatever comes is applied."""
        return Verdict.APPLY


def test_the_machine_can_turn_red() -> None:
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Forgetful, settings=settings(deadline=None, database=None, phases=[Phase.generate])
        )
