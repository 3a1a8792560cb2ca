"""Consent, form and effect of an agreement, reasons of failure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from libs.common.errors import DomainError
from libs.common.ids import new_id
from services.disputes.disputes.domain import AgreementForm, State
from services.disputes.mediations.domain import (
    AgreementGiven,
    FailReason,
    FailReasonUnfit,
    NotAllParties,
    NotLater,
    PartyUnknown,
    PerformanceDateMissing,
    SessionAhead,
    WrittenRequired,
    check_all,
    check_fail,
    check_form,
    check_held,
    check_later,
    check_parties,
    in_effect,
    outstanding,
)
from tests.disputes.factories import MONDAY

TODAY = date(2026, 11, 23)
ORAL, WRITTEN = AgreementForm.ORAL, AgreementForm.WRITTEN


def given(form: AgreementForm, **overrides: Any) -> AgreementGiven:
    return replace(AgreementGiven(form, "移车", "自行履行", perform_by=TODAY), **overrides)


@pytest.mark.parametrize(
    ("agreement", "written", "error"),
    [
        (given(ORAL, performed_on_spot=True, perform_by=None), False, None),
        (given(ORAL), False, WrittenRequired),
        (given(ORAL, performed_on_spot=True, written_asked=True), False, WrittenRequired),
        (given(ORAL, performed_on_spot=True), True, WrittenRequired),
        (given(ORAL, performed_on_spot=True), False, None),
        (given(WRITTEN), True, None),
        (given(WRITTEN, performed_on_spot=True, perform_by=None), True, None),
        (given(WRITTEN, perform_by=None), False, PerformanceDateMissing),
        (given(WRITTEN, perform_by=TODAY - timedelta(days=1)), False, PerformanceDateMissing),
    ],
)
def test_the_form_of_an_agreement(
    agreement: AgreementGiven, written: bool, error: type[DomainError] | None
) -> None:
    if error is None:
        check_form(agreement, written, TODAY)
        return
    with pytest.raises(error):
        check_form(agreement, written, TODAY)


def test_a_written_agreement_takes_effect_once_all_is_there() -> None:
    assert in_effect(2, 2, MONDAY, MONDAY)
    for missing in ((1, 2, MONDAY, MONDAY), (2, 2, None, MONDAY), (2, 2, MONDAY, None)):
        assert not in_effect(*missing)


def test_who_has_not_said_yes() -> None:
    assert outstanding(["given", "pending", "refused"]) == 2
    assert outstanding(["given", "given"]) == 0


def test_parties_named_are_the_disputes_own() -> None:
    one, two, stranger = new_id(), new_id(), new_id()
    check_parties([one], [one, two])
    check_all([one, two], [two, one])
    with pytest.raises(PartyUnknown):
        check_parties([stranger], [one])
    with pytest.raises(PartyUnknown):
        check_all([one, stranger], [one, two])
    with pytest.raises(NotAllParties):
        check_all([one], [one, two])


@pytest.mark.parametrize("reason", FailReason)
@pytest.mark.parametrize("state", [State.ASSIGNED, State.MEDIATING, State.AGREED])
def test_who_does_not_sign_had_agreed(state: State, reason: FailReason) -> None:
    if (state is State.AGREED) is (reason is FailReason.NOT_SIGNED):
        check_fail(state, reason)
        return
    with pytest.raises(FailReasonUnfit):
        check_fail(state, reason)


def test_more_time_ends_later() -> None:
    hour = timedelta(hours=1)
    check_later(MONDAY + 2 * hour, MONDAY, MONDAY + hour)
    for until, limit in ((MONDAY + hour, MONDAY + hour), (MONDAY, MONDAY - hour)):
        with pytest.raises(NotLater):
            check_later(until, MONDAY, limit)


def test_a_session_lies_between_acceptance_and_now() -> None:
    hour = timedelta(hours=1)
    check_held(MONDAY, MONDAY, MONDAY - hour)
    for held in (MONDAY + hour, MONDAY - 2 * hour):
        with pytest.raises(SessionAhead):
            check_held(held, MONDAY, MONDAY - hour)
