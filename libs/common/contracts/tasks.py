"""What `tasks` publishes 任务服务发布的事件.

Units, duties, the calendar and measures in full state; tasks and supervisions as facts.

None of it holds personal data or free text. The state of a unit names no person and no telephone.

>>> UnitChanged.type, UNITS.compacted
('cn.jiayuan.tasks.unit.changed.v1', True)
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.common.contracts.supervisions import SUPERVISIONS as SUPERVISIONS
from libs.common.contracts.supervisions import SupervisionClosed as SupervisionClosed
from libs.common.contracts.supervisions import SupervisionFact as SupervisionFact
from libs.common.contracts.supervisions import SupervisionIssued as SupervisionIssued
from libs.common.contracts.supervisions import SupervisionNotIssued as SupervisionNotIssued
from libs.common.contracts.supervisions import SupervisionProposed as SupervisionProposed
from libs.common.contracts.supervisions import SupervisionRestated as SupervisionRestated
from libs.common.contracts.supervisions import SupervisionWithdrawn as SupervisionWithdrawn
from libs.common.events.contract import DataClass, Event, Topic

UNITS = Topic(
    owner="tasks",
    noun="unit",
    data_class=DataClass.SHARED,
    readers=frozenset({"grid", "disputes", "targets"}),
    full_state=True,
)
DUTIES = Topic(
    owner="tasks",
    noun="duty",
    data_class=DataClass.SHARED,
    readers=frozenset({"grid", "disputes"}),
    full_state=True,
)
CALENDAR = Topic(
    owner="tasks",
    noun="calendar",
    data_class=DataClass.SHARED,
    readers=frozenset({"grid", "disputes", "targets"}),
    full_state=True,
)
TASKS = Topic(
    owner="tasks",
    noun="task",
    data_class=DataClass.INTERNAL,
    readers=frozenset({"targets", "disputes"}),
)
MEASURES = Topic(
    owner="tasks",
    noun="measure",
    data_class=DataClass.SHARED,
    readers=frozenset({"targets"}),
    full_state=True,
)
ACCESSES = Topic(owner="tasks", noun="access", data_class=DataClass.INTERNAL)


class UnitSettings(BaseModel):
    """How a unit works inside (单位设置)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sign_off_required: bool = Field(
        default=False, description="Answers leave with the leader's sign-off (领导签发)"
    )
    office_hours: str | None = Field(
        default=None, description="Sessions of a workday, e.g. 09:00-12:00,13:00-17:30 (办公时间)"
    )
    sections: tuple[str, ...] = Field(default=(), description="Sections inside the unit (内设科室)")


class UnitChanged(Event, topic=UNITS, verb="changed"):
    """The full state of a unit after it was registered, changed or ended (单位变更)."""

    code: str = Field(description="Stable code of the unit (单位代码)")
    name_zh: str
    name_en: str
    kind: str = Field(description="Kind of unit, e.g. enforcement-team (单位类型)")
    area: str = Field(description="Administrative code that it serves (区划代码)")
    aliases: tuple[str, ...] = Field(default=(), description="Other names that documents use (别名)")
    is_group: bool = Field(default=False, description="An open set such as 各街镇 (集合单位)")
    member_units: tuple[UUID, ...] = Field(default=(), description="Units of a closed group (成员单位)")
    parent_id: UUID | None = Field(default=None, description="Unit above it (上级单位)")
    hosted_by_id: UUID | None = Field(default=None, description="Host of a non-permanent body (依托单位)")
    successor_id: UUID | None = Field(default=None, description="Unit that took over (承接单位)")
    valid_from: date | None = Field(default=None, description="First day; none = unknown (启用日期)")
    valid_to: date | None = Field(default=None, description="Last day; none = still there (停用日期)")
    origin: str = Field(description="'document', 'live' (present-day) or 'entered' over REST (来源)")
    demonstration: bool = Field(default=False, description="Made for demonstration (演示)")
    source: str = Field(default="", description="Where the row comes from (出处)")
    settings: UnitSettings = UnitSettings()


class DutyChanged(Event, topic=DUTIES, verb="changed"):
    """The full state of one row of the duty list: category x area -> units (职责清单)."""

    category: str = Field(description="Category code of grid (类别代码)")
    area: str = Field(description="Administrative code; the longest prefix of a place wins (区划代码)")
    relation: str | None = Field(
        default=None, description="Holds only for places in this relation, such as after_meter (位置关系)"
    )
    police_support: bool = Field(default=False, description="The police support it (公安配合)")
    lead_unit_ids: tuple[UUID, ...] = Field(description="Lead units, the first is proposed (牵头单位)")
    cooperating_unit_ids: tuple[UUID, ...] = Field(default=(), description="Cooperating units (配合单位)")
    named: tuple[str, ...] = Field(default=(), description="Handlers as the source names them (原文处置主体)")
    valid_from: date | None = Field(default=None, description="First day, Shanghai (启用日期)")
    valid_to: date | None = Field(default=None, description="Last day, Shanghai; none = in force (停用日期)")
    origin: str = Field(description="'document', 'live' or 'entered' (来源)")
    demonstration: bool = Field(default=False, description="Made for demonstration (演示)")
    source: str = Field(default="", description="Where the row comes from (出处)")


class CalendarChanged(Event, topic=CALENDAR, verb="changed"):
    """The full state of one year of the working-day calendar (工作日历年度安排)."""

    year: int
    confirmed: bool = Field(description="The State Council's notice of the year is loaded (已按国办通知确认)")
    overrides: dict[date, bool] = Field(
        description="Days that differ from the statutory calendar; true = worked (调整日期)"
    )
    source: str = Field(description="Where the row comes from (出处)")
    effective_from: date = Field(description="Day from which it counts, Shanghai (生效日期)")


class TaskFact(Event):
    """What every fact about a task carries: where it stands after it (任务事件共有字段)."""

    number: str = Field(description="Task number (任务编号)")
    origin: str = Field(description="'case' from grid through a handover, 'direct' entered here (任务来源)")
    unit_id: UUID | None = Field(description="Unit that must do it (承办单位)")
    area: str = Field(description="Administrative code (区划代码)")
    category: str | None = Field(default=None, description="Category code (类别代码)")
    subject_type: str | None = Field(default=None, description="What it is about, e.g. case (事由类型)")
    subject_id: UUID | None = Field(default=None, description="Id of what it is about (事由标识)")
    status: str = Field(description="State after the step (状态)")
    due_at: AwareDatetime | None = Field(default=None, description="Deadline in force, UTC (现行时限)")
    rework_count: int = 0
    repair: str | None = Field(default=None, description="Class of the repair order, if it is one (报修等级)")


class TaskAssigned(TaskFact, topic=TASKS, verb="assigned"):
    """A task was given to a unit (交办)."""


class TaskSigned(TaskFact, topic=TASKS, verb="signed"):
    """The unit signed for it (签收)."""


class TaskStaffed(TaskFact, topic=TASKS, verb="staffed"):
    """A section or person inside the unit was put on it or taken off it (内部分派)."""


class TaskContacted(TaskFact, topic=TASKS, verb="contacted"):
    """First contact was made, or noted why not (先行联系)."""

    contacted: bool


class TaskProgressed(TaskFact, topic=TASKS, verb="progressed"):
    """Progress or an interim reply was reported (进展)."""

    interim: bool = False


class TaskCooperated(TaskFact, topic=TASKS, verb="cooperated"):
    """A cooperating unit gave its feedback (配合反馈)."""

    cooperating_unit_id: UUID


class TaskChased(TaskFact, topic=TASKS, verb="chased"):
    """A cooperating unit was chased for its feedback (催报)."""

    cooperating_unit_id: UUID


class TaskArrived(TaskFact, topic=TASKS, verb="arrived"):
    """Of a repair order: somebody has come (到场)."""

    arrived_at: AwareDatetime
    on_time: bool


class TaskArrivalOverdue(TaskFact, topic=TASKS, verb="arrival-overdue"):
    """Of a repair order: nobody has come in time (到场超时)."""


class TaskExtensionAsked(TaskFact, topic=TASKS, verb="extension-asked"):
    """The unit asked for more time (申请延期)."""

    wanted_until: AwareDatetime


class TaskExtensionRefused(TaskFact, topic=TASKS, verb="extension-refused"):
    """The extension was refused (延期不予批准)."""


class TaskRescheduled(TaskFact, topic=TASKS, verb="rescheduled"):
    """The deadline in force was changed, by a granted extension or by the sender (时限变更)."""


class TaskSubmitted(TaskFact, topic=TASKS, verb="submitted"):
    """The answer waits for the leader's sign-off (报领导签发)."""


class TaskSentBack(TaskFact, topic=TASKS, verb="sent-back"):
    """The leader sent the answer back (签发退回)."""


class TaskAnswered(TaskFact, topic=TASKS, verb="answered"):
    """The answer left the unit: the task is done and waits to be checked (办理完成)."""

    outcome: str
    on_time: bool | None = None
    evidence_count: int = 0


class TaskReworked(TaskFact, topic=TASKS, verb="reworked"):
    """The check failed: same unit, no fresh clock (返工)."""


class TaskCount(BaseModel):
    """What a verified task brings to one target (任务对指标的贡献).

    Without quantity and unit the task only supports the target and counts nothing.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    target_id: UUID = Field(description="Target of `targets` (指标)")
    target_code: str | None = Field(default=None, description="Its code, e.g. SH-T06 (指标代码)")
    quantity: Decimal | None = Field(default=None, description="How much, in `unit` (数量)")
    unit: str | None = Field(default=None, description="Unit of the quantity, e.g. wan_m2 (计量单位)")
    lot: str | None = Field(
        default=None, description="The same objects under one lot count once for a target (批次)"
    )


class TaskVerified(TaskFact, topic=TASKS, verb="verified"):
    """Someone other than the doer verified the work (核验通过)."""

    on_time: bool | None = None
    measure_id: UUID | None = Field(default=None, description="Measure that the task carries out (举措)")
    evidence_count: int = 0
    counts: tuple[TaskCount, ...] = Field(default=(), description="At most one per target (计入指标)")


class TaskClosed(TaskFact, topic=TASKS, verb="closed"):
    """The task is closed: after verification, or by the grid's check of its case (办结销号)."""

    on_time: bool | None = None


class TaskReturned(TaskFact, topic=TASKS, verb="returned"):
    """The unit asks its sender to take the task back (退单)."""

    reason_code: str


class TaskDesignated(TaskFact, topic=TASKS, verb="designated"):
    """The unit was designated: it may not return the task any more (指定)."""


class TaskTakenBack(TaskFact, topic=TASKS, verb="taken-back"):
    """The sender took a returned task back (收回)."""


class TaskUrged(TaskFact, topic=TASKS, verb="urged"):
    """The sender urged (催办)."""

    urged_count: int


class TaskSupplemented(TaskFact, topic=TASKS, verb="supplemented"):
    """The sender added what the unit must know (补充)."""


class TaskSuspended(TaskFact, topic=TASKS, verb="suspended"):
    """The clock stands still (挂账)."""


class TaskResumed(TaskFact, topic=TASKS, verb="resumed"):
    """The clock runs again (恢复)."""


class TaskWithdrawn(TaskFact, topic=TASKS, verb="withdrawn"):
    """The sender withdrew it (撤回)."""


class TaskOverdue(TaskFact, topic=TASKS, verb="overdue"):
    """The deadline in force has passed without an answer (超时)."""


class TaskRealigned(TaskFact, topic=TASKS, verb="realigned"):
    """Brought into line with what the sender said again after a loss (对齐)."""


class TaskRestated(TaskFact, topic=TASKS, verb="restated"):
    """Where the task stands, said again for a reader that begins from nothing (重述)."""


class MeasureLink(BaseModel):
    """That a measure serves a target, and how much it brings once a person has said so (举措与指标的关联)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    target_id: UUID
    target_code: str = Field(description="Code of the target, e.g. SH-T06 (指标代码)")
    kind: str = Field(description="'supports', or 'counts' with quantity and unit (关联方式)")
    quantity: Decimal | None = Field(default=None, description="How much it brings when done (数量)")
    unit: str | None = Field(default=None, description="Unit of the quantity (计量单位)")
    lot: str | None = Field(
        default=None, description="The same objects under one lot count once for a target (批次)"
    )


class MeasureMilestone(BaseModel):
    """A date within a measure (举措节点)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name_zh: str
    name_en: str
    by: date = Field(description="Last day, Shanghai (节点日期)")


class MeasureChanged(Event, topic=MEASURES, verb="changed"):
    """The full state of a measure of a plan (举措变更); its id is `stable_id("measure", code)`."""

    code: str = Field(description="Code of the measure, e.g. SH-1.2 (举措代码)")
    plan: str = Field(description="Code of its plan, e.g. sh-mh-2018 (规划代码)")
    kind: str = Field(description="Kind of measure as its document has it (举措类型)")
    clause: str | None = Field(default=None, description="Clause of the document (条款)")
    title_zh: str
    title_en: str
    area: str = Field(description="Administrative code of its plan (区划代码)")
    lead_unit_ids: tuple[UUID, ...] = Field(default=(), description="牵头单位")
    responsible_unit_ids: tuple[UUID, ...] = Field(default=(), description="责任单位")
    cooperating_unit_ids: tuple[UUID, ...] = Field(default=(), description="配合单位")
    named_unit_ids: tuple[UUID, ...] = Field(
        default=(), description="Actors that the clause names without assigning them (文中提及的单位)"
    )
    inferred_unit_ids: tuple[UUID, ...] = Field(
        default=(), description="Read from other parts of the document, assigned by none (推定单位)"
    )
    parent_id: UUID | None = Field(default=None, description="Measure of which it is a part (上级举措)")
    deadline_text: str | None = Field(default=None, description="As the document words it (期限原文)")
    timing: str | None = Field(
        default=None, description="'by' the due day, or 'throughout' until it; none = undated (期限方式)"
    )
    due_on: date | None = Field(default=None, description="Last day, Shanghai; none = undated (到期日)")
    deadline_inferred: bool = Field(default=False, description="Read from other parts (推定期限)")
    milestones: tuple[MeasureMilestone, ...] = ()
    links: tuple[MeasureLink, ...] = ()
    source: str = Field(default="", description="Public title and section (出处)")


class PersonalDataRevealed(Event, topic=ACCESSES, verb="granted"):
    """Personal data of a task was read in full; the reason stands in the history (查看完整信息)."""

    subject_type: str
    subject_id: UUID
    fields: tuple[str, ...]
    purpose: str


EVENTS: tuple[type[Event], ...] = (
    UnitChanged, DutyChanged, CalendarChanged,
    TaskAssigned, TaskSigned, TaskStaffed, TaskContacted, TaskProgressed, TaskCooperated, TaskChased,
    TaskArrived, TaskArrivalOverdue,
    TaskExtensionAsked, TaskExtensionRefused, TaskRescheduled, TaskSubmitted, TaskSentBack, TaskAnswered,
    TaskReworked, TaskVerified, TaskClosed, TaskReturned, TaskDesignated, TaskTakenBack, TaskUrged,
    TaskSupplemented, TaskSuspended, TaskResumed, TaskWithdrawn, TaskOverdue, TaskRealigned, TaskRestated,
    MeasureChanged, SupervisionProposed, SupervisionIssued, SupervisionNotIssued, SupervisionClosed,
    SupervisionWithdrawn, SupervisionRestated, PersonalDataRevealed,
)  # fmt: skip
"""Every event that `tasks` publishes."""
