"""Every parser of outside input: the kept seeds, and a small number of mutations of them."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.budget import Amount
from tests.fuzz.parsers import TARGETS, seeds

SMALL = 60


@pytest.mark.parametrize("name", TARGETS)
def test_kept_inputs(name: str) -> None:
    for one in seeds(name):
        TARGETS[name](one)


@pytest.mark.parametrize("name", TARGETS)
def test_mutations(name: str, amount: Amount) -> None:
    @hypothesis.seed(amount.seed)
    @settings(max_examples=SMALL, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(mutated(seeds(name)))
    def tried(content: bytes) -> None:
        TARGETS[name](content)

    tried()


@st.composite
def mutated(draw: st.DrawFn, kept: list[bytes]) -> bytes:
    """A seed with a piece of it replaced by other bytes, or other bytes altogether."""
    base = draw(st.sampled_from([*kept, b""]))
    first = draw(st.integers(0, len(base)))
    last = draw(st.integers(first, min(len(base), first + 8)))
    return base[:first] + draw(st.binary(max_size=12)) + base[last:]
