"""Who takes over what somebody leaves behind. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from libs.common.areas import contains
from libs.common.coordinates import Crs, to_cgcs2000
from libs.common.errors import Conflict, Invalid, NotFound
from libs.common.policy import Role

COARSE_DIGITS = 3
"""Decimals of a degree that are kept of where somebody signed in: some hundred metres, no more."""

WORKER = Role.INSPECTOR
"""Whose work is handled and checked cases."""


class ShiftUnknown(NotFound):
    """No shift has this id, or it is not the caller's to see (班次不存在)."""

    code = "shift-unknown"
    zh = "没有该班次记录"
    en = "There is no such shift"


class AlreadySignedIn(Conflict):
    """Somebody has one shift at a time (已到岗)."""

    code = "already-signed-in"
    zh = "您已于 {since} 到岗，请先交班"
    en = "You have been signed in since {since}: sign out first"


class NotSignedIn(Conflict):
    """Who has not signed in cannot sign out (未到岗)."""

    code = "not-signed-in"
    zh = "您尚未到岗签到"
    en = "You are not signed in"


class ThereAgain(Conflict):
    """Who has signed in again since then hands over themselves (已重新到岗)."""

    code = "there-again"
    zh = "{person} 已重新到岗，请由本人交班"
    en = "{person} has signed in again and hands over themselves"


class NextNotOnDuty(Invalid):
    """The person named to take over is not on duty there (接班人不在岗)."""

    code = "next-not-on-duty"
    zh = "接班人 {person} 当前不在该区域值班"
    en = "{person} is not on duty there now"


class RoleNotYours(Invalid):
    """One signs in in a role that one holds (非本人角色)."""

    code = "role-not-yours"
    zh = "您没有角色 {role}"
    en = "You do not hold the role '{role}'"


class Part(StrEnum):
    """What somebody has to do with a case (承担环节)."""

    HANDLING = "handling"  # 处置
    CHECKING = "checking"  # 核实、核查


class How(StrEnum):
    """Why somebody takes it over (接手依据)."""

    NAMED = "named"  # 指定接班人
    SUBSTITUTE = "substitute"  # 替班人
    ON_DUTY = "on_duty"  # 当班人员
    NOBODY = "nobody"  # 无人在岗


@dataclass(frozen=True)
class Held:
    """A case that somebody has (在手案件). `barred`: who may not have it, since they handled it."""

    case_id: UUID
    area: str
    part: Part
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Posted:
    """Somebody who is on duty for an area since a time, by the rota or signed in (在岗人员)."""

    person: str
    role: str
    area: str
    since: datetime


@dataclass(frozen=True)
class Cover:
    """Who has it then, and why (接手人)."""

    person: str | None
    how: How


@dataclass(frozen=True)
class Leaving:
    """Who goes off duty, and whom they or the rota name (交班人)."""

    person: str
    named: str | None = None
    substitute: str | None = None
    posted: Sequence[Posted] = field(default_factory=tuple)


def cover(held: Held, leaving: Leaving) -> Cover:
    """Who takes it over: the person named, the substitute, else who is on duty nearest, the first to come.

    All of them must be on duty for the case's area; nobody checks what they handled.
    """
    barred = held.barred | {leaving.person}
    able = [
        one
        for one in leaving.posted
        if one.role == WORKER and contains(one.area, held.area) and one.person not in barred
    ]
    there = {one.person for one in able}
    for person, how in ((leaving.named, How.NAMED), (leaving.substitute, How.SUBSTITUTE)):
        if person in there:
            return Cover(person, how)
    if not able:
        return Cover(None, How.NOBODY)
    return Cover(min(able, key=lambda one: (-len(one.area), one.since, one.person)).person, How.ON_DUTY)


def check_named(leaving: Leaving, area: str) -> None:
    """Raise `NextNotOnDuty` if somebody is named who is not on duty for the area."""
    there = {one.person for one in leaving.posted if contains(one.area, area)} - {leaving.person}
    if leaving.named is not None and leaving.named not in there:
        raise NextNotOnDuty(person=leaving.named, pointer="/next")


def check_role(role: str, held: Iterable[str]) -> None:
    """Raise `RoleNotYours` unless the role is among those held."""
    if role not in set(held):
        raise RoleNotYours(role=role, pointer="/role")


def coarse(lon: float, lat: float, crs: Crs) -> tuple[float, float]:
    """The place in CGCS2000, rounded so that it tells the block and not the door. Raises `CoordinateInvalid`.

    >>> coarse(121.473712, 31.230416, Crs.CGCS2000)
    (121.474, 31.23)
    """
    exact_lon, exact_lat = to_cgcs2000(lon, lat, crs)
    return round(exact_lon, COARSE_DIGITS), round(exact_lat, COARSE_DIGITS)
