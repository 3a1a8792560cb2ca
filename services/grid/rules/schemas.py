"""Shapes of the rules."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Day, Read, Write
from libs.common.text import Line


class RuleRead(Read):
    """A rule of the grid's work. 网格工作规则"""

    id: UUID
    version: int
    key: str = Field(examples=["stage.accept"])
    value: dict[str, Any] = Field(examples=[{"amount": 1, "unit": "natural_hours"}])
    source: str
    assumption: bool = Field(description="A configurable default of this project (本项目默认值)")
    effective_from: date


class RuleList(Read):
    """All rules. 规则表"""

    items: list[RuleRead]


class RuleWrite(Write):
    """A rule's new value. 修改规则"""

    value: dict[str, Any] = Field(examples=[{"amount": 2, "unit": "natural_hours"}])
    source: Line = Field(examples=["区城运中心 2026 年第 3 号通知"])
    effective_from: Day = Field(examples=["2026-07-01"])
