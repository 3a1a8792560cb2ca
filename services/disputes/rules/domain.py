"""Rules of mediation as typed values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field

from libs.common.clocks import Limit, TimeUnit
from libs.common.rules.domain import RuleUnknown, RuleValueInvalid, Value, shaped
from services.disputes.bodies.domain import LADDER, Tier


class DisputeClass(StrEnum):
    """The classes of property disputes (一般、专业、重大)."""

    ORDINARY = "ordinary"  # 一般
    SPECIALIST = "specialist"  # 专业
    MAJOR = "major"  # 重大


class ClassRule(Value):
    """Where a class goes (分类流转)."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    tier: Tier
    highest: Tier
    """The tier above which it goes with a reason only (一般不出街镇)."""
    written: bool
    """Its agreement is always in writing (须为书面协议)."""


class TierLimit(Value):
    """How long the mediation of a tier may take from its acceptance (调解期限)."""

    amount: int = Field(ge=1, le=400)
    unit: TimeUnit


class _Wait(TierLimit):
    """How long the parties may take to say yes or no before they are asked again (征询意愿)."""


_SHAPES: Mapping[str, type[Value]] = {"class": ClassRule, "limit": TierLimit, "consent": _Wait}
KEYS = frozenset({*(f"class.{c}" for c in DisputeClass), *(f"limit.{t}" for t in Tier), "consent"})
"""Every key that there is."""


def checked_value(key: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """The rule's value in its shape, as JSON. Raises `RuleUnknown`, `RuleValueInvalid`."""
    if key not in KEYS:
        raise RuleUnknown(key=key)
    checked = shaped(key, value, _SHAPES[key.partition(".")[0]])
    if isinstance(checked, ClassRule) and LADDER.index(checked.tier) > LADDER.index(checked.highest):
        raise RuleValueInvalid(key=key, where="highest", reason="lies below 'tier'", pointer="/value/highest")
    return checked.model_dump(mode="json")


class Rules(Value):
    """The rules in force, typed."""

    classes: dict[DisputeClass, ClassRule]
    limits: dict[Tier, TierLimit]
    consent: TierLimit

    def tier_of_class(self, dispute_class: DisputeClass) -> Tier:
        """The tier to which disputes of the class go unless someone says otherwise, with a reason."""
        return self.classes[dispute_class].tier

    def leaves(self, dispute_class: DisputeClass, to: Tier) -> bool:
        """Whether the tier lies above the highest at which the class is usually settled."""
        return LADDER.index(to) > LADDER.index(self.classes[dispute_class].highest)

    def written_required(self, dispute_class: DisputeClass) -> bool:
        """Whether an agreement of the class is always in writing."""
        return self.classes[dispute_class].written

    def limit(self, tier: Tier) -> Limit:
        """How long the tier's mediation may take from its acceptance."""
        return Limit(self.limits[tier].amount, self.limits[tier].unit)

    def consent_wait(self) -> Limit:
        """How long the parties' answers are waited for from the acceptance on."""
        return Limit(self.consent.amount, self.consent.unit)


def rules_of(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> Rules:
    """The rules of (key, value) rows."""
    parts: dict[str, Any] = {"classes": {}, "limits": {}}
    for key, value in rows:
        kind, _, name = key.partition(".")
        if kind == "consent":
            parts["consent"] = value
        else:
            parts["classes" if kind == "class" else "limits"][name] = value
    return Rules.model_validate(parts)
