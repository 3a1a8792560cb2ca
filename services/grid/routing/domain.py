"""Which unit is proposed for a category in an area. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from libs.common.areas import ancestors_of
from libs.common.errors import Invalid

GROUP_DIGITS = 2
"""Length of the code of a group of categories (大类)."""
UNKEPT = ("unmanaged", "abandoned")
"""Ways of managing an estate by which nobody does."""


class RelationUnknown(Invalid):
    """The rules know no such relation (位置关系不存在)."""

    code = "relation-unknown"
    zh = "没有位置关系“{relation}”"
    en = "There is no place relation '{relation}'"


class UnitUnknown(Invalid):
    """No such unit is known here, or it has ended (单位不存在或已停用)."""

    code = "unit-unknown"
    zh = "单位 {unit_id} 不存在或已停用"
    en = "There is no unit {unit_id} in force"


@dataclass(frozen=True)
class Rule:
    """One row of the duty list that fits (职责依据)."""

    duty_id: UUID
    category: str
    area: str
    lead: tuple[UUID, ...]
    cooperating: tuple[UUID, ...]
    valid_from: date | None
    source: str
    demonstration: bool
    relation: str | None = None
    police_support: bool = False


@dataclass(frozen=True)
class Place:
    """What a duty is looked up by (职责要素): category, area, and all that is known of its relations."""

    category: str
    area: str
    relations: frozenset[str] = frozenset()

    @property
    def categories(self) -> tuple[str, ...]:
        """The category and its group (大类), whose rows hold for all of it."""
        return (self.category, self.category[:GROUP_DIGITS])


def relations_of(inside_wall: bool | None, mode: str | None, said: str | None = None) -> frozenset[str]:
    """The relations that follow from wall and estate, with the one that was said (位置关系).

    >>> sorted(relations_of(True, "firm", "after_meter"))
    ['after_meter', 'inside_wall', 'managed']
    """
    found = {said} if said else set()
    if inside_wall is not None:
        found.add("inside_wall" if inside_wall else "outside_wall")
    if mode is not None:
        found.add(mode if mode in UNKEPT else "managed")
    return frozenset(found)


def fits(rule: Rule, place: Place) -> bool:
    """Whether the row holds there: one with a relation only for places that are known to be in it."""
    return rule.relation is None or rule.relation in place.relations


def words(rule: Rule, relation: str | None) -> str:
    """The rule as people say it; `relation`: its name (职责依据说明).

    >>> from uuid import UUID
    >>> words(Rule(UUID(int=0), "05", "310101", (), (), None, "会议纪要", False, "after_meter"), "表后")
    '职责清单：大类 05，区划 310101，位置关系“表后”；出处：会议纪要'
    """
    of = "大类" if len(rule.category) == GROUP_DIGITS else "类别"
    where = f"，位置关系“{relation or rule.relation}”" if rule.relation else ""
    return f"职责清单：{of} {rule.category}，区划 {rule.area}{where}；出处：{rule.source or '未注明'}"


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
    """The proposed units, best first: a row for the place's relation wins, then the most specific area, then
    the category over its group, then the latest row; leads before cooperating units. Units that have ended
    are left out; a rule none of whose leads is left gives way."""
    ranked = sorted(rules, key=_rank)
    for rule in ranked:
        leads = [unit for unit in rule.lead if unit in units_in_force]
        if leads:
            others = [u for u in rule.cooperating if u in units_in_force and u not in leads]
            return [
                *(Proposal(unit, "lead", rule) for unit in leads),
                *(Proposal(unit, "cooperating", rule) for unit in others),
            ]
    return []


def _rank(rule: Rule) -> tuple[bool, int, int, int, str]:
    latest = -_ordinal(rule.valid_from)
    return rule.relation is None, -len(rule.area), -len(rule.category), latest, str(rule.duty_id)


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else 0
