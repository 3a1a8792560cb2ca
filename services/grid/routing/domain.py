"""Which unit is proposed for a category in an area. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.common.areas import ancestors_of
from libs.common.errors import Invalid


class UnitUnknown(Invalid):
    """No such unit is known here, or it has ended (单位不存在或已停用)."""

    code = "unit-unknown"
    zh = "单位 {unit_id} 不存在或已停用"
    en = "There is no unit {unit_id} in force"


@dataclass(frozen=True)
class Rule:
    """One row of the duty list that fits (职责依据)."""

    duty_id: UUID
    area: str
    lead: tuple[UUID, ...]
    cooperating: tuple[UUID, ...]
    valid_from: date | None
    source: str
    demonstration: bool


@dataclass(frozen=True)
class Proposal:
    """A unit proposed for a case, and the rule behind it (拟派单位)."""

    unit_id: UUID
    role: str
    rule: Rule


def in_force(valid_from: date | None, valid_to: date | None, day: date) -> bool:
    """Whether something with these dates holds on the day; no date = open end."""
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)


def scopes_of(area: str) -> tuple[str, ...]:
    """The areas whose duty rows may fit a place in `area`: itself and all around it.

    >>> scopes_of("310107005")
    ('31', '3101', '310107', '310107005')
    """
    return (*ancestors_of(area), area)


def proposals(rules: Iterable[Rule], units_in_force: frozenset[UUID]) -> Sequence[Proposal]:
    """The proposed units, best first: the most specific area wins, then the latest row; leads before
    cooperating units. Units that have ended are left out; a rule none of whose leads is left gives way."""
    ranked = sorted(rules, key=lambda r: (-len(r.area), -_ordinal(r.valid_from), str(r.duty_id)))
    for rule in ranked:
        leads = [unit for unit in rule.lead if unit in units_in_force]
        if leads:
            others = [u for u in rule.cooperating if u in units_in_force and u not in leads]
            return [
                *(Proposal(unit, "lead", rule) for unit in leads),
                *(Proposal(unit, "cooperating", rule) for unit in others),
            ]
    return []


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else 0
