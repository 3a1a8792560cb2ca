"""Rules of mediation as typed values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from libs.common.clocks import Limit, TimeUnit
from libs.common.errors import Conflict, Invalid, NotFound
from services.disputes.bodies.domain import LADDER, Tier

ASSUMPTION = "assumption"
"""The source of what no document says."""


class DisputeClass(StrEnum):
    """The classes of property disputes (一般、专业、重大)."""

    ORDINARY = "ordinary"  # 一般
    SPECIALIST = "specialist"  # 专业
    MAJOR = "major"  # 重大


class RuleUnknown(NotFound):
    """No rule has this key (规则不存在)."""

    code = "rule-unknown"
    zh = "没有规则 {key}"
    en = "There is no rule '{key}'"


class RuleValueInvalid(Invalid):
    """The value has not the shape that this rule needs (规则内容无效)."""

    code = "rule-value-invalid"
    zh = "规则 {key} 的内容“{where}”无效"
    en = "The value of rule '{key}' is not valid: {where} {reason}"


class RuleNotYet(Invalid):
    """A changed rule counts at once: its date cannot lie ahead (生效日期不得晚于今天)."""

    code = "effective-date-ahead"
    zh = "规则修改即时生效，生效日期不得晚于今天 {today}"
    en = "A changed rule counts at once: its effective date cannot be later than today, {today}"


class RuleBeforeLast(Conflict):
    """A change cannot take effect before the one that it replaces (生效日期早于上一版)."""

    code = "effective-date-not-later"
    zh = "生效日期不得早于上一版的 {last}"
    en = "The effective date must not be earlier than that of the last change, {last}"


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RuleRow(_File):
    """One rule as the file gives it."""

    key: str
    value: dict[str, Any]
    source: str


class RuleFile(_File):
    """`rules.yaml`."""

    effective_from: date
    rules: tuple[RuleRow, ...]


class ClassRule(_File):
    """Where a class goes (分类流转)."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    tier: Tier
    highest: Tier
    """The tier above which it goes with a reason only (一般不出街镇)."""
    written: bool
    """Its agreement is always in writing (须为书面协议)."""


class TierLimit(_File):
    """How long the mediation of a tier may take from its acceptance (调解期限)."""

    amount: int = Field(ge=1, le=400)
    unit: TimeUnit


class _Wait(TierLimit):
    """How long the parties may take to say yes or no before they are asked again (征询意愿)."""


_SHAPES: Mapping[str, type[_File]] = {"class": ClassRule, "limit": TierLimit, "consent": _Wait}
KEYS = frozenset({*(f"class.{c}" for c in DisputeClass), *(f"limit.{t}" for t in Tier), "consent"})
"""Every key that there is."""


def checked_value(key: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """The rule's value in its shape, as JSON. Raises `RuleUnknown`, `RuleValueInvalid`."""
    if key not in KEYS:
        raise RuleUnknown(key=key)
    try:
        checked = _SHAPES[key.partition(".")[0]].model_validate(dict(value))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "/".join(str(part) for part in first["loc"])
        raise RuleValueInvalid(key=key, where=where, reason=first["msg"], pointer=f"/value/{where}") from None
    if isinstance(checked, ClassRule) and LADDER.index(checked.tier) > LADDER.index(checked.highest):
        raise RuleValueInvalid(key=key, where="highest", reason="lies below 'tier'", pointer="/value/highest")
    return checked.model_dump(mode="json")


class Rules(_File):
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


def check_dates(effective_from: date, last: date, today: date) -> None:
    """Raise `RuleNotYet` or `RuleBeforeLast`; days in Shanghai."""
    if effective_from > today:
        raise RuleNotYet(today=today.isoformat(), pointer="/effective_from")
    if effective_from < last:
        raise RuleBeforeLast(last=last.isoformat(), pointer="/effective_from")
