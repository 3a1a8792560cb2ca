"""Targets 目标: kinds, relations and what a target's fields must keep. Pure.

What has no figure, no unit or no deadline loads as it is, as much of the documents, and is never overdue.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from libs.common.quantities import base_of, to_base
from services.targets.plans.domain import Basis, Origin, PlanLevel, PlanState


class Kind(StrEnum):
    """How a target is measured (类型)."""

    SUM = "sum"  # 累计量: increments add up, in a unit with a base
    COUNT = "count"  # 计数: increments add up
    RATE = "rate"  # 比率: numerator and denominator, never averaged
    STOCK = "stock"  # 存量: a level held at a date, never added over time
    BOOLEAN = "boolean"  # 是否完成
    QUALITATIVE = "qualitative"  # 定性

    @property
    def counted(self) -> bool:
        """Whether increments are reported and added over time."""
        return self in (Kind.SUM, Kind.COUNT)

    @property
    def measured(self) -> bool:
        """Whether it has a figure at all."""
        return self not in (Kind.BOOLEAN, Kind.QUALITATIVE)


class Comparator(StrEnum):
    """What the text asks of the figure (比较方式)."""

    REACH = "reach"  # 达到
    GTE = "gte"  # 以上
    LTE = "lte"  # 以下
    RANGE = "range"  # 区间


class Relation(StrEnum):
    """How a target stands to its parent (与上级目标的关系)."""

    PART_OF = "part_of"
    """A stated share 其中: shares may overlap and do not exhaust the parent; never added upward."""
    SLICE_OF = "slice_of"
    """The part of one year 年度任务: slices add up over the years to the parent."""
    NUMERATOR_OF = "numerator_of"
    """The count behind the parent's rate 分子."""
    CONTRIBUTES_TO = "contributes_to"
    """The same measure in a smaller area 计入: added upward in the base unit, rates as Σn/Σd; only what is
    done by the parent's deadline."""
    SUPPORTS = "supports"
    """The same aim, measured otherwise or over another population 支撑: never added."""

    @property
    def adds(self) -> bool:
        """Whether the child's figures are added to the parent's own measure."""
        return self in (Relation.SLICE_OF, Relation.CONTRIBUTES_TO)


class Aggregation(StrEnum):
    """Whether figures of disjoint areas are added (汇总方式)."""

    ADD = "add"  # 相加
    NONE = "none"  # 不汇总


class Recurrence(StrEnum):
    """A target that starts afresh each period: its value is per period (周期性目标)."""

    YEAR = "year"
    HALF_YEAR = "half_year"
    QUARTER = "quarter"


class Role(StrEnum):
    """What a named actor is (责任分工)."""

    LEAD = "lead"  # 牵头
    RESPONSIBLE = "responsible"  # 责任
    COOPERATING = "cooperating"  # 配合


@dataclass(frozen=True)
class Responsible:
    """An actor that the source names, and the unit that it stands for where one is known (责任单位)."""

    name: str
    role: Role = Role.RESPONSIBLE
    unit_id: UUID | None = None


@dataclass(frozen=True)
class Milestone:
    """A step on the way, by a day: with a figure in the target's unit, or only named (里程碑)."""

    name_zh: str
    name_en: str
    by: date
    value: Decimal | None = None
    inferred: bool = False


@dataclass(frozen=True)
class YearSlice:
    """What a year asks for: a figure in the target's unit, or a stage (年度安排)."""

    year: int
    value: Decimal | None = None
    stage_zh: str | None = None
    stage_en: str | None = None
    inferred: bool = False


@dataclass(frozen=True)
class Wanted:
    """The figure that is promised, as written: one value, or a range (目标值)."""

    value: Decimal | None = None
    value_min: Decimal | None = None
    value_max: Decimal | None = None
    comparator: Comparator | None = None
    unit: str | None = None

    @property
    def base_unit(self) -> str | None:
        """The unit in which figures are added."""
        return base_of(self.unit) if self.unit else None

    @property
    def floor(self) -> Decimal | None:
        """What must be reached at least, in the base unit: of a range its lower end."""
        told = self.value_min if self.comparator is Comparator.RANGE else self.value
        return None if told is None or self.unit is None else to_base(told, self.unit)


@dataclass(frozen=True)
class TargetFields:
    """What a target is, without its id and version: the same for files and API (目标要素)."""

    code: str
    plan_id: UUID
    title_zh: str
    title_en: str
    level: PlanLevel
    area: str
    kind: Kind
    wanted: Wanted = Wanted()
    theme: str = ""
    aggregation: Aggregation = Aggregation.ADD
    baseline: Decimal | None = None
    """Where it started, in the target's unit."""
    already_met: bool = False
    """The text states the figure as reached: a baseline, nothing to reach."""
    denominator_zh: str = ""
    denominator_en: str = ""
    denominator_stated: bool = True
    strength: str = ""
    """The wording of the obligation, such as 力争."""
    soft: bool = False
    """The wording asks for an effort: a miss is not a fail."""
    start: date | None = None
    deadline: date | None = None
    deadline_text: str = ""
    deadline_inferred: bool = False
    recurrence: Recurrence | None = None
    milestones: tuple[Milestone, ...] = ()
    annual: tuple[YearSlice, ...] = ()
    parent_id: UUID | None = None
    relation: Relation | None = None
    relation_basis: Basis | None = None
    via: str = ""
    """The middle level that the source names and that is missing."""
    outlives: bool = False
    """Ends after its plan: stays judged when the plan is concluded."""
    responsible: tuple[Responsible, ...] = ()
    responsible_basis: Basis | None = None
    rhythm: str | None = None
    """How often its reports are due; None = as the rules say."""
    clause: str = ""
    also_in: tuple[str, ...] = ()
    """Where the sources say the same once more: one target, not two."""
    note: str = ""
    origin: Origin = Origin.ENTERED
    demonstration: bool = False

    @property
    def digest(self) -> bytes:
        """SHA-256 of the fields: tells the loader whether a file's row has changed."""
        return hashlib.sha256(repr(self).encode()).digest()


def is_judged(state: PlanState, *, outlives: bool, already_met: bool) -> bool:
    """Whether lights, sweeps and chasing look at the target now: its plan is in force, or it outlives it.

    A figure that the text states as reached is a baseline and not judged.
    """
    return not already_met and (state is PlanState.IN_FORCE or (state is PlanState.CONCLUDED and outlives))


def outlives_plan(deadline: date | None, period_to: date | None) -> bool:
    """Whether the target ends after its plan, and so stays judged when that is concluded.

    >>> outlives_plan(date(2023, 12, 31), date(2020, 12, 31)), outlives_plan(date(2020, 12, 31), None)
    (True, False)
    """
    return deadline is not None and period_to is not None and deadline > period_to


def is_unassigned(named: Sequence[Responsible]) -> bool:
    """Whether no unit is named that could be asked (未明确责任单位)."""
    return all(each.unit_id is None for each in named)


def parts_told(parts: tuple[Responsible | Milestone | YearSlice, ...]) -> list[dict[str, Any]]:
    """The parts as JSON keeps them: days and figures as text."""
    kept: list[dict[str, Any]] = _PARTS.dump_python(parts, mode="json")
    return kept


responsible_of = TypeAdapter(tuple[Responsible, ...]).validate_python
milestones_of = TypeAdapter(tuple[Milestone, ...]).validate_python
slices_of = TypeAdapter(tuple[YearSlice, ...]).validate_python
"""The parts from JSON."""

_PARTS: TypeAdapter[tuple[Any, ...]] = TypeAdapter(tuple[Responsible | Milestone | YearSlice, ...])
