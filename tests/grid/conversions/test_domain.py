"""Consent, sides, and what the end of a mediation is for the case: tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from libs.common.errors import DomainError
from libs.common.handover.kinds import KINDS
from services.disputes.disputes import domain as disputes
from services.grid.conversions.domain import (
    KIND,
    OUTCOMES,
    ConsentAhead,
    Party,
    PartyKind,
    PartyRole,
    check_sides,
    consent_of,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=3)


@dataclass(frozen=True)
class Told:
    """A reporter in plain values."""

    secret: bool = False
    consent_at: datetime | None = None


@pytest.mark.parametrize(
    "reporter, given, consent",
    [
        (None, None, None),
        (None, BEFORE, BEFORE),
        (Told(), None, None),
        (Told(consent_at=BEFORE), None, BEFORE),
        (Told(consent_at=BEFORE), NOW, NOW),
        (Told(secret=True, consent_at=BEFORE), None, None),
        (Told(secret=True), NOW, NOW),
        (Told(), NOW + timedelta(seconds=9), NOW),
    ],
)
def test_consent(reporter: Told | None, given: datetime | None, consent: datetime | None) -> None:
    assert consent_of(reporter, given, NOW, ahead=timedelta(minutes=10)) == consent


def test_nobody_agrees_in_the_future() -> None:
    with pytest.raises(ConsentAhead):
        consent_of(Told(), NOW + timedelta(seconds=1), NOW)


def party(role: PartyRole) -> Party:
    return Party("李四", role, PartyKind.OWNER)


@pytest.mark.parametrize(
    "roles, reporter_known, good",
    [
        ((PartyRole.APPLICANT, PartyRole.RESPONDENT), False, True),
        ((PartyRole.RESPONDENT,), True, True),
        ((PartyRole.RESPONDENT,), False, False),
        ((PartyRole.APPLICANT, PartyRole.OTHER), True, False),
    ],
)
def test_a_dispute_has_two_sides(roles: tuple[PartyRole, ...], reporter_known: bool, good: bool) -> None:
    parties = tuple(party(role) for role in roles)
    if good:
        check_sides(parties, reporter_known=reporter_known)
        return
    with pytest.raises(DomainError) as refused:
        check_sides(parties, reporter_known=reporter_known)
    assert refused.value.pointer == "/parties"


def test_every_result_of_the_handover_ends_the_case_and_only_an_agreement_solves_it() -> None:
    assert set(OUTCOMES) == KINDS[KIND].results
    assert {result for result, outcome in OUTCOMES.items() if outcome == "solved"} == {"agreement"}


def test_parties_are_named_in_the_words_that_disputes_reads() -> None:
    assert {kind.value for kind in PartyKind} == {kind.value for kind in disputes.PartyKind}
    assert {role.value for role in PartyRole} == {role.value for role in disputes.PartyRole}
