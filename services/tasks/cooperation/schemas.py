"""Shapes of feedback lines."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import PhotoHash, Read, Write
from libs.common.text import Text
from services.tasks.cooperation.domain import LineRole


class LineRead(Read):
    """The part of one unit beside the lead. 反馈项"""

    unit_id: UUID
    role: LineRole
    feedback: str | None
    feedback_at: datetime | None
    chases: int = Field(description="催报次数")
    chased_at: datetime | None


class LineList(Read):
    """The lines of a task. 责任、配合单位反馈"""

    items: list[LineRead]


class Feedback(Write):
    """What the unit did. 配合反馈"""

    note: Text = Field(examples=["已配合完成消防通道标线施划"])
    photos: Annotated[tuple[PhotoHash, ...], Field(max_length=20)] = ()


class Chase(Write):
    """Whom to chase. 催报"""

    unit_id: UUID = Field(examples=["0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"], description="被催报单位")
    note: Text = Field(examples=["请于本周五前反馈配合情况"])
