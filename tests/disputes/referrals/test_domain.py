"""Parties of a handover; following what the sender says again."""

from __future__ import annotations

import pytest

from libs.common.contracts.handover import Contents, Person
from libs.common.handover.domain import State as HandoverState
from libs.common.ids import new_id
from services.disputes.disputes.domain import State
from services.disputes.referrals.domain import AGREES, parties_of, realigned_state
from tests.disputes.factories import MONDAY

WANG = Person(name="王小明", phone="13800001234")


def told(*parties: Person, reporter: Person | None = WANG, **details: object) -> Contents:
    return Contents(title="争议", parties=parties, reporter=reporter, details=details)


def test_the_reporter_comes_first_with_the_consent_to_be_named() -> None:
    firm = new_id()
    parties = parties_of(told(Person(name="某物业", unit_id=firm), Person(phone="13900000000")), MONDAY)
    assert [(p.name, p.role, p.kind, p.unit_id, p.named_at) for p in parties] == [
        ("王小明", "applicant", "other", None, MONDAY),
        ("某物业", "respondent", "firm", firm, None),
        ("", "respondent", "other", None, None),
    ]


@pytest.mark.parametrize(
    "party",
    [
        Person(name="王小明", phone="13800001234", role="applicant"),
        Person(name="王先生", phone="13800001234", role="applicant"),
        Person(name="王", role="reporter"),
    ],
)
def test_a_reporter_who_is_a_party_already_is_not_named_twice(party: Person) -> None:
    (only,) = parties_of(told(party, party_kinds=["owner"]), MONDAY)
    assert (only.role, only.kind, only.named_at) == ("applicant", "owner", MONDAY)


def test_without_a_reporter_the_parties_stand_alone() -> None:
    assert len(parties_of(told(Person(name="甲"), reporter=None), MONDAY)) == 1
    assert len(parties_of(told(Person(name="甲"), reporter=Person()), MONDAY)) == 1


@pytest.mark.parametrize(
    ("state", "handover", "after"),
    [
        (State.MEDIATING, HandoverState.SIGNED, State.MEDIATING),
        (State.MEDIATING, HandoverState.ACCEPTED, State.CLOSED),
        (State.WITHDRAWN, HandoverState.ACCEPTED, State.WITHDRAWN),
        (State.REGISTERED, HandoverState.SIGNED, State.REGISTERED),
        (State.REGISTERED, HandoverState.RETURN_REQUESTED, State.RETURNING),
        (State.RETURNING, HandoverState.RETURNED, State.RETURNED),
        (State.RETURNING, HandoverState.REQUESTED, State.REGISTERED),
        (State.RETURNING, HandoverState.WITHDRAWN, State.REGISTERED),
        (State.AGREED, HandoverState.WITHDRAWN, State.AGREED),
        (State.CLOSED, HandoverState.SIGNED, State.REGISTERED),
    ],
)
def test_where_it_stands_when_the_sender_says_it_again(
    state: State, handover: HandoverState, after: State
) -> None:
    assert realigned_state(state, handover) is after


def test_every_state_of_a_handover_is_followed() -> None:
    assert set(AGREES) == set(HandoverState)
