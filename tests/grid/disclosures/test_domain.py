"""What a resident is told, and which counts are withheld."""

from __future__ import annotations

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
    ("counts", "told"),
    [
        ({}, {}),
        ({"a": 3, "b": 0}, {"a": 3, "b": 0}),
        ({"a": 9, "b": 2, "c": 5}, {"a": 9, "b": None, "c": None}),
        ({"a": 1, "b": 2, "c": 5, "d": 6}, {"a": None, "b": None, "c": None, "d": 6}),
        ({"a": 2}, {"a": None}),
    ],
)
def test_a_small_count_is_withheld_and_cannot_be_reckoned(
    counts: dict[str, int], told: dict[str, int | None]
) -> None:
    assert withheld(counts, 3) == told
    assert withheld(counts, 1) == counts
