from __future__ import annotations

from enum import StrEnum

import pytest

from libs.common.errors import Conflict
from libs.common.fsm import IllegalTransition, Machine
from tests.support.lifecycles import check_machine


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    WALLED = "walled"


class Hand(StrEnum):
    PUSH = "push"
    PULL = "pull"
    BRICK = "brick"


TABLE = {
    (Door.OPEN, Hand.PUSH): Door.SHUT,
    (Door.SHUT, Hand.PULL): Door.OPEN,
    (Door.SHUT, Hand.BRICK): Door.WALLED,
}
DOOR = Machine(name="door", initial=Door.OPEN, table=TABLE)


def test_a_sound_life_cycle() -> None:
    check_machine(DOOR)
    assert DOOR.states == frozenset(Door)
    assert DOOR.finals == {Door.WALLED}
    assert DOOR.allowed(Door.SHUT) == {Hand.PULL, Hand.BRICK}
    assert DOOR.allowed(Door.WALLED) == frozenset()
    assert DOOR.after(Door.OPEN, Hand.PUSH) is Door.SHUT


@pytest.mark.parametrize(
    ("state", "action", "allowed"),
    [(Door.SHUT, Hand.PUSH, "brick, pull"), (Door.WALLED, Hand.PULL, "-")],
)
def test_a_refusal_says_what_is_allowed(state: Door, action: Hand, allowed: str) -> None:
    with pytest.raises(IllegalTransition) as caught:
        DOOR.after(state, action)
    assert isinstance(caught.value, Conflict)
    assert caught.value.data == {
        "machine": "door", "state": state.value, "action": action.value, "allowed": allowed
    }  # fmt: skip
    assert allowed in caught.value.text("zh")


@pytest.mark.parametrize(
    ("initial", "table"),
    [
        pytest.param(Door.WALLED, TABLE, id="nothing leads to a state"),
        pytest.param(Door.OPEN, {k: v for k, v in TABLE.items() if k[1] is not Hand.BRICK}, id="left out"),
        pytest.param(Door.OPEN, TABLE | {(Door.WALLED, Hand.PULL): Door.OPEN}, id="never ends"),
        pytest.param(
            Door.OPEN,
            {(Door.OPEN, Hand.PUSH): Door.SHUT, (Door.SHUT, Hand.PUSH): Door.WALLED},
            id="an action is never allowed",
        ),
    ],
)
def test_the_check_finds_what_is_unsound(initial: Door, table: dict[tuple[Door, Hand], Door]) -> None:
    with pytest.raises(AssertionError):
        check_machine(Machine(name="door", initial=initial, table=table))


def test_the_check_finds_a_machine_that_lets_everything_pass() -> None:
    class Lax(Machine[Door, Hand]):
        def after(self, state: Door, action: Hand) -> Door:
            return self.table.get((state, action), state)

    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        check_machine(Lax(name="door", initial=Door.OPEN, table=TABLE))
