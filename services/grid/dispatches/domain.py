"""Decisions about a dispatch: to whom, at which level, what the unit is told. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from libs.common.clocks import Limit
from libs.common.errors import Invalid
from libs.common.text import mask_numbers
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
    """To whom a case goes (派遣单). `withhold_reporter`: the unit is the accused."""

    unit_id: UUID | None = None
    squad: str | None = None
    handler: str | None = None
    level: str | None = None
    note: str | None = None
    withhold_reporter: bool = False
    repair: Repair | None = None

    @property
    def kind(self) -> str:
        """By which kind of handover it goes to a unit."""
        return HANDOVER_KIND if self.repair is None else REPAIR_KIND


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


def tells_reporter(spoken_to: bool, secret: bool, withheld: bool) -> bool:
    """Whether the unit is told who reported: callers who did not ask for secrecy, never to the accused.

    `spoken_to`: the channel is one whose reporter the unit may have to speak to first (先行联系).
    """
    return spoken_to and not secret and not withheld


def without_reporter(text: str, name: str | None) -> str:
    """What was told, as a unit may read it that must not know who told it: no name, no number."""
    hidden = text.replace(name, "***") if name else text
    return mask_numbers(hidden)


def is_late(due_at: datetime | None, arrived_at: datetime | None, now: datetime) -> bool:
    """Whether nobody has come although somebody should have (到场超时)."""
    return due_at is not None and arrived_at is None and due_at < now
