"""Who is of a dispute's own people, which steps are offered to whom, what is masked."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from libs.common.policy import Principal, Role
from services.disputes.disputes.domain import Action, PartyKind, State
from services.disputes.dossiers.domain import (
    areas_around,
    is_own,
    offered,
    shown_address,
    shown_name,
    shown_phone,
)
from tests.disputes.factories import CENTRE, DISTRICT, NEIGHBOURHOOD, STUDIO, TOWN


@dataclass
class Placed:
    """As much of a dispute as decides whose it is."""

    state: State = State.MEDIATING
    area: str = NEIGHBOURHOOD
    tier: str | None = "neighbourhood"
    body_id: UUID | None = STUDIO
    body_ids: tuple[UUID, ...] = (STUDIO,)
    objected: tuple[str, ...] = ()
    registered_by: str = "mediator-9"


WAITING = Placed(State.REGISTERED, tier=None, body_id=None, body_ids=())
ABOVE = Placed(tier="township", body_id=CENTRE, body_ids=(STUDIO, CENTRE))


def person(role: Role, *areas: str, body: UUID | None = None, subject: str = "someone") -> Principal:
    return Principal(subject, subject, frozenset({role}), areas, body_id=body)


OWN_MEDIATOR = person(Role.MEDIATOR, NEIGHBOURHOOD, body=STUDIO)
COORDINATOR = person(Role.CENTRE_COORDINATOR, TOWN, body=CENTRE)


@pytest.mark.parametrize(
    ("viewer", "dispute", "own"),
    [
        (OWN_MEDIATOR, Placed(), True),
        (OWN_MEDIATOR, ABOVE, True),  # it was theirs once
        (OWN_MEDIATOR, WAITING, True),
        (person(Role.MEDIATOR, NEIGHBOURHOOD, body=CENTRE), Placed(), False),
        (person(Role.MEDIATOR, body=CENTRE, subject="mediator-9"), Placed(), True),
        (COORDINATOR, Placed(), True),
        (person(Role.CENTRE_COORDINATOR, "310101002"), Placed(), False),
        (person(Role.DISTRICT_MEDIATION, DISTRICT), Placed(), True),
        (person(Role.LEADER, DISTRICT), Placed(), False),
        (person(Role.COMMITTEE_MEMBER), Placed(), False),
        (person(Role.SYSTEM, "31"), WAITING, False),
    ],
)
def test_whose_minutes_and_agreement_it_is(viewer: Principal, dispute: Placed, own: bool) -> None:
    assert is_own(viewer, dispute) is own


@pytest.mark.parametrize(
    ("viewer", "dispute", "some", "not_these"),
    [
        (
            OWN_MEDIATOR,
            Placed(),
            {Action.AGREE, Action.FAIL, Action.ESCALATE},
            {Action.URGE, Action.RECLASSIFY},
        ),
        (OWN_MEDIATOR, ABOVE, {Action.SUPPLEMENT}, {Action.AGREE}),
        (OWN_MEDIATOR, Placed(objected=("someone",)), {Action.SUPPLEMENT}, {Action.AGREE}),
        (COORDINATOR, Placed(), {Action.URGE, Action.RECLASSIFY, Action.ROUTE_DOWN}, {Action.CLOSE}),
        (person(Role.LEADER, DISTRICT), Placed(), set(), set(Action)),
        (person(Role.COMMITTEE_MEMBER), Placed(), set(), set(Action)),
        (OWN_MEDIATOR, WAITING, {Action.CLASSIFY, Action.WITHDRAW}, {Action.RETURN}),
        (OWN_MEDIATOR, Placed(State.CLOSED), set(), set(Action)),
    ],
)
def test_which_steps_are_offered(
    viewer: Principal, dispute: Placed, some: set[Action], not_these: set[Action]
) -> None:
    steps = set(offered(viewer, dispute, handed_over=False))
    assert some <= steps
    assert not steps & not_these


def test_a_return_is_offered_while_a_sender_waits() -> None:
    assert Action.RETURN in offered(OWN_MEDIATOR, WAITING, handed_over=True)


def test_what_is_masked() -> None:
    assert shown_name(PartyKind.OWNER, "张三丰") == "张**"
    assert shown_name(PartyKind.FIRM, "和平物业") == "和平物业"
    assert (shown_name(PartyKind.OTHER, ""), shown_phone(None), shown_address(None)) == (None, None, None)
    assert (shown_phone("13812341234"), shown_address("武宁路100弄3号501室")) == (
        "138****1234", "武宁路100弄3号",
    )  # fmt: skip
    assert areas_around(f"{NEIGHBOURHOOD}003") == [NEIGHBOURHOOD, TOWN, DISTRICT]
    assert areas_around(TOWN) == [TOWN, DISTRICT]
