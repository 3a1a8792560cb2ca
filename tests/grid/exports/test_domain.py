"""The life of an export, without a database."""

from __future__ import annotations

import pytest

from libs.common.fsm import IllegalTransition
from services.grid.exports.domain import CASES, LIFE, STATISTICS, ExportAction, ExportState


@pytest.mark.parametrize("state", ExportState)
@pytest.mark.parametrize("action", ExportAction)
def test_life(state: ExportState, action: ExportAction) -> None:
    if (state, action) in LIFE.table:
        assert LIFE.after(state, action) in ExportState
    else:
        with pytest.raises(IllegalTransition):
            LIFE.after(state, action)


def test_every_state_is_reached_and_ends() -> None:
    assert LIFE.reachable == set(ExportState)
    assert LIFE.finals == {ExportState.FAILED, ExportState.EXPIRED}


def test_no_two_columns_are_one() -> None:
    for sheet in (CASES, STATISTICS):
        assert len({column.key for column in sheet.columns}) == len(sheet.columns)
        assert len({column.title for column in sheet.columns}) == len(sheet.columns)
