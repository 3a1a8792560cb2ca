"""Shapes of what could not be stopped."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Instant, Read, Write
from libs.common.text import Line, Masked, Text
from services.grid.dissuasions.domain import Act, minutes_late, share
from services.grid.dissuasions.service import Dissuasion
from services.grid.dossiers.domain import masked_address
from services.grid.fields import Photos

HASH = "a" * 64
FORMULA_ZH = "按时报告率 = 发现后 24 小时（规则 limit.dissuasion）内报告的件数 ÷ 报告件数"
FORMULA_EN = "On-time share = reports within the limit after seeing (rule limit.dissuasion) / all reports"


class ReportDissuasion(Write):
    """An act that the firm could not stop. 劝阻无效报告"""

    estate_id: UUID = Field(examples=["0199f0c1-11aa-7c3a-9b1f-2f6f0a9f7e21"], description="小区")
    kind: str = Field(
        pattern=r"^[a-z0-9_]{1,30}$", examples=["illegal_building"], description="规则 dissuasion.*"
    )
    what: Text = Field(examples=["3号楼201室业主在露台搭建阳光房，正在焊接钢架"])
    address: Line = Field(examples=["福建中路100弄3号201室"])
    seen_at: Instant = Field(examples=["2026-11-22T15:00:00+08:00"], description="发现时间")
    dissuaded_at: Instant = Field(examples=["2026-11-22T15:20:00+08:00"], description="劝阻时间")
    how: Text = Field(examples=["项目经理上门劝阻并送达整改通知书，业主拒绝停工"])
    photos: Photos = Field(examples=[[HASH]])

    def act(self) -> Act:
        """The same in plain values."""
        told = {name: getattr(self, name) for name in type(self).model_fields if name != "estate_id"}
        return Act(**{**told, "photos": tuple(self.photos)})


class DissuasionRead(Read):
    """A report of what could not be stopped, with its receipt. 劝阻无效报告回执"""

    id: UUID
    version: int
    case_id: UUID
    receipt_number: str = Field(description="回执号", examples=["M7Q-4H2K-9TXB-3RW"])
    estate_id: UUID
    area: str
    kind: str
    what: Masked
    address: str = Field(description="Down to lane or house number; in full in the case (脱敏)")
    seen_at: datetime
    dissuaded_at: datetime
    how: Masked
    photos: list[str]
    reported_at: datetime
    due_at: datetime = Field(description="By when it was to be reported, UTC (报告时限)")
    on_time: bool = Field(description="是否按时报告")
    minutes_late: int = Field(description="0 = on time (迟报分钟数)")


class PunctualityRow(Read):
    """How punctual the reports of one estate are. 报告及时情况"""

    estate_id: UUID
    reported: int
    on_time: int
    share: float | None = Field(description="null = nothing reported", examples=[0.75])


class PunctualityRead(Read):
    """How punctual the reports are, by estate, with the formula. 报告及时率"""

    since: date
    until: date
    formula_zh: str = FORMULA_ZH
    formula_en: str = FORMULA_EN
    items: list[PunctualityRow]
    next: str | None


def dissuasion_read(row: Dissuasion) -> DissuasionRead:
    """The report with how late it was."""
    late = minutes_late(row.due_at, row.reported_at)
    told = {"minutes_late": late, "address": masked_address(row.address)}
    return DissuasionRead.model_validate({**vars(row), **told})


def punctuality_row(row: Any) -> PunctualityRow:
    """One estate with its share."""
    return PunctualityRow(
        estate_id=row.estate_id, reported=row.reported, on_time=row.on_time,
        share=share(row.on_time, row.reported),
    )  # fmt: skip
