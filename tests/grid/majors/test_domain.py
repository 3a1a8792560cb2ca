"""Reports of a major matter in their order, whom they reach, who receives them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from libs.common.errors import DomainError
from libs.common.fsm import IllegalTransition
from services.grid.majors.domain import (
    LIFE,
    MajorState,
    Matter,
    ReportKind,
    Told,
    check_matter,
    check_receiver,
    up_the_line,
)
from services.grid.rules.domain import Level, Named

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KINDS = {"fire": Named(zh="火灾", en="Fire")}
_O, _K = MajorState.OPEN, ReportKind


@pytest.mark.parametrize(("state", "kind"), list(product(MajorState, ReportKind)))
def test_every_state_and_report(state: MajorState, kind: ReportKind) -> None:
    legal = {(_O, _K.FOLLOW_UP): _O, (_O, _K.FINAL): MajorState.CONCLUDED}
    if (state, kind) in legal:
        assert LIFE.after(state, kind) is legal[state, kind]
    else:
        with pytest.raises(IllegalTransition):
            LIFE.after(state, kind)
    assert LIFE.reachable == LIFE.states == set(MajorState)
    assert LIFE.finals == {MajorState.CONCLUDED}


@pytest.mark.parametrize(
    ("kind", "ahead", "code"),
    [
        ("fire", 0, None),
        ("fire", 10, None),
        ("fire", 11, "major-in-the-future"),
        ("party", 0, "major-kind-unknown"),
    ],
)
def test_what_is_reported(kind: str, ahead: int, code: str | None) -> None:
    matter = Matter(kind, NOW + timedelta(minutes=ahead), Told("起火"))
    if code is None:
        check_matter(matter, KINDS, NOW, timedelta(minutes=10))
        return
    with pytest.raises(DomainError) as refused:
        check_matter(matter, KINDS, NOW, timedelta(minutes=10))
    assert refused.value.code == code


def test_the_line_goes_from_the_lowest_level_up() -> None:
    named = {"zh": "", "en": "", "loop": "", "loop_zh": "", "loop_en": ""}
    levels = {code: Level(rank=rank, **named) for code, rank in (("district", 4), ("point", 1), ("town", 3))}
    assert up_the_line(levels, ("district", "point")) == ["point", "district"]


@pytest.mark.parametrize(
    ("areas", "subject", "received", "code"),
    [
        (("310101002",), "chief", (), None),
        (("310101",), "chief", ("other", None), None),
        (("310101002001",), "chief", (), "major-of-another-node"),
        ((), "chief", (), "major-of-another-node"),
        (("310101002",), "author", (), "major-one-receipt-each"),
        (("310101",), "chief", ("chief",), "major-one-receipt-each"),
    ],
)
def test_who_receives_for_a_node(
    areas: tuple[str, ...], subject: str, received: tuple[str | None, ...], code: str | None
) -> None:
    if code is None:
        check_receiver(areas, "310101002", subject, "author", received)
        return
    with pytest.raises(DomainError) as refused:
        check_receiver(areas, "310101002", subject, "author", received)
    assert refused.value.code == code
