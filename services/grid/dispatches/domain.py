"""Decisions about a dispatch: to whom, at which level, who still has it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from libs.common.clocks import Limit
from libs.common.errors import Conflict, Invalid
from services.grid.rules.domain import Rules

HANDOVER_KIND = "case-task"
REPAIR_KIND = "case-repair"


class DispatchEnd(StrEnum):
    """How a dispatch ended (派遣结果)."""

    RETURNED = "returned"  # 退单
    RECALLED = "recalled"  # 撤回
    CLOSED = "closed"  # 结案
    STOPPED = "stopped"  # 强制结案、作废


class UnitOrSquad(Invalid):
    """A dispatch names a unit or a squad, not both (单位与自有队伍二选一)."""

    code = "unit-or-squad"
    zh = "派遣须指明处置单位或自有队伍之一"
    en = "Dispatch to a unit or to a squad: exactly one of the two"


class UnitHasIt(Conflict):
    """The unit has the case already (该单位已在办理)."""

    code = "unit-has-it"
    zh = "单位 {unit_id} 已在办理该案件"
    en = "The unit {unit_id} has the case already"


class StudyNeeded(Conflict):
    """It was returned so often that a joint study or an authority decides (须先会商或指定)."""

    code = "study-needed"
    zh = "本轮已退单 {most} 次，须经会商或指定处置后再派遣"
    en = "It was returned {most} times in this round: call a joint study, or designate"


class NotPartner(Invalid):
    """The unit does not have the case (该单位未承办此案).

    A part that was given back or taken away is none any more.
    """

    code = "unit-not-in-case"
    zh = "单位 {unit_id} 当前未承办该案件"
    en = "The unit {unit_id} does not have the case now"


class Held(Protocol):
    """What is read of who has a case."""

    @property
    def lead(self) -> bool: ...
    @property
    def answered_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...


def outstanding(held: Iterable[Held]) -> bool:
    """Whether anybody who has the case has not answered yet; a return that waits is no answer."""
    return any(each.ended_at is None and each.answered_at is None for each in held)


def complete(held: Iterable[Held]) -> bool:
    """Whether the lead has answered and with it everybody else who has the case: it can be checked."""
    having = [each for each in held if each.ended_at is None]
    return any(each.lead for each in having) and not outstanding(having)


@dataclass(frozen=True)
class Repair:
    """That the unit is to come and repair it (报修单): how urgent, by when to be there (UTC), and to finish.

    `finish`: the case's limit from now on, if it ends before the one of its standard.
    """

    urgency: str
    arrive_due_at: datetime
    finish: Limit | None = None


@dataclass(frozen=True)
class Order:
    """To whom a case goes (派遣单). `withhold_reporter`: the unit is the accused.

    `joint_id`: others come beside it. `relation`: on which side of a duty the place lies (位置关系).
    """

    unit_id: UUID | None = None
    squad: str | None = None
    handler: str | None = None
    level: str | None = None
    note: str | None = None
    withhold_reporter: bool = False
    relation: str | None = None
    joint_id: UUID | None = None
    repair: Repair | None = None

    @property
    def kind(self) -> str:
        """By which kind of handover it goes to a unit."""
        return HANDOVER_KIND if self.repair is None else REPAIR_KIND


@dataclass(frozen=True)
class Partner:
    """A unit beside the lead (会同单位). `due_at`: its own limit, UTC; None = the case's."""

    unit_id: UUID
    due_at: datetime | None = None
    note: str | None = None
    withhold_reporter: bool = False


def check_order(order: Order) -> Order:
    """The order itself. Raises `UnitOrSquad`."""
    if (order.unit_id is None) == (order.squad is None):
        raise UnitOrSquad(pointer="/unit_id")
    return order


def default_level(rules: Rules, unit_area: str | None) -> str:
    """The level that handles it by the rules: a squad, a unit of a township, or a unit of the district."""
    if unit_area is None:
        return rules.routing.squad
    return rules.routing.subdistrict_unit if len(unit_area) >= 9 else rules.routing.district_unit


def is_late(due_at: datetime | None, arrived_at: datetime | None, now: datetime) -> bool:
    """Whether nobody has come although somebody should have (到场超时)."""
    return due_at is not None and arrived_at is None and due_at < now
