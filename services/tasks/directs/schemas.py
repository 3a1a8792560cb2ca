"""Shapes of direct tasks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Instant, Write
from libs.common.text import Line, Text
from services.tasks.directs.service import Assignment
from services.tasks.measures.domain import Link, Quantity, TargetCode, UnitOfMeasure

Partners = Annotated[tuple[UUID, ...], Field(max_length=50)]


class CountWrite(Write):
    """What the task brings to a target once verified; without a quantity it only supports it. 计入指标"""

    target_code: TargetCode
    quantity: Quantity | None = None
    unit: UnitOfMeasure | None = None
    lot: Line | None = Field(default=None, description="批次：同一批对象只计一次", examples=["KQ-T11"])

    def link(self) -> Link:
        """As plain values. Raises `QuantityIncomplete`."""
        return Link(self.target_code, self.quantity, self.unit, self.lot)


Counts = Annotated[tuple[CountWrite, ...], Field(max_length=20, description="计入的指标和数量")]


class TaskCreate(Write):
    """A task given to a unit. 直接交办"""

    title: Line = Field(examples=["楼道堆物专项整治"])
    description: Text = Field(examples=["逐栋排查楼道堆物和飞线充电，建立台账并限期清理"])
    unit_id: UUID = Field(description="承办（牵头）单位", examples=["0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"])
    area: str | None = Field(default=None, pattern="^[0-9]{2,15}$", description="区划代码；默认单位所在区划")
    responsible_unit_ids: Partners = Field(default=(), description="责任单位")
    cooperating_unit_ids: Partners = Field(default=(), description="配合单位")
    due_at: Instant | None = Field(default=None, description="完成时限；空表示无时限，永不超时")
    category: str | None = Field(default=None, pattern="^[0-9A-Za-z]{2,10}$", description="类别代码")
    replaces_id: UUID | None = Field(default=None, description="接续的任务")
    measure_id: UUID | None = Field(default=None, description="所属举措；任务沿用其与指标的关联")
    counts: Counts = ()

    def assignment(self) -> Assignment:
        """As plain values. Raises `QuantityIncomplete`."""
        return Assignment(**(vars(self) | {"counts": tuple(each.link() for each in self.counts)}))


class Word(Write):
    """A word with the step. 说明"""

    note: Text | None = Field(default=None, examples=["经现场核验，情况属实"])


class Verification(Word):
    """A word with the verification, and how much was really done. 核验"""

    counts: Counts = ()

    def links(self) -> tuple[Link, ...]:
        """As plain values. Raises `QuantityIncomplete`."""
        return tuple(each.link() for each in self.counts)


class Reason(Write):
    """Why. 理由"""

    note: Text = Field(examples=["经联席会议研究确定"])


class Deadline(Write):
    """The deadline to be in force. 时限"""

    due_at: Instant = Field(examples=["2026-12-18T18:00:00+08:00"])
    note: Text = Field(examples=["受施工许可审批影响，同意顺延"])
