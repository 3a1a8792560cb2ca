"""Callers by role and by where they stand to the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from libs.common.http.faults import Unauthenticated
from libs.common.ids import new_id
from libs.common.policy import BY_ESTATE, GRANTS, Principal, Role

HEADER = "x-caller"
TERM = timedelta(days=365)
UNIT_ROLES = frozenset({Role.UNIT_CLERK, Role.UNIT_LEADER})
EVERY_SCOPE = frozenset(name for name, roles in GRANTS.items() if Role.SYSTEM in roles)


class Place(StrEnum):
    """Where the record lies, seen from the caller."""

    OWN = "own"  # in the caller's own area, with their own unit, body or estate
    OTHER = "other"  # in their own area, with another unit, body or estate
    CHILD = "child"  # in a part of their area
    PARENT = "parent"  # in the area around theirs
    SIBLING = "sibling"  # in an area beside theirs
    NONE = "none"  # the caller has no area, unit, body or estate


AROUND = {15: 12, 12: 9, 9: 6, 6: 2}
"""Digits of a code -> digits of the area around it."""


@dataclass(frozen=True)
class Home:
    """Where a service's records lie and whose they are."""

    area: str
    unit: UUID = field(default_factory=new_id)
    estate: UUID = field(default_factory=new_id)
    bodies: Mapping[Role, UUID] = field(default_factory=dict)
    stranger: UUID = field(default_factory=new_id)
    """A unit, a body or an estate that has nothing to do with the records."""

    def principal(self, role: Role, place: Place, now: datetime, subject: str | None = None) -> Principal:
        """The caller. A unit, a body or an estate is the record's own only at `OWN`."""
        somewhere, own = place is not Place.NONE, place is Place.OWN
        bound = role in BY_ESTATE and somewhere
        return Principal(
            subject=subject or f"{role}-0",
            name=role,
            roles=frozenset({role}),
            areas=areas_at(place, self.area),
            unit_id=(self.unit if own else self.stranger) if role in UNIT_ROLES and somewhere else None,
            body_id=(self.bodies[role] if own else self.stranger)
            if role in self.bodies and somewhere
            else None,
            estates=((self.estate if own else self.stranger),) if bound else (),
            scopes=EVERY_SCOPE if role is Role.SYSTEM else frozenset(),
            until=now + TERM if bound else None,
        )


def areas_at(place: Place, area: str) -> tuple[str, ...]:
    """The area of a caller from whom the record's `area` is seen like this.

    >>> areas_at(Place.PARENT, "310101002"), areas_at(Place.SIBLING, "310101002")
    (('310101002001',), ('310101003',))
    """
    if place is Place.NONE:
        return ()
    return (
        {
            Place.CHILD: area[: AROUND[len(area)]],
            Place.PARENT: f"{area}001",
            Place.SIBLING: str(int(area) + 1),
        }.get(place, area),
    )


class Named:
    """Takes the caller by a name in a header: who may do what is tested here, not who is who."""

    def __init__(self) -> None:
        self.callers: dict[str, Principal] = {}

    def headers(self, principal: Principal) -> dict[str, str]:
        """The headers that name this caller."""
        name = f"{principal.subject} {hash(principal)}"
        self.callers[name] = principal
        return {HEADER: name}

    async def authenticate(self, headers: Mapping[str, str], now: datetime) -> Principal:
        """The caller that the headers name. Raises `Unauthenticated`."""
        if headers.get(HEADER) not in self.callers:
            raise Unauthenticated(absent=True)
        return self.callers[headers[HEADER]]
