"""What a handed-over dispute is made of, and how it follows what its sender says again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from libs.common.contracts.handover import Contents, Person
from libs.common.errors import Conflict
from libs.common.handover.domain import State as HandoverState
from services.disputes.disputes.domain import (
    BEFORE_BODY,
    DECIDED,
    WITH_BODY,
    PartyGiven,
    PartyKind,
    PartyRole,
    State,
)


class ReturnReason(StrEnum):
    """Why a dispute goes back to its sender (退回原因)."""

    NO_DISPUTE = "no-property-dispute"  # 不属于物业纠纷
    NOT_OUR_AREA = "not-our-area"  # 非本辖区
    INCOMPLETE = "incomplete"  # 信息不全
    OTHER = "other"  # 其他


class NotHandedOver(Conflict):
    """Nobody handed it over, or the sender has withdrawn: there is no one to return it to (非移交纠纷)."""

    code = "dispute-not-handed-over"
    zh = "该纠纷并非移交而来，或移交方已撤回，无处退回"
    en = "No sender waits for this dispute: there is no one to return it to"


_ROLES = {role.value: role for role in PartyRole} | {"reporter": PartyRole.APPLICANT}
_KINDS = {kind.value: kind for kind in PartyKind}


def parties_of(told: Contents, consent_at: datetime | None) -> tuple[PartyGiven, ...]:
    """The parties as the sender told them; the reporter, who agreed to be named, first if not among them.

    `details["party_kinds"]` says what each party is, in their order. A party without a name keeps its place:
    the mediator asks for it.
    """
    kinds = [str(kind) for kind in told.details.get("party_kinds", ())]
    known = [*kinds, *[""] * len(told.parties)]
    named = [_party(person, kind, consent_at) for person, kind in zip(told.parties, known, strict=False)]
    reporter = told.reporter
    if reporter is not None and (reporter.name or reporter.phone) and not _among(reporter, told):
        named.insert(0, _party(reporter.model_copy(update={"role": "reporter"}), "", consent_at))
    return tuple(named)


def _among(reporter: Person, told: Contents) -> bool:
    return any(
        party.role == "reporter"
        or (party.name, party.phone) == (reporter.name, reporter.phone)
        or (party.phone is not None and party.phone == reporter.phone)
        for party in told.parties
    )


def _party(person: Person, kind: str, consent_at: datetime | None) -> PartyGiven:
    role = _ROLES.get(person.role or "", PartyRole.RESPONDENT)
    usual = PartyKind.FIRM if person.unit_id is not None else PartyKind.OTHER
    return PartyGiven(
        name=person.name or "",
        role=role,
        kind=_KINDS.get(kind, usual),
        phone=person.phone,
        unit_id=person.unit_id,
        named_at=consent_at if role is PartyRole.APPLICANT else None,
    )


_H = HandoverState
_GOING_ON = (*BEFORE_BODY, *WITH_BODY, *DECIDED)
_OVER = (State.CLOSED, State.WITHDRAWN)
AGREES: Mapping[HandoverState, tuple[State, ...]] = {
    _H.REQUESTED: _GOING_ON,
    _H.SIGNED: _GOING_ON,
    _H.RETURN_REQUESTED: (State.RETURNING,),
    _H.ANSWERED: _OVER,
    _H.ACCEPTED: _OVER,
    _H.RETURNED: (State.RETURNED,),
    _H.WITHDRAWN: (*_GOING_ON, *_OVER),
}
"""The states of a dispute that agree with each state of its handover; where none does, the first is taken."""


def realigned_state(state: State, handover: HandoverState) -> State:
    """Where the dispute stands once the sender has said again how the handover stands.

    >>> realigned_state(State.MEDIATING, HandoverState.ACCEPTED)
    <State.CLOSED: 'closed'>
    """
    agreeing = AGREES[handover]
    return state if state in agreeing else agreeing[0]
