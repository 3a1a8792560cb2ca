"""Shapes of the calendar's years."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from libs.common.http.schemas import Day, Flag, Read, Write
from libs.common.text import Line
from services.tasks.calendars.domain import Override, YearRow


class OverrideRead(Read):
    """A day that differs from the statutory calendar. 调整日期"""

    day: date
    worked: bool = Field(description="true 为上班，false 为放假")
    reason: str


class YearRead(Read):
    """A year of the working-day calendar. 年度工作日历"""

    year: int = Field(examples=[2026])
    version: int = Field(description="0 表示尚未录入")
    confirmed: bool = Field(description="已按国务院办公厅通知确认")
    provisional: bool = Field(description="暂定：本年或此前年度尚未确认，工作日可能变动")
    workdays: int = Field(description="全年工作日数", examples=[248])
    overrides: list[OverrideRead] = Field(description="与法定节假日数据不同的日期")
    source: str | None = Field(description="出处；空表示仅依法定节假日数据")
    effective_from: date | None


class OverrideWrite(Write):
    """A day that is to differ. 调整日期"""

    day: Day = Field(examples=["2026-11-24"])
    worked: Flag = Field(examples=[False])
    reason: Line = Field(examples=["市政府通知：进博会期间放假调休"])


class YearWrite(Write):
    """The whole year as it is to stand. 录入或修改年度安排"""

    confirmed: Flag = Field(examples=[True])
    overrides: Annotated[tuple[OverrideWrite, ...], Field(max_length=366)] = ()
    source: Line = Field(examples=["国务院办公厅关于2026年部分节假日安排的通知"])
    effective_from: Day = Field(examples=["2026-11-20"])

    def row(self, year: int) -> YearRow:
        """As plain values."""
        overrides = tuple(Override(**vars(override)) for override in self.overrides)
        return YearRow(year=year, **(vars(self) | {"overrides": overrides}))
