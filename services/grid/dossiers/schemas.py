"""What is asked for when reading."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.common.http.schemas import Instant, Read, Write
from libs.common.text import Masked, Text
from services.grid.cases.service import Wanted
from services.grid.dossiers.domain import HistoryRead, Purpose
from services.grid.fields import AREA
from services.grid.lifecycle.domain import CaseState
from services.grid.questions.domain import Question


class CaseFilter(BaseModel):
    """What a list of cases shows. 案件筛选条件"""

    model_config = ConfigDict(frozen=True)

    area: str | None = Field(None, pattern=AREA, description="区划代码", examples=["310107005"])
    estate_id: UUID | None = Field(None, description="小区")
    inside_wall: bool | None = Field(None, description="围墙内外 inside or outside the wall, where known")
    unit_id: UUID | None = Field(None, description="处置单位")
    since: Instant | None = Field(None, description="上报时间起 reported from")
    until: Instant | None = Field(None, description="上报时间止 reported before")
    state: CaseState | None = Field(None, description="状态")
    open: bool | None = Field(None, description="是否未结")
    group: str | None = Field(None, pattern=r"^[0-9]{2}$", description="大类代码")
    category: str | None = Field(None, pattern=r"^[0-9]{4}$", description="类别代码")
    item: str | None = Field(None, pattern=r"^[0-9]{6}$", description="子类代码")
    q: str | None = Field(None, min_length=1, max_length=100, description="全文检索")
    mine: bool = Field(False, description="本人上报 reported by me")
    handling: bool = Field(False, description="本人处置中 handled by me")
    overdue: bool = Field(False, description="已超时")

    @property
    def wanted(self) -> Wanted:
        """The same for the statements."""
        told = self.__dict__.copy()
        return Wanted(text=told.pop("q"), **told)


class RevealReporter(Write):
    """Why the reporter's data is needed. 查看理由"""

    purpose: Purpose = Field(examples=["accept"])
    reason: Text = Field(examples=["电话联系反映人确认楼层"])


class AnswerRead(Read):
    """One question with its answer. 答题"""

    question: Question
    answer: Masked | float | list[str] = Field(description="Numbers of persons masked (脱敏)")


class CaseAnswersRead(Read):
    """What was answered at one time. 答卷"""

    serial: int
    category: str
    form_version: int
    current: bool = Field(description="Of the case's present category, and the last one (现行答卷)")
    given_at: datetime
    answers: list[AnswerRead]


class CaseAnswersList(Read):
    """Every time that a case's form was answered, the first one first. 历次答卷"""

    items: list[CaseAnswersRead]


class HistoryList(Read):
    """Every step of a case. 操作记录"""

    items: list[HistoryRead]
