"""The objection's table over every state and action."""

from __future__ import annotations

from services.grid.objections.domain import LIFE
from tests.support.lifecycles import check_machine


def test_every_state_and_action() -> None:
    check_machine(LIFE)
