"""What is shown of persons, and who needs the reporter in full: every state × purpose."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pytest

from libs.common.policy import Principal, Role
from services.grid.dossiers.domain import Purpose, masked, masked_address
from services.grid.dossiers.refusals import NotNeededNow, require_need
from services.grid.lifecycle.domain import CaseState

HAND, EYE = "the-handler", "the-checker"


@dataclass(frozen=True)
class InHand:
    """A case as the decision reads it."""

    state: str
    checker: str | None = EYE
    handler: str | None = HAND


def needs(case: InHand, viewer: Principal, purpose: Purpose) -> bool:
    try:
        require_need(case, viewer, purpose)
    except NotNeededNow:
        return False
    return True


def person(role: Role, subject: str = "somebody") -> Principal:
    return Principal(subject, "n", frozenset({role}), areas=("310101",))


NEEDED = {
    (Purpose.ACCEPT, Role.ACCEPTOR, "somebody"): {CaseState.REPORTED},
    (Purpose.VERIFY, Role.INSPECTOR, EYE): {CaseState.VERIFYING, CaseState.CHECKING},
    (Purpose.HANDLE, Role.INSPECTOR, HAND): {CaseState.DISPATCHED, CaseState.HANDLING},
    (Purpose.CALL_BACK, Role.HOTLINE_OFFICER, "somebody"): set(CaseState),
}


@pytest.mark.parametrize("role", [Role.ACCEPTOR, Role.INSPECTOR, Role.HOTLINE_OFFICER, Role.LEADER])
@pytest.mark.parametrize("subject", ["somebody", HAND, EYE])
def test_only_the_present_step_needs_the_reporter(role: Role, subject: str) -> None:
    for purpose, state in product(Purpose, CaseState):
        wanted = {
            needed
            for (why, who, name), states in NEEDED.items()
            for needed in states
            if why is purpose and (name == subject if name != "somebody" else who is role)
        }
        assert needs(InHand(state), person(role, subject), purpose) == (state in wanted), (purpose, state)


def test_a_case_in_nobodys_hands_is_nobodys() -> None:
    for purpose in (Purpose.VERIFY, Purpose.HANDLE):
        for state in CaseState:
            assert not needs(InHand(state, None, None), person(Role.INSPECTOR), purpose)


@pytest.mark.parametrize(
    ("name", "phone", "shown_name", "shown_phone"),
    [
        ("张三丰", "13812341234", "张**", "138****1234"),
        ("欧阳娜娜", "02158123456", "欧**", "021****3456"),
        ("李", "12345", "李**", "****"),
        (None, "58123456", None, "****3456"),
        ("王五", None, "王**", None),
    ],
)
def test_the_reporter_as_anybody_sees_it(
    name: str | None, phone: str | None, shown_name: str | None, shown_phone: str | None
) -> None:
    shown = masked({"name": name, "phone": phone, "secret": True})
    assert shown is not None
    assert (shown.name, shown.phone, shown.secret) == (shown_name, shown_phone, True)


def test_no_reporter_and_no_address() -> None:
    assert masked(None) is None
    assert masked_address(None) is None
    assert masked_address("") is None


def test_the_address_ends_at_the_house() -> None:
    assert masked_address("福建中路100弄3号202室") == "福建中路100弄3号"
