"""What every life cycle must keep, whatever its noun: `check_machine` is called by each domain's tests."""

from __future__ import annotations

from enum import StrEnum
from itertools import product
from typing import TypeVar

import pytest

from libs.common.fsm import IllegalTransition, Machine

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


def check_machine(machine: Machine[S, A]) -> None:
    """Every state × action is in the table or refused; every state can be reached; the ends are closed.

    Also that no state and no action of the two enums is left out of the table.
    """
    states, actions = _members(machine)
    assert machine.states == states, f"{machine.name}: the table leaves out {states - machine.states}"
    assert machine.reachable == states, f"{machine.name}: nothing leads to {states - machine.reachable}"
    assert {action for _, action in machine.table} == actions, f"{machine.name}: an action is never allowed"
    assert machine.finals, f"{machine.name} never ends"
    for state, action in product(states, actions):
        _check_pair(machine, state, action)


def _members(machine: Machine[S, A]) -> tuple[frozenset[S], frozenset[A]]:
    (state, action), *_ = machine.table
    return frozenset(type(state)), frozenset(type(action))


def _check_pair(machine: Machine[S, A], state: S, action: A) -> None:
    legal = (state, action) in machine.table
    assert (action in machine.allowed(state)) is legal
    if legal:
        assert state not in machine.finals
        assert machine.after(state, action) is machine.table[state, action]
        return
    with pytest.raises(IllegalTransition) as caught:
        machine.after(state, action)
    assert caught.value.data["state"] == state.value
    assert caught.value.data["action"] == action.value
