"""Why a target is refused 目标的拒绝理由: the checks and what they say. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from libs.common.areas import check_code
from libs.common.errors import Conflict, Invalid, NotFound
from libs.common.quantities import base_of, comparable
from services.targets.targets.domain import (
    Aggregation,
    Comparator,
    Kind,
    Relation,
    TargetFields,
    Wanted,
)


class TargetNotFound(NotFound):
    """No target has this id (目标不存在)."""

    code = "target-not-found"
    zh = "目标不存在"
    en = "There is no such target"


class TargetCodeTaken(Conflict):
    """Another target has the code (目标代码重复)."""

    code = "target-code-taken"
    zh = "目标代码“{target_code}”已被使用"
    en = "The target code '{target_code}' is taken"


class TargetExists(Conflict):
    """Another target stands under the id (标识已被使用)."""

    code = "target-exists"
    zh = "该标识下已有另一目标，变更请使用 PATCH"
    en = "Another target stands under this id; change it with PATCH"


class ValueNotFitting(Invalid):
    """The figure does not fit the kind or the comparator (目标值与类型不符)."""

    code = "value-not-fitting"
    zh = "目标值与类型“{kind}”或比较方式不符：{reason_zh}"
    en = "The figure does not fit the kind '{kind}' or its comparator: {reason_en}"


class RangeInverted(Invalid):
    """The upper end lies below the lower one (区间上下限颠倒)."""

    code = "range-inverted"
    zh = "区间上限 {most} 小于下限 {least}"
    en = "The upper end {most} lies below the lower end {least}"


class DatesInverted(Invalid):
    """The deadline lies before the start (起止日期颠倒)."""

    code = "dates-inverted"
    zh = "完成期限 {deadline} 早于起始日期 {start}"
    en = "The deadline {deadline} lies before the start {start}"


class RelationImpossible(Invalid):
    """The two targets cannot stand to each other like this (目标关系不成立)."""

    code = "relation-impossible"
    zh = "与上级目标的关系“{relation}”不成立：{reason_zh}"
    en = "The relation '{relation}' to the target above does not hold: {reason_en}"


class ChangeNotLater(Conflict):
    """A changed value cannot take effect before the one it replaces (生效日期早于上一版)."""

    code = "effective-date-not-later"
    zh = "新目标值的生效日期不得早于上一版的 {last}"
    en = "A new value cannot take effect before the last one, {last}"


def check_wanted(kind: Kind, wanted: Wanted) -> None:
    """Raises `ValueNotFitting`, `RangeInverted`, `UnitOfMeasureUnknown`."""
    figures = (wanted.value, wanted.value_min, wanted.value_max)
    given = any(figure is not None for figure in figures)
    if not kind.measured and (given or wanted.unit):
        raise _not_fitting(kind, "定性或是否类目标没有数值", "it has no figure")
    if given and (wanted.unit is None or wanted.comparator is None):
        raise _not_fitting(kind, "数值须有计量单位和比较方式", "a figure needs its unit and comparator")
    if kind is Kind.RATE and wanted.unit not in (None, "percent"):
        raise _not_fitting(kind, "比率以百分比计", "a rate is told in percent")
    if wanted.unit is not None:
        base_of(wanted.unit)
    if wanted.comparator is Comparator.RANGE:
        _check_range(kind, wanted)
    elif wanted.value_min is not None or wanted.value_max is not None:
        raise _not_fitting(kind, "只有区间目标才有上下限", "only a range has ends")


def _check_range(kind: Kind, wanted: Wanted) -> None:
    least, most = wanted.value_min, wanted.value_max
    if wanted.value is not None or least is None or most is None:
        raise _not_fitting(kind, "区间目标须有上下限", "a range has two ends and no value")
    if most < least:
        raise RangeInverted(least=str(least), most=str(most))


def _not_fitting(kind: Kind, zh: str, en: str) -> ValueNotFitting:
    return ValueNotFitting(kind=kind.value, reason_zh=zh, reason_en=en)


def check_target(fields: TargetFields) -> None:
    """Raises what a target is refused for by itself: its figure, its dates, its area, half a relation."""
    check_code(fields.area)
    check_wanted(fields.kind, fields.wanted)
    if fields.start and fields.deadline and fields.deadline < fields.start:
        raise DatesInverted(start=fields.start.isoformat(), deadline=fields.deadline.isoformat())
    if (fields.parent_id is None) is not (fields.relation is None):
        raise _impossible(fields.relation, "上级目标与关系须同时填写", "a parent and a relation go together")


def check_relation(child: TargetFields, parent: TargetFields, above: Iterable[str]) -> None:
    """Whether the child can stand to the parent as it says; `above` are the codes over the parent.

    Raises `RelationImpossible`: a relation that adds needs the same measure, inside the parent's area, and a
    target never stands above itself.
    """
    relation = child.relation
    if relation is None:
        return
    if child.code == parent.code or child.code in above:
        raise _impossible(relation, "目标不能以自身为上级", "a target is not above itself")
    if relation is Relation.SUPPORTS:
        return
    if not child.area.startswith(parent.area):
        raise _impossible(relation, "区域不在上级目标范围内", "its area lies outside the parent's")
    if relation is Relation.NUMERATOR_OF:
        if parent.kind is not Kind.RATE or not child.kind.measured:
            raise _impossible(relation, "上级目标不是比率", "the parent is no rate")
    elif child.kind is not parent.kind or not _same_measure(child, parent):
        raise _impossible(relation, "类型或计量单位不同", "kind or unit of measure differ")
    if relation.adds and Aggregation.NONE in (child.aggregation, parent.aggregation):
        raise _impossible(relation, "该目标不作汇总", "the target is never summed")


def _same_measure(child: TargetFields, parent: TargetFields) -> bool:
    return child.wanted.unit == parent.wanted.unit or comparable(child.wanted.unit, parent.wanted.unit)


def _impossible(relation: Relation | None, zh: str, en: str) -> RelationImpossible:
    return RelationImpossible(relation=relation.value if relation else "", reason_zh=zh, reason_en=en)
