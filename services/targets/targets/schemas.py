"""Shapes of targets."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from libs.common.http.schemas import Day, Flag, Read, Write
from libs.common.text import Line, Text
from services.targets.fields import AreaCode, Code, Figure, Told, UnitOfMeasure
from services.targets.plans.domain import Basis, Origin, PlanLevel
from services.targets.rules.domain import RhythmName
from services.targets.targets.domain import (
    Aggregation,
    Comparator,
    Kind,
    Milestone,
    Recurrence,
    Relation,
    Responsible,
    Role,
    TargetFields,
    Wanted,
    YearSlice,
)
from services.targets.targets.service import Revision


class ActorRead(Read):
    """An actor that the source names. 责任主体"""

    name: str = Field(examples=["区房管局"])
    role: Role
    unit_id: UUID | None = Field(description="Unit that it stands for; null = not known (未对应单位)")


class MilestoneRead(Read):
    """A step on the way. 里程碑"""

    name_zh: str
    name_en: str
    by: date
    value: Told | None
    inferred: bool


class SliceRead(Read):
    """What a year asks for. 年度安排"""

    year: int
    value: Told | None
    stage_zh: str | None
    stage_en: str | None
    inferred: bool


class TargetRead(Read):
    """A target. 目标"""

    id: UUID
    version: int
    code: str = Field(examples=["SH-T01"])
    plan_id: UUID
    title_zh: str = Field(examples=["各类旧住房修缮改造面积"])
    title_en: str
    level: PlanLevel
    area: str
    theme: str
    kind: Kind
    aggregation: Aggregation = Field(description="none = never added over areas (不汇总)")
    value: Told | None = Field(description="In `unit`, as written (目标值)")
    value_min: Told | None
    value_max: Told | None
    comparator: Comparator | None
    unit: str | None = Field(examples=["wan_m2"])
    base_unit: str | None = Field(examples=["m2"])
    base_value: Told | None = Field(description="To be reached at least, in `base_unit`")
    baseline: Told | None
    already_met: bool = Field(description="The text states it as reached (已达到的基数)")
    denominator_zh: str
    denominator_en: str
    denominator_stated: bool
    strength: str = Field(description="Wording of the obligation (表述强度)", examples=["力争"])
    soft: bool = Field(description="A miss is not a fail (软性表述)")
    start: date | None
    deadline: date | None = Field(description="null = undated, never overdue (未载明期限)")
    deadline_text: str
    deadline_inferred: bool
    recurrence: Recurrence | None
    milestones: list[MilestoneRead]
    annual: list[SliceRead]
    parent_id: UUID | None
    relation: Relation | None
    relation_basis: Basis | None
    via: str
    outlives: bool = Field(description="Stays judged after its plan is concluded (期限晚于计划)")
    responsible: list[ActorRead]
    responsible_basis: Basis | None
    rhythm: str | None = Field(description="How often reported; null = as the rules say (填报频次)")
    clause: str
    also_in: list[str]
    note: str
    origin: Origin
    demonstration: bool
    reserve: Told | None = Field(description="Held back when allocated, in `unit` (预留)")
    updated_at: datetime


class TargetList(Read):
    """Targets. 目标"""

    items: list[TargetRead]


class ActorWrite(Write):
    """An actor. 责任主体"""

    name: Line = Field(examples=["普陀区房屋管理局"])
    role: Role = Role.RESPONSIBLE
    unit_id: UUID | None = None

    def plain(self) -> Responsible:
        """As a plain value."""
        return Responsible(**vars(self))


class MilestoneWrite(Write):
    """A step on the way. 里程碑"""

    name_zh: Line = Field(examples=["完成过半"])
    name_en: Line = Field(examples=["Half way"])
    by: Day = Field(examples=["2027-06-30"])
    value: Figure | None = Field(default=None, examples=["90"])

    def plain(self) -> Milestone:
        """As a plain value."""
        return Milestone(**vars(self))


class SliceWrite(Write):
    """What a year asks for. 年度安排"""

    year: int = Field(ge=2000, le=2099, examples=[2027])
    value: Figure | None = None
    stage_zh: Line | None = None
    stage_en: Line | None = None

    def plain(self) -> YearSlice:
        """As a plain value."""
        return YearSlice(**vars(self))


class WantedWrite(Write):
    """The figure that is promised. 目标值"""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"value": "180", "comparator": "reach", "unit": "wan_m2"}]}
    )

    value: Figure | None = Field(default=None, examples=["180"])
    value_min: Figure | None = None
    value_max: Figure | None = None
    comparator: Comparator | None = Field(default=None, examples=["reach"])
    unit: UnitOfMeasure | None = None

    def plain(self) -> Wanted:
        """As a plain value."""
        return Wanted(**vars(self))


Actors = Annotated[tuple[ActorWrite, ...], Field(max_length=60)]
Milestones = Annotated[tuple[MilestoneWrite, ...], Field(max_length=40)]
Slices = Annotated[tuple[SliceWrite, ...], Field(max_length=20)]
Theme = Annotated[str, Field(pattern=r"^[a-z][a-z\-]{0,39}$", examples=["safe"])]


class TargetWrite(Write):
    """A new target of a plan. 登记目标"""

    code: Code
    plan_id: UUID = Field(examples=["0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"], description="所属计划")
    title_zh: Line = Field(examples=["老旧小区综合修缮改造面积"])
    title_en: Line = Field(examples=["Old estates repaired and renovated"])
    level: PlanLevel = Field(examples=["district"])
    area: AreaCode
    kind: Kind = Field(examples=["sum"])
    wanted: WantedWrite = WantedWrite()
    theme: Theme | None = None
    aggregation: Aggregation = Aggregation.ADD
    baseline: Figure | None = None
    denominator_zh: Line | None = None
    denominator_en: Line | None = None
    strength: Line | None = None
    soft: Flag = False
    start: Day | None = Field(default=None, examples=["2027-01-01"])
    deadline: Day | None = Field(default=None, examples=["2027-12-31"])
    deadline_text: Line | None = None
    recurrence: Recurrence | None = None
    milestones: Milestones = ()
    annual: Slices = ()
    parent_id: UUID | None = None
    relation: Relation | None = None
    responsible: Actors = ()
    rhythm: RhythmName | None = None
    clause: Line | None = None
    note: Text | None = None

    def fields(self) -> TargetFields:
        """As plain values."""
        told: dict[str, Any] = vars(self) | {
            "wanted": self.wanted.plain(),
            "milestones": tuple(each.plain() for each in self.milestones),
            "annual": tuple(each.plain() for each in self.annual),
            "responsible": tuple(each.plain() for each in self.responsible),
            "relation_basis": Basis.STATED if self.relation else None,
            "responsible_basis": Basis.STATED if self.responsible else None,
        }
        told |= {name: "" for name, value in told.items() if _empty(name, value)}
        return TargetFields(**told)


TEXTS = frozenset(
    {"theme", "denominator_zh", "denominator_en", "strength", "deadline_text", "clause", "note"}
)


def _empty(name: str, value: Any) -> bool:
    return value is None and name in TEXTS


class TargetChange(Write):
    """What changes; fields that are left out stay. The value and the deadline are revised. 变更目标"""

    title_zh: Line | None = None
    title_en: Line | None = None
    theme: Theme | None = None
    denominator_zh: Line | None = None
    denominator_en: Line | None = None
    strength: Line | None = None
    soft: Flag | None = None
    start: Day | None = None
    milestones: Milestones | None = None
    annual: Slices | None = None
    parent_id: UUID | None = None
    relation: Relation | None = None
    responsible: Actors | None = None
    rhythm: RhythmName | None = Field(default=None, examples=["quarter"])
    clause: Line | None = None
    note: Text | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent; a null clears a date, a text, the parent or the rhythm."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        told = {name: value for name, value in sent.items() if value is not None or name in CLEARABLE}
        made = {name: tuple(p.plain() for p in told[name]) for name in PARTS & told.keys()}
        bases: dict[str, Any] = {}
        if "relation" in told:
            bases["relation_basis"] = Basis.STATED if told["relation"] else None
        if "responsible" in told:
            bases["responsible_basis"] = Basis.STATED if told["responsible"] else None
        texts = {name: "" for name, value in told.items() if _empty(name, value)}
        return told | made | bases | texts


CLEARABLE = TEXTS | {"start", "parent_id", "relation", "rhythm"}
PARTS = frozenset({"milestones", "annual", "responsible"})


class TargetRevise(Write):
    """A new value or deadline from a day on; the former ones stay readable. 调整目标值"""

    wanted: WantedWrite
    deadline: Day | None = Field(default=None, examples=["2027-12-31"])
    effective_from: Day = Field(examples=["2027-07-01"])
    reason: Line = Field(examples=["年中动态调整，经区联席会议审议"])

    def revision(self) -> Revision:
        """As plain values."""
        return Revision(self.wanted.plain(), self.deadline, self.effective_from, self.reason)


class ValueRead(Read):
    """A value that the target has or had. 目标值版本"""

    target_version: int
    effective_from: date | None = Field(description="null = from the beginning (自始)")
    value: Told | None
    value_min: Told | None
    value_max: Told | None
    comparator: Comparator | None
    unit: str | None
    base_value: Told | None
    deadline: date | None
    reason: str
    recorded_at: datetime


class ValueList(Read):
    """The values of a target, oldest first. 目标值沿革"""

    items: list[ValueRead]
