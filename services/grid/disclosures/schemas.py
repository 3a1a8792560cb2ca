"""Shapes of what the public asks and sees."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from libs.common.http.schemas import Read
from services.grid.disclosures.domain import WORDS, PublicState
from services.grid.disclosures.service import Part, Progress
from services.grid.tallies.domain import Measure

LIST_AREA = r"^[0-9]{9}([0-9]{3})?$"
COUNT_AREA = r"^[0-9]{6}([0-9]{3})?$"
"""Not of a neighbourhood: what its few cases are of would give its people away."""


class CasesAsked(BaseModel):
    """Which cases. 查询条件"""

    model_config = ConfigDict(frozen=True)

    area: str = Field(pattern=LIST_AREA, description="街镇、居村代码", examples=["310101002"])
    open: bool | None = Field(None, description="是否未办结")
    category: str | None = Field(None, pattern=r"^[0-9]{4}$", description="类别代码")


class CountedBy(StrEnum):
    """What a count stands for (分组)."""

    CATEGORY = "category"  # 类别
    AREA = "area"  # 下级区划


class CountsAsked(BaseModel):
    """What is counted. A whole month, so that no two answers differ by a day. 统计条件"""

    model_config = ConfigDict(frozen=True)

    area: str = Field(pattern=COUNT_AREA, description="区、街镇代码", examples=["310101002"])
    month: str = Field(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="月份 a month in China", examples=["2026-11"]
    )
    by: CountedBy = Field(CountedBy.CATEGORY, description="分组")

    @property
    def first_day(self) -> date:
        """Of the month."""
        return date.fromisoformat(f"{self.month}-01")


class StateRead(Read):
    """How far it is, as a code and in words. 办理进度"""

    code: PublicState = Field(examples=["handling"])
    zh: str = Field(examples=["正在处理"])
    en: str = Field(examples=["Being handled"])

    @classmethod
    def of(cls, state: PublicState) -> StateRead:
        """With its words."""
        return cls(code=state, zh=WORDS[state][0], en=WORDS[state][1])


class ProgressRead(Read):
    """What became of a report. Days in China. 办理进度"""

    state: StateRead
    category_zh: str | None = Field(description="类别；不公开的类别为空", examples=["楼道堆物"])
    category_en: str | None
    reported_on: date = Field(description="反映日期")
    expected_on: date | None = Field(description="预计办结日期")
    ended_on: date | None = Field(description="办结日期")
    merged: bool = Field(description="已并入同一问题的其他案件，进度为该案件的进度")
    unit_zh: str | None = Field(description="承办单位", examples=["南京东路街道综合行政执法队"])
    unit_en: str | None

    @classmethod
    def of(cls, told: Progress) -> ProgressRead:
        """As shown."""
        return cls(**{**vars(told), "state": StateRead.of(told.state)})


class PublicCase(Read):
    """A case as everybody may see it. 公开案件"""

    category: str = Field(examples=["0202"])
    category_zh: str = Field(examples=["楼道堆物"])
    category_en: str
    area: str = Field(description="居村代码", examples=["310101002001"])
    area_name: str | None = Field(description="居村名称")
    reported_on: date = Field(description="反映日期")
    state: StateRead
    ended_on: date | None = Field(description="办结日期")


class EnforcementRead(Read):
    """A result of enforcement. 执法公示"""

    category: str = Field(description="事项", examples=["0101"])
    category_zh: str = Field(examples=["违法搭建/违法建筑"])
    category_en: str
    basis_zh: str | None = Field(description="执法依据", examples=["上海市拆除违法建筑若干规定(2018)"])
    basis_en: str | None
    result: StateRead = Field(description="处理结果")
    unit_zh: str = Field(description="执法单位", examples=["南京东路街道综合行政执法队"])
    unit_en: str
    closed_on: date = Field(description="办结日期")


class CountRead(Read):
    """What was counted of a category or area; null where it is too few to tell. 分项统计；过少不予显示"""

    code: str = Field(examples=["0202"])
    name: str | None = Field(examples=["楼道堆物"])
    reported: int | None = Field(description="上报")
    filed: int | None = Field(description="立案")
    closed: int | None = Field(description="结案")

    @classmethod
    def of(cls, part: Part) -> CountRead:
        """As shown."""
        told = {
            measure.value: part.counts[measure]
            for measure in (Measure.REPORTED, Measure.FILED, Measure.CLOSED)
        }
        return cls(code=part.code, name=part.name, **told)


class CountList(Read):
    """The counts of a month. 月度统计"""

    area: str
    month: str
    items: list[CountRead]
