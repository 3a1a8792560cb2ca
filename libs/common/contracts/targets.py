"""What `targets` publishes 目标服务发布的事件: plans, targets, allocations and rules in full state.

Figures are decimals, as text in JSON. None of it holds personal data.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from libs.common.events.contract import DataClass, Event, Topic
from libs.common.quantities import plain

Figure = Annotated[Decimal, AfterValidator(plain)]
"""A figure as it is told: the driver's 6.0E+5 is 600000."""

# PLANS and TARGETS. A draft is not public yet, so neither topic is.
PLANS = Topic(
    owner="targets",
    noun="plan",
    data_class=DataClass.SHARED,
    readers=frozenset({"tasks"}),
    full_state=True,
)
TARGETS = Topic(
    owner="targets",
    noun="target",
    data_class=DataClass.SHARED,
    readers=frozenset({"tasks"}),
    full_state=True,
)
ALLOCATIONS = Topic(owner="targets", noun="allocation", data_class=DataClass.INTERNAL, full_state=True)
RULES = Topic(owner="targets", noun="rule", data_class=DataClass.INTERNAL, full_state=True)


class PlanChanged(Event, topic=PLANS, verb="changed"):
    """The full state of a plan after it was entered, changed, put in force or concluded (计划变更)."""

    code: str = Field(description="Stable code of the plan (计划代码)")
    title_zh: str
    title_en: str
    level: str = Field(description="city, district or town (层级)")
    area: str = Field(description="Administrative code (区划代码)")
    state: str = Field(description="draft, in_force or concluded (状态)")
    doc_no: str | None = Field(default=None, description="Document number (文号)")
    issued: date | None = Field(default=None, description="Day of issue (发文日期)")
    period_from: date | None = Field(default=None, description="First day, Shanghai (起始日期)")
    period_to: date | None = Field(default=None, description="Last day; none = no end is stated (结束日期)")
    parent_id: UUID | None = Field(default=None, description="Plan above it (上级计划)")
    sources: tuple[str, ...] = Field(default=(), description="Titles of the documents (文件)")
    origin: str = Field(description="'document', 'demonstration' or 'entered' (来源)")
    demonstration: bool = Field(default=False, description="Made for demonstration (演示)")


class NamedActor(BaseModel):
    """An actor that a target's source names, and its unit where one is known (责任主体)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    role: str = Field(description="lead, responsible or cooperating (责任类别)")
    unit_id: UUID | None = None


class TargetChanged(Event, topic=TARGETS, verb="changed"):
    """The full state of a target after it was entered, changed or allocated (目标变更)."""

    code: str = Field(description="Stable code of the target (目标代码)")
    plan_id: UUID
    title_zh: str
    title_en: str
    level: str
    area: str = Field(description="Administrative code (区划代码)")
    kind: str = Field(description="sum, count, rate, stock, boolean or qualitative (类型)")
    value: Figure | None = Field(default=None, description="Figure in `unit` (目标值)")
    value_min: Figure | None = None
    value_max: Figure | None = None
    comparator: str | None = Field(default=None, description="reach, gte, lte or range (比较方式)")
    unit: str | None = Field(default=None, description="Unit of measure, e.g. wan_m2 (计量单位)")
    base_unit: str | None = Field(default=None, description="Unit in which figures are added (基本单位)")
    base_value: Figure | None = Field(
        default=None, description="What must be reached at least, in `base_unit`"
    )
    start: date | None = None
    deadline: date | None = Field(default=None, description="Last day, Shanghai; none = undated (期限)")
    soft: bool = Field(default=False, description="The wording asks for an effort only (软性表述)")
    parent_id: UUID | None = None
    relation: str | None = Field(
        default=None, description="part_of, slice_of, numerator_of, contributes_to or supports (关系)"
    )
    outlives: bool = Field(default=False, description="Stays judged after its plan (期限晚于计划)")
    responsible: tuple[NamedActor, ...] = ()
    reserve: Figure | None = Field(default=None, description="Held back from allocation (预留)")
    origin: str
    demonstration: bool = Field(default=False, description="Made for demonstration (演示)")


class AllocationChanged(Event, topic=ALLOCATIONS, verb="changed"):
    """The full state of a unit's share of a target in an area (目标分解变更)."""

    target_id: UUID
    unit_id: UUID
    area: str
    share: Figure | None = Field(default=None, description="In `unit` (分解数)")
    unit: str | None = None
    base_share: Figure | None = Field(default=None, description="In the target's base unit")
    ended: bool = Field(default=False, description="Taken back (已取消)")


class TargetRuleChanged(Event, topic=RULES, verb="changed"):
    """The full state of one rule of the targets' work, e.g. the thresholds of lights (规则变更)."""

    key: str
    value: dict[str, Any]
    source: str
    assumption: bool = Field(description="A configurable default of this project (本项目默认值)")
    effective_from: date


REPORTS = Topic(owner="targets", noun="report", data_class=DataClass.INTERNAL)
CONTRIBUTIONS = Topic(owner="targets", noun="contribution", data_class=DataClass.INTERNAL)
LIGHTS = Topic(owner="targets", noun="light", data_class=DataClass.INTERNAL)
EPISODES = Topic(owner="targets", noun="episode", data_class=DataClass.INTERNAL)


class ReportFact(Event):
    """What every fact about a report carries: where it stands after it (填报事件共有字段)."""

    target_id: UUID
    allocation_id: UUID
    unit_id: UUID = Field(description="Unit that reports (填报单位)")
    area: str = Field(description="Administrative code (区划代码)")
    period_first: date = Field(description="First day of the period, Shanghai (填报期首日)")
    period_last: date = Field(description="Last day of the period, Shanghai (填报期末日)")
    due_on: date = Field(description="Last day to report, Shanghai (填报截止日)")
    status: str = Field(description="State after the step (状态)")
    revision: int = Field(description="Which version of the figures it is about; 0 = none yet (数据版本)")


class ReportExpected(ReportFact, topic=REPORTS, verb="expected"):
    """A unit is expected to report on a period (待填报)."""


class ReportSubmitted(ReportFact, topic=REPORTS, verb="submitted"):
    """The unit reported (提交)."""

    late: bool = Field(description="After the last day to report (逾期填报)")


class ReportSentBack(ReportFact, topic=REPORTS, verb="sent-back"):
    """The report was sent back to its unit (退回)."""


class ReportAccepted(ReportFact, topic=REPORTS, verb="accepted"):
    """The report counts now (审定): the figure as it was written, with its unit."""

    quantity: Figure | None = None
    unit: str | None = Field(default=None, description="Unit of measure (计量单位)")
    numerator: Figure | None = None
    denominator: Figure | None = None
    done: bool | None = None
    evidence_count: int = 0


class ReportCorrected(ReportFact, topic=REPORTS, verb="corrected"):
    """The unit gave another version of an accepted report; the accepted one counts until then (更正)."""


class ReportMissed(ReportFact, topic=REPORTS, verb="missed"):
    """The last day to report has passed (未按期填报)."""


class ReportVoided(ReportFact, topic=REPORTS, verb="voided"):
    """Nothing is expected any more: the share was taken back, or the plan is concluded (免报)."""


class ContributionMade(Event, topic=CONTRIBUTIONS, verb="made"):
    """A verified task names a target (任务计入目标)."""

    target_id: UUID
    task_id: UUID
    area: str = Field(description="Administrative code (区划代码)")
    counts: bool = Field(description="Whether its quantity is added (是否计入)")
    reason: str = Field(description="'counts', or why not (未计入原因)")
    quantity: Figure | None = None
    unit: str | None = Field(default=None, description="Unit of measure (计量单位)")
    evidence_count: int = 0


class LightChanged(Event, topic=LIGHTS, verb="changed"):
    """A target's light changed (亮灯变化)."""

    target_id: UUID
    plan_id: UUID
    light: str = Field(description="grey, green, yellow or red (红绿灯)")
    before: str | None = Field(default=None, description="The light before; none = the first (原灯)")
    reason: str = Field(description="Why, e.g. far-behind (亮灯原因)")
    judged_on: date | None = Field(default=None, description="Last day whose reports are due (评判日)")
    value: Figure | None = Field(default=None, description="Reached, in the base unit or per cent (完成值)")
    scheduled: Figure | None = Field(default=None, description="What the schedule asks (序时进度)")


class EpisodeFact(Event):
    """What every fact about a red episode carries (红灯督办共有字段)."""

    target_id: UUID
    unit_id: UUID | None = Field(default=None, description="Unit that is to answer (责任单位)")
    area: str = Field(description="Administrative code (区划代码)")
    status: str = Field(description="proposed, issued, not_issued, verified or lapsed (状态)")
    handover_id: UUID | None = None


class EpisodeOpened(EpisodeFact, topic=EPISODES, verb="opened"):
    """A light turned red: supervision is proposed (拟办督办)."""


class EpisodeAnswered(EpisodeFact, topic=EPISODES, verb="answered"):
    """The supervision office answered (督查室答复)."""

    issued: bool


class EpisodeVerified(EpisodeFact, topic=EPISODES, verb="verified"):
    """The supervision's task was verified and closed (督办办结)."""

    on_time: bool | None = None


class EpisodeLapsed(EpisodeFact, topic=EPISODES, verb="lapsed"):
    """The supervision was withdrawn, or its task ended undone (督办撤销)."""


class EpisodeLeftRed(EpisodeFact, topic=EPISODES, verb="left-red"):
    """The light is no longer red, or another episode follows in the next period (红灯解除)."""


ACCESSES = Topic(owner="targets", noun="access", data_class=DataClass.INTERNAL)

EVENTS: tuple[type[Event], ...] = (
    PlanChanged,
    TargetChanged,
    AllocationChanged,
    TargetRuleChanged,
    ReportExpected,
    ReportSubmitted,
    ReportSentBack,
    ReportAccepted,
    ReportCorrected,
    ReportMissed,
    ReportVoided,
    ContributionMade,
    LightChanged,
    EpisodeOpened,
    EpisodeAnswered,
    EpisodeVerified,
    EpisodeLapsed,
    EpisodeLeftRed,
)
"""Every event that `targets` publishes."""
