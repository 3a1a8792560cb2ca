"""Shapes of the squad's work."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from libs.common.http.schemas import Write
from libs.common.text import Text
from services.grid.fields import Photos


class ProgressGiven(Write):
    """How far it is. 进展"""

    note: Text = Field(examples=["已联系业主，约定今日清理"])
    photos: Photos = Field(default_factory=list)


class ReturnGiven(Write):
    """Not our duty. 退单"""

    reason_code: Literal["not-our-duty", "outside-our-area", "lack-of-power", "other"]
    reason: Text = Field(examples=["属消防部门职责"])


class AnswerGiven(Write):
    """The feedback with its evidence. 处置反馈"""

    outcome: Literal["solved", "explained"] = Field(description="实际解决、解释说明")
    summary: Text = Field(examples=["已清理完毕"])
    photos: Photos = Field(default_factory=list)
