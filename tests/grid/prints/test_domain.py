"""Every word that a sheet may need is there."""

from __future__ import annotations

from libs.common.policy import Role
from services.grid.lifecycle.domain import CaseAction, CaseState, PhotoStage
from services.grid.prints.domain import ACTIONS, ROLES, STAGES, STATES


def test_every_state_step_stage_and_role_has_its_word() -> None:
    assert set(STATES) == set(CaseState)
    assert set(ACTIONS) == {*CaseAction, "report"}
    assert set(STAGES) == set(PhotoStage)
    assert set(ROLES) == {*Role, "public"}
