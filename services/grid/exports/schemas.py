"""Shapes of exports."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Day, Flag, Instant, Read, Write
from libs.common.text import Line
from services.grid.exports.domain import ExportFormat, ExportKind, ExportState
from services.grid.exports.service import Asked
from services.grid.fields import AREA, CategoryCode
from services.grid.lifecycle.domain import CaseState

Area = Annotated[str, Field(pattern=AREA, examples=["310101002"])]


class CasesAsked(Write):
    """Which cases, by the filter of the list. 案件筛选条件"""

    area: Area | None = Field(default=None, description="区划代码")
    estate_id: UUID | None = Field(default=None, description="小区")
    unit_id: UUID | None = Field(default=None, description="处置单位")
    since: Instant | None = Field(default=None, description="上报时间起")
    until: Instant | None = Field(default=None, description="上报时间止")
    state: CaseState | None = Field(default=None, description="状态")
    open: Flag | None = Field(default=None, description="是否未结")
    category: CategoryCode | None = None
    text: Line | None = Field(default=None, description="全文检索")
    overdue: Flag = Field(default=False, description="已超时")


class StatisticsAsked(Write):
    """Which statistics, by their own conditions. 统计条件"""

    since: Day = Field(description="起日", examples=["2026-11-01"])
    until: Day = Field(description="止日（含）", examples=["2026-11-30"])
    noon: Flag = Field(default=False, description="按前日12时至当日12时计日")
    area: Area | None = Field(default=None, description="区划代码")
    category: CategoryCode | None = None
    channel: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,30}$")] | None = Field(default=None)
    unit_id: UUID | None = None
    level: Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")] | None = Field(default=None)
    by: Literal["area", "category", "unit", "channel", "level"] | None = Field(
        default=None, description="分组", examples=["category"]
    )


class ExportAsked(Write):
    """What is to leave, as what: one of the two lists. 导出请求"""

    format: ExportFormat = Field(description="CSV 或 Excel", examples=["xlsx"])
    cases: CasesAsked | None = Field(default=None, examples=[{"area": "310101002", "open": True}])
    statistics: StatisticsAsked | None = Field(default=None, description="给出时导出统计表，否则导出案件")

    def told(self) -> Asked:
        """The same in plain values, as JSON has them."""
        kind = ExportKind.STATISTICS if self.statistics else ExportKind.CASES
        chosen: Write = self.statistics or self.cases or CasesAsked()
        told: dict[str, Any] = chosen.model_dump(mode="json")
        return Asked(kind, self.format, told)


class ExportRead(Read):
    """An export and how far it is. 导出"""

    id: UUID
    kind: ExportKind
    format: ExportFormat
    asked: dict[str, Any] = Field(description="筛选条件")
    state: ExportState = Field(description="排队、生成中、可下载、失败、已过期")
    rows: int = Field(description="行数")
    done: int = Field(description="已写行数")
    asked_at: datetime
    finished_at: datetime | None
    expires_at: datetime = Field(description="保留至")
