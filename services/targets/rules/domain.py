"""Rules of the targets' work as typed values. Pure.

>>> rules_of([("reports", {"rhythm": "month", "due_days": 5})]).reports.due_days
5
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, model_validator

from libs.common.rules.domain import RuleUnknown, Value, shaped

RhythmName = Literal["month", "quarter", "half_year", "year", "once"]
"""How often a report is due (填报频次): 每月, 每季度, 每半年, 每年, 一次."""


class LightRule(Value):
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


class ReportRule(Value):
    """When reports are due (填报规则): how often, and how many days after the period's end."""

    rhythm: RhythmName
    due_days: int = Field(ge=0, le=90)


class ToleranceRule(Value):
    """How far shares may miss the target before a warning, in percent of it (分解允许偏差)."""

    percent: Decimal = Field(ge=0, le=100)


_SHAPES: Mapping[str, type[Value]] = {
    "lights": LightRule,
    "reports": ReportRule,
    "allocation_tolerance": ToleranceRule,
}
KEYS = frozenset(_SHAPES)


class Rules(Value):
    """The rules in force, typed (现行规则)."""

    lights: LightRule = LightRule(green=Decimal("0.95"), yellow=Decimal("0.8"), near_days=30)
    reports: ReportRule = ReportRule(rhythm="month", due_days=5)
    allocation_tolerance: ToleranceRule = ToleranceRule(percent=Decimal(0))


def rules_of(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> Rules:
    """The stored rules as typed values; a rule that is not stored has this project's default."""
    return Rules(**{key: _SHAPES[key].model_validate(value) for key, value in rows if key in _SHAPES})


def checked_value(key: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """The value as it is stored: figures as text. Raises `RuleUnknown`, `RuleValueInvalid`."""
    shape = _SHAPES.get(key)
    if shape is None:
        raise RuleUnknown(key=key)
    return shaped(key, value, shape).model_dump(mode="json")
