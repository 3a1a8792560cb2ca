"""Shapes of measures."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import Field

from libs.common.contracts.tasks import MeasureMilestone
from libs.common.http.schemas import Read, Write
from libs.common.text import Line, Text
from services.tasks.measures.domain import Link, LinkKind, Quantity, Timing, UnitOfMeasure


class LinkRead(Read):
    """That the measure serves a target. 举措与指标的关联"""

    target_id: UUID
    target_code: str = Field(examples=["SH-T06"])
    kind: LinkKind = Field(description="支撑（不计数）或按数量计入")
    quantity: Decimal | None = Field(description="完成后计入的数量")
    unit: str | None = Field(description="计量单位")
    lot: str | None = Field(description="批次：同一批对象只计一次")
    set_at: datetime | None = Field(description="人工核定时间；空表示来自文件")


class MeasureRead(Read):
    """A measure of a plan. 举措"""

    id: UUID
    version: int
    code: str = Field(examples=["SH-1.2"])
    plan: str = Field(description="规划代码", examples=["sh-mh-2018"])
    kind: str = Field(description="举措类型", examples=["measure"])
    clause: str | None = Field(description="条款")
    title_zh: str
    title_en: str
    area: str
    lead_unit_ids: list[UUID] = Field(description="牵头单位")
    responsible_unit_ids: list[UUID] = Field(description="责任单位")
    cooperating_unit_ids: list[UUID] = Field(description="配合单位")
    named_unit_ids: list[UUID] = Field(description="文中提及的单位")
    inferred_unit_ids: list[UUID] = Field(description="推定单位，未正式落实")
    open_ended: bool = Field(description="原文单位以“等”结尾")
    unassigned: bool = Field(description="未落实单位")
    parent_id: UUID | None
    deadline_text: str | None = Field(description="期限原文")
    timing: Timing | None = Field(description="期限方式；空表示未定期限，永不逾期")
    due_on: date | None = Field(description="到期日")
    deadline_inferred: bool = Field(description="推定期限")
    milestones: list[MeasureMilestone] = Field(description="节点")
    items_en: list[str] = Field(description="内容要点（英文摘要）")
    source: str = Field(description="出处")
    links: list[LinkRead] = Field(description="所支撑的指标")
    updated_at: datetime


class LinkWrite(Write):
    """How much the measure brings to the target when done; without a quantity it supports only. 核定数量"""

    quantity: Quantity | None = None
    unit: UnitOfMeasure | None = None
    lot: Line | None = Field(default=None, description="批次：同一批对象只计一次", examples=["KQ-T11"])
    note: Text = Field(description="依据", examples=["按竣工验收备案表核定"])

    def link(self, target_code: str) -> Link:
        """As plain values. Raises `QuantityIncomplete`."""
        return Link(target_code, self.quantity, self.unit, self.lot)
