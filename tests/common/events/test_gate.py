"""The version gate, row by row of its table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.events.gate import Arrival, GateState, Verdict, after, blocked, decide

KNOWN = GateState(epoch=2, version=5)
PARKED = GateState(epoch=2, version=5, parked=True)
UNSEEN = GateState(epoch=2, version=0, parked=True)

TABLE = [
    # known, (epoch, version, whole), verdict: the rows of the design's table in their order.
    pytest.param(KNOWN, (1, 9, False), Verdict.DROP, id="older epoch"),
    pytest.param(KNOWN, (1, 9, True), Verdict.DROP, id="older epoch, full state"),
    pytest.param(None, (1, 1, False), Verdict.APPLY, id="never seen, version 1"),
    pytest.param(None, (7, 1, False), Verdict.APPLY, id="never seen, version 1 of any epoch"),
    pytest.param(None, (1, 4, True), Verdict.BASELINE, id="never seen, later, full state"),
    pytest.param(None, (1, 1, True), Verdict.BASELINE, id="never seen, version 1, full state"),
    pytest.param(None, (1, 2, False), Verdict.PARK_UNKNOWN, id="never seen, later, otherwise"),
    pytest.param(UNSEEN, (2, 3, False), Verdict.PARK_BEHIND, id="parked before anything was applied"),
    pytest.param(UNSEEN, (2, 3, True), Verdict.BASELINE, id="parked unseen, restated"),
    pytest.param(KNOWN, (2, 5, False), Verdict.DROP, id="repeat"),
    pytest.param(KNOWN, (2, 1, False), Verdict.DROP, id="old repeat"),
    pytest.param(KNOWN, (2, 5, True), Verdict.DROP, id="repeat of a full state"),
    pytest.param(PARKED, (2, 5, False), Verdict.DROP, id="repeat on a parked key"),
    pytest.param(KNOWN, (2, 6, True), Verdict.BASELINE, id="full state, next version"),
    pytest.param(KNOWN, (2, 9, True), Verdict.BASELINE, id="full state over a gap"),
    pytest.param(PARKED, (2, 6, True), Verdict.BASELINE, id="full state releases a parked key"),
    pytest.param(KNOWN, (3, 2, True), Verdict.BASELINE, id="newer epoch, full state, lower version"),
    pytest.param(PARKED, (3, 5, True), Verdict.BASELINE, id="newer epoch, full state, same version, parked"),
    pytest.param(KNOWN, (3, 5, False), Verdict.PARK_DIVERGED, id="newer epoch, version known already"),
    pytest.param(KNOWN, (3, 1, False), Verdict.PARK_DIVERGED, id="newer epoch, from the start"),
    pytest.param(PARKED, (3, 5, False), Verdict.PARK_DIVERGED, id="newer epoch, known version, parked"),
    pytest.param(KNOWN, (2, 6, False), Verdict.APPLY, id="the next"),
    pytest.param(KNOWN, (3, 6, False), Verdict.APPLY, id="the next, in a newer epoch"),
    pytest.param(PARKED, (2, 6, False), Verdict.PARK_BEHIND, id="the next of a parked key"),
    pytest.param(KNOWN, (2, 7, False), Verdict.PARK_GAP, id="a gap"),
    pytest.param(KNOWN, (3, 8, False), Verdict.PARK_GAP, id="a gap over a newer epoch"),
]


@pytest.mark.parametrize(("known", "event", "verdict"), TABLE)
def test_table(known: GateState | None, event: tuple[int, int, bool], verdict: Verdict) -> None:
    assert decide(known, Arrival(*event)) is verdict


def test_only_losses_and_divergence_alarm() -> None:
    assert {v for v in Verdict if v.alarms} == {Verdict.PARK_GAP, Verdict.PARK_DIVERGED}
    assert {v for v in Verdict if v.applies} == {Verdict.APPLY, Verdict.BASELINE}
    assert {v for v in Verdict if not v.parks} == {Verdict.APPLY, Verdict.BASELINE, Verdict.DROP}


def test_what_is_known_afterwards() -> None:
    applied = after(PARKED, Arrival(3, 4, whole=True), Verdict.BASELINE, position=9)
    assert applied == GateState(3, 4, parked=False, position=9)
    assert after(KNOWN, Arrival(2, 9), Verdict.PARK_GAP) == GateState(2, 5, parked=True)
    assert after(KNOWN, Arrival(2, 5), Verdict.DROP) is KNOWN
    assert after(None, Arrival(2, 4), Verdict.PARK_UNKNOWN) == UNSEEN
    assert blocked(None, 2) == UNSEEN


Deliveries = st.lists(st.tuples(st.integers(1, 8), st.booleans()), max_size=60)


@given(Deliveries)
def test_whatever_the_deliveries_no_version_is_applied_twice_or_out_of_order(
    deliveries: list[tuple[int, bool]],
) -> None:
    known: GateState | None = None
    applied: list[int] = []
    for version, whole in deliveries:
        event = Arrival(1, version, whole)
        verdict = decide(known, event)
        if verdict.applies:
            applied.append(version)
        known = after(known, event, verdict)
    assert applied == sorted(set(applied))


@given(st.permutations(list(range(1, 9))), st.integers(0, 7))
def test_repeats_of_what_came_in_order_change_nothing(repeats: list[int], until: int) -> None:
    known: GateState | None = None
    for version in range(1, until + 1):
        event = Arrival(1, version)
        known = after(known, event, decide(known, event))
    for version in repeats:
        if version <= until:
            assert decide(known, Arrival(1, version)) is Verdict.DROP
