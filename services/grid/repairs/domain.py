"""Which class a repair has, and who is proposed for it in which order. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from libs.common.areas import with_ancestors
from libs.common.errors import Conflict, Invalid
from services.grid.rules.domain import RepairClass, Repairing


class Receiver(StrEnum):
    """What a unit is proposed as (承修方)."""

    FIRM = "firm"  # 物业服务企业
    FALLBACK = "fallback"  # 托底单位
    CENTRE = "centre"  # 应急维修中心


class RepairClassUnknown(Invalid):
    """There is no such class of repairs (无此报修等级)."""

    code = "repair-class-unknown"
    zh = "没有“{urgency}”这一报修等级"
    en = "There is no class of repairs '{urgency}'"


class NobodyToRepair(Conflict):
    """No unit is proposed by rule: the dispatcher names one (无拟派承修单位)."""

    code = "nobody-to-repair"
    zh = "按规则没有可派的承修单位，请指定单位"
    en = "By rule no unit can be proposed for the repair: name one"


@dataclass(frozen=True)
class RepairGiven:
    """What the dispatcher says of the repair (报修派单); what is None follows from the rules."""

    unit_id: UUID | None = None
    urgency: str | None = None
    level: str | None = None
    note: str | None = None
    withhold_reporter: bool = False


def class_of(rules: Repairing, category: str, standard: str) -> str:
    """The class by rule: of the standard, else of the category, else the default."""
    for key in (f"{category}/{standard}", category):
        if key in rules.classes:
            return rules.classes[key]
    return rules.default


def known_class(classes: Mapping[str, RepairClass], urgency: str) -> RepairClass:
    """Raises `RepairClassUnknown`."""
    if urgency not in classes:
        raise RepairClassUnknown(urgency=urgency, pointer="/urgency")
    return classes[urgency]


def arrival_due(found: RepairClass, now: datetime) -> datetime:
    """By when somebody is to be on site (到场时限), UTC: the clock runs day and night."""
    return now + timedelta(minutes=found.arrive_minutes)


def order_of(rules: Repairing, found: RepairClass, mode: str | None) -> Sequence[Receiver]:
    """Who is proposed first. `mode`: how the estate is managed; None: it lies in no estate.

    Outside estates there is no firm to call; where nobody manages, the fallback unit stands in for the firm.
    """
    firm = Receiver.FIRM if mode is not None and mode not in rules.fallback_modes else Receiver.FALLBACK
    if found.centre_first or mode is None:
        return (Receiver.CENTRE, firm)
    return (firm, Receiver.CENTRE)


def kinds_of(rules: Repairing, receiver: Receiver) -> Sequence[str]:
    """The kinds of unit that stand for the receiver, the first one first."""
    named = {Receiver.FIRM: rules.firms, Receiver.FALLBACK: rules.fallbacks, Receiver.CENTRE: rules.centres}
    return named[receiver]


def fallback_unit(rules: Repairing, area: str) -> UUID | None:
    """The unit that the rules name for the narrowest area around the place, if they name one (托底单位)."""
    named = rules.fallback_units
    return next((named[code] for code in with_ancestors(area) if code in named), None)
