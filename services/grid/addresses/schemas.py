"""Shapes of the addresses."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read


class CandidateRead(Read):
    """A place that the text may mean. 候选地点"""

    estate_id: UUID
    estate: str = Field(description="小区名称", examples=["小花园二村(演示)"])
    building_id: UUID | None = Field(description="楼栋")
    number: str | None = Field(description="楼号", examples=["3"])
    area: str = Field(description="居(村)委或单元网格代码", examples=["310101002001"])
    confidence: int = Field(description="How sure, in per cent (置信度)", examples=[95])


class CandidateList(Read):
    """The places that the text may mean, the surest first; none if nothing known occurs in it. 候选地点"""

    text: str = Field(description="The text in its one spelling (归一化地址)", examples=["小花园二村3号"])
    least: int = Field(description="As sure as intake asks for, in per cent (受理采用阈值)")
    items: list[CandidateRead]
