"""Shapes of supervisions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Instant, Read, Write
from libs.common.text import Line, Text
from services.tasks.dossiers.domain import Note, StepRead
from services.tasks.supervisions.domain import Action, NotIssuedReason, State
from services.tasks.supervisions.service import Order

Partners = Annotated[tuple[UUID, ...], Field(max_length=50)]


class SupervisionRead(Read):
    """A supervision. 督办"""

    id: UUID
    version: int
    number: str = Field(description="督办编号", examples=["S20261123-310101000-000017"])
    state: State
    handover_id: UUID = Field(description="建议移交；一次红灯一份")
    target_id: UUID
    target_code: str = Field(description="指标代码", examples=["SH-T06"])
    title: str
    area: str
    unit_id: UUID | None = Field(description="责任单位；拟办时为建议单位")
    proposed_at: datetime
    wanted_by: datetime | None = Field(description="建议完成时间")
    decided_at: datetime | None
    decided_by: str | None
    reason: NotIssuedReason | None = Field(description="不予督办原因")
    task_id: UUID | None = Field(description="督办任务")
    due_at: datetime | None = Field(description="督办任务发出时的时限")
    on_time: bool | None
    ended_at: datetime | None


class SupervisionDetail(SupervisionRead):
    """A supervision with what must be known to decide. 督办详情"""

    description: str
    details: dict[str, Any] = Field(description="亮灯情况")
    note: Note
    allowed_actions: list[Action] = Field(default_factory=list, description="当前状态允许的操作")


class SupervisionSteps(Read):
    """The steps of a supervision, oldest first. 操作历史"""

    items: list[StepRead]


class Issue(Write):
    """How it is issued; what is left out is as proposed. 发出督办单"""

    due_at: Instant = Field(description="督办时限", examples=["2026-12-18T18:00:00+08:00"])
    unit_id: UUID | None = Field(default=None, description="承办单位；默认建议单位")
    title: Line | None = Field(default=None, examples=["消防喷淋改造进度滞后督办"])
    description: Text | None = None
    responsible_unit_ids: Partners = Field(default=(), description="责任单位")
    cooperating_unit_ids: Partners = Field(default=(), description="配合单位")
    note: Text | None = None

    def order(self) -> Order:
        """As plain values."""
        return Order(**(vars(self) | {"note": self.note or ""}))


class NotIssue(Write):
    """Why it is not issued. 不予督办"""

    reason: NotIssuedReason
    note: Text = Field(examples=["上月数据漏报，补报后已转绿"])
