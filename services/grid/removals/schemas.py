"""Shapes of removals."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from libs.common.clocks import end_of_local_day, start_of_local_day
from libs.common.http.schemas import Day, HistoryStep, Instant, Read, Write
from libs.common.text import Line, Masked, Text
from services.grid.fields import AREA, Photos
from services.grid.removals.domain import PointFields, RemovalState, share
from services.grid.removals.service import Asked, CollectionPoint, Order, Removal

FORMULA_ZH = "按时清运率 = 约定时限内清运的次数 ÷ （已清运次数 + 逾期未清运次数）；未到时限、已取消的不计"
FORMULA_EN = "On-time share = taken away in time / (taken away + overdue); not yet due, cancelled left out"
Kind = Annotated[
    str, Field(pattern=r"^[a-z0-9_]{1,30}$", examples=["decoration"], description="规则 removal.*")
]
Weekday = Annotated[int, Field(strict=True, ge=1, le=7)]


class PointCreate(Write):
    """A collection point. 登记清运点"""

    estate_id: UUID = Field(examples=["0199f0c1-11aa-7c3a-9b1f-2f6f0a9f7e21"], description="小区")
    kind: Kind
    place: Line = Field(examples=["小区北门东侧装修垃圾临时堆放点"])
    weekdays: list[Weekday] = Field(
        default_factory=list, max_length=7, examples=[[2, 5]], description="星期；空为预约清运"
    )
    by_time: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = Field(
        default=None, examples=["10:00"], description="约定当日最晚清运时间"
    )
    carrier: Line = Field(examples=["黄浦区环卫清运公司(演示)"])
    valid_from: Day = Field(examples=["2026-11-23"])
    valid_to: Day | None = None
    source: Line = Field(examples=["街道装修垃圾清运协议 2026"])

    def fields(self) -> PointFields:
        """As plain values."""
        by_time = time.fromisoformat(self.by_time) if self.by_time else None
        return PointFields(**{**vars(self), "weekdays": tuple(self.weekdays), "by_time": by_time})


class PointChange(Write):
    """What changes; what is left out stays. 变更清运点"""

    place: Line | None = Field(default=None, examples=["小区南门西侧装修垃圾临时堆放点"])
    carrier: Line | None = None
    valid_to: Day | None = Field(default=None, examples=["2026-12-31"])
    source: Line | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent; a null clears what may be empty."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: value for name, value in sent.items() if value is not None or name == "valid_to"}


class PointRead(Read):
    """A collection point. 清运点"""

    id: UUID
    version: int
    estate_id: UUID
    area: str
    kind: str
    place: str
    weekdays: list[int] = Field(description="空为预约清运")
    by_time: time | None
    carrier: str
    valid_from: date
    valid_to: date | None
    source: str


class PointHistory(Read):
    """Every change of a collection point. 变更记录"""

    items: list[HistoryStep]


class OrderRemoval(Write):
    """Something is to be taken away. 预约清运"""

    point_id: UUID = Field(examples=["0199f0c1-11aa-7c3a-9b1f-2f6f0a9f7e21"], description="清运点")
    wanted_on: Day | None = Field(
        default=None, description="From which day (希望清运日)", examples=["2026-11-24"]
    )
    note: Text | None = Field(default=None, examples=["装修垃圾约 20 袋"])

    def order(self) -> Order:
        """As plain values."""
        return Order(self.wanted_on, self.note)


class RecordRemoval(Write):
    """It was taken away. 清运记录"""

    removed_at: Instant = Field(examples=["2026-11-23T10:00:00+08:00"], description="清运时间")
    photos: Photos = Field(min_length=1, examples=[["a" * 64]])


class CancelRemoval(Write):
    """Why it is not needed. 取消理由"""

    reason: Text = Field(examples=["住户已自行清运"])


class RemovalRead(Read):
    """What is to be taken away by a time. 清运"""

    id: UUID
    version: int
    point_id: UUID
    estate_id: UUID
    area: str
    kind: str
    state: RemovalState
    on_demand: bool = Field(description="预约清运；否则按约定日")
    due_at: datetime = Field(description="By when, UTC (约定时限)")
    overdue: bool = Field(description="Not taken away, and the time has passed (逾期未清运)")
    removed_at: datetime | None
    late: bool | None = Field(description="null = not taken away (是否超时清运)")
    photos: list[str]
    case_id: UUID | None = Field(description="Case that it became (超时立案)")
    note: Masked | None


class RemovalFilter(BaseModel):
    """Which removals a list shows. 筛选"""

    area: str | None = Field(None, pattern=AREA, description="区划代码")
    estate_id: UUID | None = Field(None, description="小区")
    kind: Kind | None = None
    state: RemovalState | None = Field(None, description="清运状态")
    overdue: bool = Field(False, description="仅逾期未清运")
    since: Day | None = Field(None, description="时限自；默认 30 天前，逾期的不限")
    until: Day | None = Field(None, description="时限至；默认 7 天后")

    def wanted(self, today: date) -> Asked:
        """As plain values; the days are local, both included."""
        usual = None if self.overdue else today - timedelta(days=30)
        first, last = self.since or usual, self.until or today + timedelta(days=7)
        return Asked(
            self.area, self.estate_id, self.kind, start_of_local_day(first) if first else None,
            end_of_local_day(last), self.state, self.overdue,
        )  # fmt: skip


class OnTimeRow(Read):
    """How punctual one kind of removals is in one estate. 清运及时情况"""

    estate_id: UUID
    kind: str
    due: int = Field(description="Taken away or overdue (应清运)")
    on_time: int = Field(description="按时清运")
    late: int = Field(description="超时清运")
    outstanding: int = Field(description="逾期未清运")
    share: float | None = Field(description="null = nothing was due", examples=[0.9])


class OnTimeRead(Read):
    """How punctual removals are, by estate and kind, with the formula. 清运及时率"""

    since: date
    until: date
    formula_zh: str = FORMULA_ZH
    formula_en: str = FORMULA_EN
    items: list[OnTimeRow]
    next: str | None


def point_read(row: CollectionPoint) -> PointRead:
    """The point."""
    return PointRead.model_validate(row)


def removal_read(row: Removal, now: datetime) -> RemovalRead:
    """The removal as it stands now."""
    overdue = row.state == RemovalState.DUE and row.due_at < now
    told = {name: getattr(row, name) for name in RemovalRead.model_fields if name != "overdue"}
    return RemovalRead(**told, overdue=overdue)


def on_time_row(row: Any) -> OnTimeRow:
    """One estate and kind with its share."""
    told = {name: getattr(row, name) for name in OnTimeRow.model_fields if name != "share"}
    return OnTimeRow(**told, share=share(row.on_time, row.due))
