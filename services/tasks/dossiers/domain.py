"""Shapes of what is read of a task, and what of a handover's contents is masked (脱敏). Pure.

>>> masked(Contents(title="噪音", description="请联系 13800001234")).description
'请联系 138****1234'
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from libs.common.contracts.handover import Contents, Person, Place
from libs.common.contracts.tasks import TaskCount
from libs.common.errors import Conflict, Forbidden
from libs.common.text import mask_address, mask_name, mask_numbers, mask_phone
from services.tasks.tasks.domain import LIFE, Action, Origin, State


class HandlerOnly(Forbidden):
    """Personal data is shown in full to the assigned handler alone (仅限经办人)."""

    code = "task-handler-only"
    zh = "仅指定的经办人可查看完整信息"
    en = "Only the assigned handler sees personal data in full"


class AccessTaken(Conflict):
    """The id names another reading: make a fresh one (查看记录标识重复)."""

    code = "task-access-taken"
    zh = "该查看记录标识已用于其他查看"
    en = "This id names another reading"


def masked_note(note: str | None) -> str | None:
    """What people wrote with a step: numbers that name a person are masked."""
    return note and mask_numbers(note)


Note = Annotated[str | None, AfterValidator(masked_note)]
"""What people wrote with a step, as it is shown."""


class Shape(BaseModel):
    """Base of what is shown."""

    model_config = ConfigDict(from_attributes=True, allow_inf_nan=False)


class TaskRead(Shape):
    """A task in a list, and after every step. 任务"""

    id: UUID
    version: int
    number: str = Field(description="任务编号", examples=["T20261123-310101002-000017"])
    origin: Origin
    title: str
    category: str | None
    area: str
    state: State
    unit_id: UUID | None = Field(description="承办（牵头）单位；空表示所指单位不存在")
    partner_ids: list[UUID] = Field(description="责任、配合单位")
    owing_ids: list[UUID] = Field(description="尚未反馈的责任、配合单位")
    lead: bool = Field(description="会同处置中是否牵头")
    joint_id: UUID | None
    subject_type: str | None
    subject_id: UUID | None
    subject_number: str | None = Field(description="案件编号等")
    replaces_id: UUID | None
    measure_id: UUID | None = Field(description="所属举措")
    counts: list[TaskCount] = Field(description="核验后计入的指标；无数量的仅为支撑")
    section: str | None = Field(description="经办科室")
    assignee: str | None = Field(description="经办人")
    created_at: datetime
    first_due_at: datetime | None
    due_at: datetime | None = Field(description="现行时限")
    overdue_at: datetime | None = Field(description="超时标记")
    repair: str | None = Field(description="Class of the repair order (报修等级)")
    arrive_due_at: datetime | None = Field(description="By when to be on site, UTC (到场时限)")
    arrived_at: datetime | None = Field(description="到场时间")
    arrival_overdue_at: datetime | None = Field(description="到场超时标记")
    finished_at: datetime | None = Field(description="完工时间")
    suspended_at: datetime | None = Field(description="挂账起始；空表示时钟在走")
    urges: int = Field(description="催办次数")
    urged_at: datetime | None
    reworks: int = Field(description="返工次数")
    designated: bool = Field(description="已指定，不得退单")
    return_reason: str | None
    extension_until: datetime | None = Field(description="申请延期至；空表示无待批申请")
    extensions: int
    signed_at: datetime | None
    contacted_at: datetime | None = Field(description="先行联系时间")
    answered_at: datetime | None
    on_time: bool | None
    verified_at: datetime | None
    ended_at: datetime | None


class AttachmentRead(Shape):
    """A photo; its bytes are at `/tasks/v1/media/{hash}`. 附件"""

    hash: str
    purpose: str
    media_type: str | None
    size: int | None
    ready: bool


class TaskDetail(TaskRead):
    """A task with what must be known to act, persons masked. 任务详情（脱敏）"""

    description: str | None
    contact_note: Note
    answer: dict[str, Any] | None = Field(description="答复：结果、说明、附件；待签发时为草稿")
    contents: Contents | None = Field(default=None, description="案件移交内容（脱敏）")
    allowed_actions: list[Action] = Field(default_factory=list, description="当前状态允许的操作")
    photos: list[AttachmentRead] = Field(default_factory=list)


def allowed(state: State) -> list[Action]:
    """The steps that the state allows, in the order of the life cycle."""
    return [action for action in Action if action in LIFE.allowed(state)]


class WaitRead(Shape):
    """A wait of a handover that ran out; it ends nothing. 超时等待"""

    handover_id: UUID
    task_id: UUID
    number: str
    title: str
    waiting_for: str | None = Field(
        description="sign | answer | return_decision | extension_decision | check"
    )
    waiting_since: datetime | None
    timed_out_at: datetime


class StepRead(Shape):
    """One step of the history. 操作记录"""

    version: int
    at: datetime
    actor: str
    actor_role: str
    action: str
    from_state: str | None
    to_state: str | None
    note: Note
    changed: dict[str, Any]


def masked(contents: Contents) -> Contents:
    """Names, telephones and doors masked, numbers inside the text too."""
    return contents.model_copy(
        update={
            "description": mask_numbers(contents.description),
            "place": _place(contents.place),
            "reporter": _person(contents.reporter),
            "parties": tuple(filter(None, map(_person, contents.parties))),
        }
    )


def _person(person: Person | None) -> Person | None:
    if person is None:
        return None
    return person.model_copy(
        update={"name": mask_name(person.name or "") or None, "phone": mask_phone(person.phone or "") or None}
    )


def _place(place: Place | None) -> Place | None:
    return place and place.model_copy(update={"address": mask_address(place.address)})
