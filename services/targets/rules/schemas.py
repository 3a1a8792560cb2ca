"""Shapes of the rules."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Day, Read, Write
from libs.common.text import Line


class RuleRead(Read):
    """A rule of the targets' work. 目标管理规则"""

    id: UUID
    version: int
    key: str = Field(examples=["lights"])
    value: dict[str, Any] = Field(examples=[{"green": "0.95", "yellow": "0.80", "near_days": 30}])
    source: str
    assumption: bool = Field(description="A configurable default of this project (本项目默认值)")
    effective_from: date


class RuleList(Read):
    """All rules. 规则表"""

    items: list[RuleRead]


class RuleWrite(Write):
    """A rule's new value. 修改规则"""

    value: dict[str, Any] = Field(examples=[{"green": "0.98", "yellow": "0.85", "near_days": 30}])
    source: Line = Field(examples=["市联席会议办公室 2026 年第 3 号通知"])
    effective_from: Day = Field(examples=["2026-07-01"])
