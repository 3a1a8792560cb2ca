"""What a resident is told, and which counts are withheld."""

from __future__ import annotations

import random
import re

import pytest

from services.grid.disclosures.domain import WORDS, PublicState, public_state, withheld
from services.grid.lifecycle.domain import CaseState


def test_every_state_has_words_in_both_languages() -> None:
    assert set(WORDS) == set(PublicState)
    for chinese, english in WORDS.values():
        assert re.search(r"[\u4e00-\u9fff]", chinese)
        assert re.fullmatch(r"[A-Za-z' :,]+", english)


@pytest.mark.parametrize("state", CaseState)
def test_every_state_is_told(state: CaseState) -> None:
    assert public_state(state, None) in WORDS


@pytest.mark.parametrize(
    ("state", "outcome", "told"),
    [
        ("closed", "solved", "solved"),
        ("closed", "explained", "explained"),
        ("closed", None, "ended"),
        ("checking", "solved", "checking"),
        ("handling", None, "handling"),
        ("voided", None, "stopped"),
    ],
)
def test_the_outcome_is_told_once_it_is_closed(state: str, outcome: str | None, told: str) -> None:
    assert public_state(state, outcome) == told


@pytest.mark.parametrize(
    ("counts", "gone"),
    [
        ("", ""),
        ("ta3 tb0", ""),
        ("ta2", "ta"),
        ("ta9 tb2 tc5", "tb tc"),
        ("ta1 tb2 tc5 td6", "ta tb tc"),
        # The sum over the areas is told too: what covers one in its row has to be covered in its column.
        ("ta9 tb1 ua8 ub7", "ta tb ua ub"),
        ("ta9 tb1 tc8 ua8 ub7 uc6 va5 vb5 vc5", "tb tc vb vc"),
    ],
)
def test_small_counts_are_withheld_with_what_gives_them_away(counts: str, gone: str) -> None:
    cells = {(cell[0], cell[1]): int(cell[2:]) for cell in counts.split()}
    assert withheld(cells, 3) == {(cell[0], cell[1]) for cell in gone.split()}
    assert withheld(cells, 1) == frozenset()


@pytest.mark.parametrize("seed", range(50))
def test_no_line_misses_small_ones_alone(seed: int) -> None:
    chance = random.Random(seed)
    cells = {(area, code): chance.choice((0, 1, 2, 3, 4, 9)) for area in "tuvwx" for code in "abcde"}
    gone = withheld(cells, 3)
    assert {cell for cell, n in cells.items() if 0 < n < 3} <= gone
    for axis in (0, 1):
        for name in {cell[axis] for cell in cells}:
            line = [cell for cell in cells if cell[axis] == name and cells[cell]]
            missing = [cells[cell] for cell in line if cell in gone]
            covered = len(missing) > 1 and max(missing) >= 3
            assert not missing or covered or all(cell in gone or cells[cell] < 3 for cell in line)
