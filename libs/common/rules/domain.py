"""A rule as plain values: how a file tells it, what stands against a change. Pure.

>>> check_dates(date(2026, 7, 1), last=date(2026, 1, 1), today=date(2026, 7, 1))
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from libs.common.errors import Conflict, Invalid, NotFound

ASSUMPTION = "assumption"
"""The source of what no document says."""

Shape = TypeVar("Shape", bound=BaseModel)


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


class Value(BaseModel):
    """Base of the shapes that rules have."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleRow(Value):
    """One rule of the file (规则行). `source` names the document, or is `assumption`."""

    key: str
    value: dict[str, Any]
    source: str


class RuleFile(Value):
    """`rules.yaml`: all rules, and since when they count (local date)."""

    effective_from: date
    rules: tuple[RuleRow, ...]


def shaped(key: str, value: Mapping[str, Any], shape: type[Shape]) -> Shape:
    """The rule's value in its shape. Raises `RuleValueInvalid`, which points at the first fault."""
    try:
        return shape.model_validate(dict(value))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = "/".join(str(part) for part in first["loc"])
        pointer = f"/value/{where}" if where else "/value"
        raise RuleValueInvalid(key=key, where=where or key, reason=first["msg"], pointer=pointer) from None


def check_dates(effective_from: date, last: date, today: date) -> None:
    """Raises `RuleNotYet`, `RuleBeforeLast`."""
    if effective_from > today:
        raise RuleNotYet(pointer="/effective_from", today=today.isoformat())
    if effective_from < last:
        raise RuleBeforeLast(pointer="/effective_from", last=last.isoformat())
