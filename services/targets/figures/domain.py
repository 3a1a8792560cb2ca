"""Figures 数据: what may be reported for a kind of target, in which unit, and the figure that is added. Pure.

A figure is kept as it was written, in its unit, and once more in the target's base unit, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from libs.common.errors import Invalid
from libs.common.quantities import UnitsDiffer, comparable, to_base
from services.targets.targets.domain import Kind


class FigureNotFitting(Invalid):
    """The figure does not fit the kind of target (填报数据与目标类型不符)."""

    code = "figure-not-fitting"
    zh = "填报数据与目标类型不符：{reason_zh}"
    en = "The figure does not fit the target: {reason_en}"


class Source(StrEnum):
    """Where a figure comes from (数据来源)."""

    REPORT = "report"  # 已审定的填报
    TASK = "task"  # 已核验的任务


@dataclass(frozen=True)
class Given:
    """What is written in a report: one of the three shapes, by the kind of target (填报内容)."""

    quantity: Decimal | None = None
    unit: str | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    done: bool | None = None


@dataclass(frozen=True)
class Figure:
    """An accepted figure, or what a verified task brought; local days, both ends included (汇总数据).

    Quantities stand in the base unit. `known`: the day from which it counts. `holder`: the allocation that
    reports it. `once`: the names under which the same thing may come again (task, lot).
    """

    target_id: UUID
    area: str
    first: date
    last: date
    known: date
    source: Source = Source.REPORT
    quantity: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    done: bool | None = None
    holder: UUID | None = None
    once: tuple[str, ...] = ()


@dataclass(frozen=True)
class Total:
    """What was reached: in the base unit, of a rate in numerator and denominator (汇总结果)."""

    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    done: bool | None = None
    counted: int = 0
    """Figures that were added."""
    covered: int = 0
    """Figures left out, since another one holds them already."""
    latest: date | None = None
    """Last day that the added figures reach."""

    @property
    def exact(self) -> Fraction | None:
        """The value, of a rate the percentage, unrounded."""
        if self.numerator is not None and self.denominator:
            return Fraction(self.numerator) * 100 / Fraction(self.denominator)
        return None if self.value is None else Fraction(self.value)


def check_given(given: Given, kind: Kind, unit: str | None, *, evidence: int) -> Decimal | None:
    """The quantity in the target's base unit, None for what has no quantity.

    Raises `FigureNotFitting`, `UnitsDiffer`, `UnitOfMeasureUnknown`.
    """
    if kind is Kind.RATE:
        _check_rate(given)
        return None
    if not kind.measured:
        _check_answer(given, evidence)
        return None
    return _checked_quantity(given, unit)


def _check_rate(given: Given) -> None:
    numerator, denominator = given.numerator, given.denominator
    if numerator is None or denominator is None or given.quantity is not None or given.done is not None:
        raise FigureNotFitting(
            pointer="/numerator",
            reason_zh="比率须填分子和分母",
            reason_en="a rate has a numerator and a denominator",
        )
    if denominator <= 0 or not 0 <= numerator <= denominator:
        raise FigureNotFitting(
            pointer="/numerator",
            reason_zh="分母须大于零，分子不得小于零或大于分母",
            reason_en="0 <= numerator <= denominator, and the denominator is not zero",
        )


def _check_answer(given: Given, evidence: int) -> None:
    numbers = given.quantity, given.numerator, given.denominator
    if given.done is None or any(number is not None for number in numbers):
        raise FigureNotFitting(
            pointer="/done", reason_zh="须填是否完成", reason_en="say whether it is done, and nothing else"
        )
    if given.done and not evidence:  # 以书面材料为准
        raise FigureNotFitting(
            pointer="/photos", reason_zh="完成须附佐证材料", reason_en="what is done is shown by evidence"
        )


def _checked_quantity(given: Given, unit: str | None) -> Decimal:
    quantity = given.quantity
    if quantity is None or given.unit is None or given.numerator is not None or given.done is not None:
        raise FigureNotFitting(
            pointer="/quantity", reason_zh="须填数量和单位", reason_en="a quantity and its unit are needed"
        )
    if quantity < 0:
        raise FigureNotFitting(
            pointer="/quantity",
            reason_zh="数量不得为负，前期多报的请更正原填报",
            reason_en="never below zero: correct the earlier report instead",
        )
    if not comparable(given.unit, unit):
        raise UnitsDiffer(pointer="/unit", given=given.unit, wanted=unit or "")
    return to_base(quantity, given.unit)
