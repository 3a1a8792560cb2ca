"""Up, down, and out of town."""

from __future__ import annotations

from uuid import UUID

import pytest

from libs.common.ids import new_id
from libs.common.policy import Principal, Role
from services.disputes.bodies.domain import Tier
from services.disputes.routes.domain import (
    BodyElsewhere,
    NoTierThere,
    NotYourBody,
    ReasonMissing,
    StaysInTown,
    above,
    below,
    check_body,
    check_leaving,
    check_taker,
    check_tier,
)
from tests.disputes.factories import CENTRE, STUDIO

N, T, D = Tier.NEIGHBOURHOOD, Tier.TOWNSHIP, Tier.DISTRICT


def test_one_tier_at_a_time() -> None:
    assert (above(N), above(T), below(D), below(T)) == (T, D, T, N)
    for step, tier in ((above, D), (below, N)):
        with pytest.raises(NoTierThere):
            step(tier)


def test_an_ordinary_dispute_leaves_the_town_with_a_reason() -> None:
    check_leaving(False, None)
    check_leaving(True, "多次调解未果")
    with pytest.raises(StaysInTown):
        check_leaving(True, None)


def test_another_tier_than_the_classes_takes_a_reason() -> None:
    check_tier(T, T, None)
    check_tier(T, N, "双方均在本居委")
    with pytest.raises(ReasonMissing):
        check_tier(T, N, None)


@pytest.mark.parametrize(
    ("serves", "tier", "wanted", "fine"),
    [
        ("310107005001", N, None, True),
        ("310107005", T, T, True),
        ("310107006", T, T, False),
        ("310107005", T, D, False),
    ],
)
def test_the_body_serves_the_place(serves: str, tier: Tier, wanted: Tier | None, fine: bool) -> None:
    if fine:
        check_body(serves, "310107005001002", tier=tier, wanted=wanted)
        return
    with pytest.raises(BodyElsewhere):
        check_body(serves, "310107005001002", tier=tier, wanted=wanted)


@pytest.mark.parametrize(
    ("role", "own", "fine"),
    [
        (Role.MEDIATOR, STUDIO, True),
        (Role.MEDIATOR, CENTRE, False),
        (Role.CENTRE_COORDINATOR, CENTRE, True),
        (Role.DISTRICT_MEDIATION, new_id(), True),
    ],
)
def test_a_mediator_takes_on_for_the_own_body(role: Role, own: UUID, fine: bool) -> None:
    viewer = Principal("x", "x", frozenset({role}), body_id=own)
    if fine:
        check_taker(viewer, STUDIO)
        return
    with pytest.raises(NotYourBody):
        check_taker(viewer, STUDIO)
