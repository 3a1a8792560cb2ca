"""Shapes of what a hotline says and is told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from libs.common.http.schemas import Flag, Moment, Read, Write
from libs.common.text import Line, Text
from services.grid.fields import PlaceGiven, ReporterGiven
from services.grid.orders.domain import OrderState
from services.grid.satisfactions.domain import Satisfaction

NUMBER = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
CHANNEL = r"^[a-z0-9_]{1,30}$"
RAW_LIMIT = 65_536
"""Most characters of a payload that is kept as it came."""

OrderNumber = Annotated[str, StringConstraints(strict=True, pattern=NUMBER)]


class EnterOrder(Write):
    """An order, in the hotline's own words. 热线工单"""

    kind: Line = Field(description="The hotline's own word (工单类型)", examples=["投诉"])
    category: Line = Field(description="The hotline's own word (诉求分类)", examples=["楼道堆物"])
    description: Text = Field(examples=["3号楼2层楼道长期堆放纸箱，多次反映无人清理"])
    received_at: Moment = Field(description="受理时间", examples=["2026-11-23T09:30:00+08:00"])
    place: PlaceGiven
    caller: ReporterGiven | None = Field(
        default=None,
        description="来电人；`secret` 为要求保密",
        examples=[{"name": "张三", "phone": "13812341234"}],
    )
    source: Line | None = Field(
        default=None, description="How it reached the hotline (来源)", examples=["电话"]
    )
    repeat_of: OrderNumber | None = Field(default=None, description="重复工单号")
    new_facts: Flag = Field(default=False, description="A repeat that tells something new (有新事实)")
    raw: Annotated[str, StringConstraints(strict=True, max_length=RAW_LIMIT)] | None = Field(
        default=None,
        description="The payload as it came, kept and shown to nobody without a reason (原始报文)",
    )


class OrderReceipt(Read):
    """The receipt: what the hotline's number stands for here. 回执"""

    id: UUID
    channel: str
    number: str
    state: OrderState
    case_id: UUID
    receipt_number: str = Field(description="Of the case (案件回执号)", examples=["M7Q-4H2K-9TXB-3RW"])
    case_state: str
    first_number: str | None = Field(description="The order that it repeats (首次工单号)")
    repeat_count: int = Field(description="How often the matter was told again (重复次数)")
    category_known: bool
    contact_due_at: datetime
    reply_due_at: datetime | None


class Supplement(Write):
    """What the caller added. 补充"""

    text: Text = Field(examples=["来电人补充：5号楼也有堆物"])


class Urge(Write):
    """What the caller urged for. 催办"""

    note: Text = Field(examples=["来电人再次来电催促"])


class Decision(Write):
    """The hotline's answer to what was asked. 热线答复"""

    granted: Flag
    note: Text | None = Field(default=None, examples=["同意"])


class CalledBack(Write):
    """What the caller says; left out: not asked, not evaluated. 回访结果"""

    contacted: Flag | None = Field(
        default=None, description="Whether first contact was made (是否先行联系)", examples=[True]
    )
    satisfaction: Satisfaction | None = Field(
        default=None, description="满意度；未评价留空", examples=["satisfied"]
    )
    reason: Text | None = Field(default=None, description="不满意原因")

    @model_validator(mode="after")
    def _why(self) -> CalledBack:
        if self.satisfaction is Satisfaction.DISSATISFIED and self.reason is None:
            zh = "不满意须填写原因"
            raise PydanticCustomError("reason_missing", "say why the caller is dissatisfied", {"zh": zh})
        return self


class Redo(Write):
    """Why it is sent back. 重办理由"""

    reason: Text = Field(examples=["回访反映问题未解决"])


class OrderChange(Read):
    """What became of an order. 工单变化"""

    number: str
    change: str = Field(
        description="received, contacted, return-asked, replied and so on", examples=["replied"]
    )
    at: datetime = Field(description="When it was logged, UTC")
    version: int
    state: str | None = Field(description="State after it (变化后的状态)")
    note: str | None
    details: dict[str, Any] = Field(description="E.g. the reply form (答复单)")
    order_state: OrderState = Field(description="State now (当前状态)")
    case_state: str
    repeats: list[str] = Field(description="Orders of the same matter, for whose callers this counts too")


class OrderChanges(Read):
    """What is new behind a cursor. 增量反馈"""

    items: list[OrderChange]
    next: str = Field(description="Cursor for the next call; there always is one")
    more: bool = Field(description="Whether to ask again at once")


class Acknowledge(Write):
    """The hotline has everything up to this cursor. 确认"""

    channel: Annotated[str, StringConstraints(strict=True, pattern=CHANNEL)] = Field(examples=["12345"])
    upto: Annotated[str, StringConstraints(strict=True, max_length=1000)] = Field(
        description="`next` of a page", examples=["WyJvcmRlci1jaGFuZ2VzIiwxLDBd"]
    )


class Acknowledged(Read):
    """How far a hotline has acknowledged. 确认位置"""

    channel: str
    acknowledged_at: datetime
    acknowledged_by: str


class AcknowledgedList(Read):
    """The same of each hotline. 各热线确认位置"""

    items: list[Acknowledged]
