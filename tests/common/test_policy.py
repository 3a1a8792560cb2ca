"""The policy: who holds what, and what lies inside a scope."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from libs.common.errors import NotFound
from libs.common.policy import (
    GRANTS,
    NotPermitted,
    Principal,
    Role,
    allows,
    bound_estates,
    require,
    require_area,
    scoped_for,
    sees,
    sees_area,
    system_actor,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ESTATE = UUID(int=1)


def someone(*roles: Role, **more: Any) -> Principal:
    return replace(Principal("s", "n", frozenset(roles)), **more)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_a_role_is_allowed_exactly_what_it_is_granted(role: Role) -> None:
    allowed = {name for name in GRANTS if allows(someone(role), name)}
    assert allowed == {name for name, roles in GRANTS.items() if role in roles}


def test_a_system_needs_the_grant_and_the_scope() -> None:
    assert not allows(someone(Role.SYSTEM), "grid.case.report")
    assert allows(someone(Role.SYSTEM, scopes=frozenset({"grid.case.report"})), "grid.case.report")
    assert not allows(someone(Role.SYSTEM, scopes=frozenset({"grid.case.accept"})), "grid.case.accept")


def test_unknown_permissions_are_nobodys() -> None:
    with pytest.raises(NotPermitted) as refused:
        require(someone(*Role), "grid.case.nothing")
    assert refused.value.data == {"permission": "grid.case.nothing"}


def test_the_actor_acts_in_the_role_that_holds_the_permission() -> None:
    both = someone(Role.ACCEPTOR, Role.LEADER, unit_id=ESTATE)
    assert both.actor("grid.case.accept").role == Role.ACCEPTOR
    assert both.actor("grid.case.accept").unit_id == ESTATE
    with pytest.raises(NotPermitted):
        both.actor("grid.case.dispatch")
    assert both.holds(Role.LEADER)
    assert not both.holds(Role.SYSTEM)
    assert system_actor("grid").subject == "system:grid"


def test_areas_are_prefixes() -> None:
    town = someone(Role.LEADER, areas=("310107005",))
    assert sees_area(town, "310107005001001")
    assert not sees_area(town, "310107006001001")
    require_area(town, "310107005")
    with pytest.raises(NotFound):
        require_area(town, "310107")


def test_estates_count_while_the_term_lasts() -> None:
    member = someone(Role.COMMITTEE_MEMBER, estates=(ESTATE,), until=NOW)
    assert bound_estates(member, NOW - timedelta(seconds=1)) == (ESTATE,)
    assert bound_estates(member, NOW) == ()
    assert sees(member, "310107", estate=ESTATE, now=NOW - timedelta(seconds=1))
    assert not sees(member, "310107", estate=ESTATE, now=NOW)
    assert not sees(member, "310107", estate=None, now=NOW)
    assert sees(someone(Role.LEADER, areas=("31",)), "310107")


def test_a_committee_without_a_term_is_bound_to_nothing() -> None:
    assert bound_estates(someone(Role.COMMITTEE_MEMBER, estates=(ESTATE,)), NOW) == ()
    assert bound_estates(someone(Role.FIRM_MANAGER, estates=(ESTATE,)), NOW) == (ESTATE,)


@pytest.mark.parametrize("role", [Role.COMMITTEE_MEMBER, Role.FIRM_MANAGER])
def test_before_the_term_begins_nothing_is_bound(role: Role) -> None:
    day = timedelta(days=1)
    elected = someone(role, estates=(ESTATE,), since=NOW, until=NOW + day)
    found = [bound_estates(elected, at) for at in (NOW - timedelta(microseconds=1), NOW, NOW + day)]
    assert found == [(), (ESTATE,), ()]


@pytest.mark.parametrize(
    ("roles", "areas", "estates"),
    [
        ({Role.FIRM_MANAGER}, (), (ESTATE,)),
        ({Role.COMMITTEE_MEMBER, Role.UNIT_CLERK}, (), (ESTATE,)),
        ({Role.COMMITTEE_MEMBER, Role.INSPECTOR}, ("31",), (ESTATE,)),
        ({Role.LEADER}, ("31",), ()),
        ({Role.MEDIATOR}, (), ()),
    ],
)
def test_a_scope_counts_only_through_a_role_that_has_it(
    roles: set[Role], areas: tuple[str, ...], estates: tuple[UUID, ...]
) -> None:
    scoped = scoped_for(someone(*roles, areas=("31",), estates=(ESTATE,)), "grid.case.read")
    assert (scoped.areas, scoped.estates) == (areas, estates)
