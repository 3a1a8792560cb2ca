"""What a registration must hold."""

from __future__ import annotations

import pytest

from libs.common.errors import DomainError
from libs.common.ids import new_id, stable_id
from libs.common.policy import Principal, Role
from services.disputes.disputes.domain import Channel, IdNotUuid7, PartyRole
from services.disputes.registrations.domain import (
    ClassUnchanged,
    OutsideYourArea,
    PartiesMissing,
    ReasonMissing,
    check_area,
    check_id,
    check_reclassified,
    check_sides,
)
from services.disputes.rules.domain import DisputeClass

A, R, O = PartyRole.APPLICANT, PartyRole.RESPONDENT, PartyRole.OTHER  # noqa: E741


@pytest.mark.parametrize(
    ("channel", "roles", "fine"),
    [
        (Channel.APPLICATION, (A, R), True),
        (Channel.APPLICATION, (A, A, R, O), True),
        (Channel.APPLICATION, (R, R), False),
        (Channel.APPLICATION, (A, A), False),
        (Channel.APPLICATION, (A,), False),
        (Channel.EX_OFFICIO, (R, R), True),
        (Channel.EX_OFFICIO, (R,), False),
    ],
)
def test_both_sides_are_named(channel: Channel, roles: tuple[PartyRole, ...], fine: bool) -> None:
    if fine:
        check_sides(channel, roles)
        return
    with pytest.raises(PartiesMissing):
        check_sides(channel, roles)


def test_an_id_is_the_clients_uuid_of_version_seven() -> None:
    assert check_id(made := new_id()) == made
    with pytest.raises(IdNotUuid7):
        check_id(stable_id("dispute", "1"))


def test_the_place_lies_in_the_callers_area() -> None:
    viewer = Principal("m", "m", frozenset({Role.MEDIATOR}), areas=("310107005",))
    check_area(viewer, "310107005001")
    check_area(None, "310112001001")
    with pytest.raises(OutsideYourArea):
        check_area(viewer, "310107006001")


@pytest.mark.parametrize(
    ("given", "reason", "error"),
    [
        ((DisputeClass.MAJOR, "parking"), "群体性", None),
        ((DisputeClass.ORDINARY, "leak"), "类型有误", None),
        ((DisputeClass.ORDINARY, "parking"), "无", ClassUnchanged),
        ((DisputeClass.MAJOR, "parking"), None, ReasonMissing),
    ],
)
def test_to_classify_again_takes_a_reason_and_a_change(
    given: tuple[DisputeClass, str], reason: str | None, error: type[DomainError] | None
) -> None:
    if error is None:
        check_reclassified(("ordinary", "parking"), given, reason)
        return
    with pytest.raises(error):
        check_reclassified(("ordinary", "parking"), given, reason)
