"""Rules of the targets' work as typed values. Pure.

>>> rules_of([("reports", {"rhythm": "month", "due_days": 5})]).reports.due_days
5
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from libs.common.errors import Conflict, Invalid, NotFound

ASSUMPTION = "assumption"
"""The source of what no document says."""


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


RhythmName = Literal["month", "quarter", "half_year", "year", "once"]
"""How often a report is due (填报频次): 每月, 每季度, 每半年, 每年, 一次."""


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LightRule(_Value):
    """When a light is green, yellow or red (红绿灯阈值).

    `green` and `yellow`: from which share of what the schedule asks by the day, 0.95 = 95 %; less is red.
    `near_days`: so many days before the deadline what is not reached yet is yellow at best.
    """

    green: Decimal = Field(ge=0, le=1)
    yellow: Decimal = Field(ge=0, le=1)
    near_days: int = Field(ge=0, le=366)

    @model_validator(mode="after")
    def _ordered(self) -> LightRule:
        if self.yellow > self.green:
            raise ValueError("yellow must not be above green")
        return self


class ReportRule(_Value):
    """When reports are due (填报规则): how often, and how many days after the period's end."""

    rhythm: RhythmName
    due_days: int = Field(ge=0, le=90)


class ToleranceRule(_Value):
    """How far shares may miss the target before a warning, in percent of it (分解允许偏差)."""

    percent: Decimal = Field(ge=0, le=100)


_SHAPES: Mapping[str, type[_Value]] = {
    "lights": LightRule,
    "reports": ReportRule,
    "allocation_tolerance": ToleranceRule,
}
KEYS = frozenset(_SHAPES)


class Rules(BaseModel):
    """The rules in force, typed (现行规则)."""

    model_config = ConfigDict(frozen=True)

    lights: LightRule = LightRule(green=Decimal("0.95"), yellow=Decimal("0.8"), near_days=30)
    reports: ReportRule = ReportRule(rhythm="month", due_days=5)
    allocation_tolerance: ToleranceRule = ToleranceRule(percent=Decimal(0))


class RuleRow(BaseModel):
    """A rule of the file (规则行)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    value: dict[str, Any]
    source: str


class RuleFile(BaseModel):
    """rules.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    effective_from: date
    rules: tuple[RuleRow, ...]


def rules_of(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> Rules:
    """The stored rules as typed values; a rule that is not stored has this project's default."""
    return Rules(**{key: _SHAPES[key].model_validate(value) for key, value in rows if key in _SHAPES})


def checked_value(key: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """The value as it is stored: figures as text. Raises `RuleUnknown`, `RuleValueInvalid`."""
    shape = _SHAPES.get(key)
    if shape is None:
        raise RuleUnknown(key=key)
    try:
        return shape.model_validate(value).model_dump(mode="json")
    except ValidationError as error:
        told = error.errors()[0]
        where = ".".join(str(part) for part in told["loc"]) or key
        raise RuleValueInvalid(pointer="/value", key=key, where=where, reason=told["msg"]) from None


def check_dates(effective_from: date, last: date, today: date) -> None:
    """Raises `RuleNotYet`, `RuleBeforeLast`."""
    if effective_from > today:
        raise RuleNotYet(pointer="/effective_from", today=today.isoformat())
    if effective_from < last:
        raise RuleBeforeLast(pointer="/effective_from", last=last.isoformat())
