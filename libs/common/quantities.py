"""Units of measure 计量单位 of targets and of what counts for them, with exact conversion.

A figure is kept as it was written, in its unit, and once more in the base unit, in which figures are added:
平方米 and 万平方米 add up in ㎡. All arithmetic is `Decimal`; factors are powers of ten: nothing is rounded.

>>> to_base(Decimal("5.9017"), "wan_m2"), from_base(Decimal(59017), "wan_m2")
(Decimal('59017'), Decimal('5.9017'))
>>> converted(Decimal(59017), "m2", "wan_m2")
Decimal('5.9017')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from libs.common.errors import Invalid

MOST_DIGITS = 18
"""Most digits of a figure as it is written, before and behind the point together."""

MOST_DECIMALS = 6
"""Most digits behind the point."""

_PRECISION = 60


class UnitOfMeasureUnknown(Invalid):
    """No such unit of measure (计量单位不存在)."""

    code = "unit-of-measure-unknown"
    zh = "计量单位“{unit}”不存在"
    en = "There is no unit of measure '{unit}'"


class UnitsDiffer(Invalid):
    """A figure in one unit of measure cannot count in another (计量单位不可换算)."""

    code = "units-differ"
    zh = "“{given}”不能换算为“{wanted}”"
    en = "A figure in '{given}' cannot be converted to '{wanted}'"


@dataclass(frozen=True)
class Measure:
    """A unit of measure: one of it is 10 to the power `exponent` of its base unit (计量单位)."""

    code: str
    zh: str
    en: str
    base: str
    exponent: int = 0


def _same(code: str, zh: str, en: str) -> Measure:
    return Measure(code, zh, en, code)


MEASURES: Mapping[str, Measure] = {
    each.code: each
    for each in (
        _same("m2", "平方米", "m²"),
        Measure("wan_m2", "万平方米", "10,000 m²", "m2", 4),
        _same("percent", "%", "%"),
        _same("account", "个", "accounts"),
        _same("body", "个组织", "bodies"),
        _same("building", "栋", "buildings"),
        _same("category", "类", "kinds"),
        _same("committee", "个委员会", "committees"),
        _same("company", "家", "companies"),
        _same("estate", "个小区", "estates"),
        _same("facility", "个", "facilities"),
        _same("field", "个领域", "fields"),
        _same("hour_per_day", "小时/日", "hours a day"),
        _same("hydrant", "个", "hydrants"),
        _same("hydrant_area", "片区", "areas"),
        _same("lift", "台", "lifts"),
        _same("neighbourhood", "个居村", "neighbourhoods"),
        _same("person", "名", "persons"),
        _same("person_per_company", "名/企业", "persons per company"),
        _same("score_point", "分", "points"),
        _same("site", "个", "sites"),
        _same("standard", "个", "standards"),
        _same("tier", "级", "tiers"),
        _same("time", "次", "times"),
        _same("yuan", "元", "yuan"),
        Measure("wan_yuan", "万元", "10,000 yuan", "yuan", 4),
    )
}
"""Every unit of measure by its code."""


def measure(unit: str) -> Measure:
    """The unit of measure. Raises `UnitOfMeasureUnknown`."""
    found = MEASURES.get(unit)
    if found is None:
        raise UnitOfMeasureUnknown(unit=unit)
    return found


def base_of(unit: str) -> str:
    """The base unit in which figures of the unit are added. Raises `UnitOfMeasureUnknown`."""
    return measure(unit).base


def comparable(one: str | None, other: str | None) -> bool:
    """Whether figures in the two units can be added: they share their base."""
    return one is not None and other is not None and base_of(one) == base_of(other)


def to_base(value: Decimal, unit: str) -> Decimal:
    """The figure in the base unit, exactly. Raises `UnitOfMeasureUnknown`."""
    return plain(_shifted(value, measure(unit).exponent))


def from_base(value: Decimal, unit: str) -> Decimal:
    """The figure of the base unit in the unit, exactly. Raises `UnitOfMeasureUnknown`."""
    return plain(_shifted(value, -measure(unit).exponent))


def converted(value: Decimal, given: str, wanted: str) -> Decimal:
    """The figure in another unit of the same base. Raises `UnitsDiffer`, `UnitOfMeasureUnknown`."""
    if not comparable(given, wanted):
        raise UnitsDiffer(given=given, wanted=wanted)
    return from_base(to_base(value, given), wanted)


def plain(value: Decimal) -> Decimal:
    """The same number without zeros that say nothing and without an exponent.

    >>> plain(Decimal("3E+7")), plain(Decimal("5.90170"))
    (Decimal('30000000'), Decimal('5.9017'))
    """
    with localcontext(prec=_PRECISION):
        small = value.normalize()
        return small.quantize(Decimal(1)) if small == small.to_integral_value() else small


def _shifted(value: Decimal, exponent: int) -> Decimal:
    with localcontext(prec=_PRECISION):
        return value.scaleb(exponent)
