"""States, hands, numbers."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from libs.common.ids import new_id
from libs.common.policy import Principal, Role
from services.disputes.bodies.domain import Tier
from services.disputes.disputes.domain import (
    ENDS,
    LIFE,
    OPEN,
    Action,
    MediatorObjected,
    NotYourDispute,
    Outcome,
    State,
    age_days,
    agreement_number,
    allowed,
    check_hand,
    check_mediator,
)
from tests.disputes.factories import CENTRE, DISTRICT, MONDAY, NEIGHBOURHOOD, STUDIO, TOWN
from tests.support.lifecycles import check_machine

DAY = timedelta(days=1)


def test_every_state_and_action() -> None:
    check_machine(LIFE)
    assert LIFE.finals == {State.CLOSED, State.WITHDRAWN, State.RETURNED}
    assert frozenset(OPEN) == LIFE.states - LIFE.finals


def test_only_what_was_decided_or_withdrawn_answers_the_sender() -> None:
    closing = {state for state, action in LIFE.table if action is Action.CLOSE}
    assert {state: ENDS[state] for state in closing} == {
        State.AGREED: Outcome.AGREEMENT,
        State.REFUSED: Outcome.REFUSED,
        State.FAILED: Outcome.FAILED,
    }
    assert ENDS[State.WITHDRAWN] is Outcome.WITHDRAWN


@pytest.mark.parametrize(
    ("state", "handed_over", "steps"),
    [
        (State.REGISTERED, True, "classify supplement urge withdraw return"),
        (State.REGISTERED, False, "classify supplement urge withdraw"),
        (State.RETURNING, True, "supplement urge"),
        (State.AGREED, False, "progress supplement urge sign-agreement fail close"),
        (State.REFUSED, False, "reclassify progress supplement urge escalate close withdraw"),
        (State.CLOSED, True, ""),
    ],
)
def test_what_people_may_do(state: State, handed_over: bool, steps: str) -> None:
    assert allowed(state, handed_over=handed_over) == steps.split()


def viewer(role: Role, area: str, body: UUID | None = None) -> Principal:
    return Principal("x-1", "x", frozenset({role}), areas=(area,), body_id=body)


@pytest.mark.parametrize(
    ("who", "body", "tier", "may"),
    [
        (viewer(Role.MEDIATOR, NEIGHBOURHOOD, STUDIO), STUDIO, Tier.NEIGHBOURHOOD, True),
        (viewer(Role.MEDIATOR, NEIGHBOURHOOD, STUDIO), CENTRE, Tier.TOWNSHIP, False),
        (viewer(Role.MEDIATOR, NEIGHBOURHOOD, STUDIO), None, None, True),
        (viewer(Role.MEDIATOR, "310107006001", STUDIO), None, None, False),
        (viewer(Role.CENTRE_COORDINATOR, TOWN), STUDIO, Tier.NEIGHBOURHOOD, True),
        (viewer(Role.CENTRE_COORDINATOR, TOWN), CENTRE, Tier.TOWNSHIP, True),
        (viewer(Role.CENTRE_COORDINATOR, TOWN), new_id(), Tier.DISTRICT, False),
        (viewer(Role.CENTRE_COORDINATOR, "310107006"), STUDIO, Tier.NEIGHBOURHOOD, False),
        (viewer(Role.DISTRICT_MEDIATION, DISTRICT), new_id(), Tier.DISTRICT, True),
        (viewer(Role.DISTRICT_MEDIATION, DISTRICT), CENTRE, Tier.TOWNSHIP, False),
        (viewer(Role.DISTRICT_MEDIATION, DISTRICT), None, None, True),
        (viewer(Role.LEADER, DISTRICT), None, None, False),
    ],
)
def test_in_whose_hands(who: Principal, body: UUID | None, tier: Tier | None, may: bool) -> None:
    if may:
        check_hand(who, NEIGHBOURHOOD, body, tier)
        return
    with pytest.raises(NotYourDispute):
        check_hand(who, NEIGHBOURHOOD, body, tier)


def test_only_a_recorded_objection_bars_a_mediator() -> None:
    check_mediator("mediator-1", ["mediator-2"])
    with pytest.raises(MediatorObjected):
        check_mediator("mediator-1", ["mediator-1"])


def test_the_age_runs_over_all_tiers_to_the_end() -> None:
    assert age_days(MONDAY, None, MONDAY + 40 * DAY) == 40
    assert age_days(MONDAY, MONDAY + 10 * DAY, MONDAY + 40 * DAY) == 10


def test_the_number_of_an_agreement() -> None:
    assert agreement_number("长征人调", 2026, 12) == "（2026）长征人调字第0012号"
