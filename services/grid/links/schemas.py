"""Shapes of what a link shows and takes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from libs.common.http.schemas import Read, Write
from libs.common.text import Text
from services.grid.disclosures.domain import WORDS, PublicState
from services.grid.links.service import Opened
from services.grid.satisfactions.domain import Satisfaction
from services.grid.satisfactions.service import Told


class LinkRead(Read):
    """How far one's case is. Days in China. 我的事项"""

    receipt_number: str = Field(description="回执号", examples=["M7Q-4H2K-9TXB-3RW"])
    state: PublicState = Field(description="办理进度", examples=["solved"])
    state_zh: str = Field(examples=["已办结：问题已解决"])
    state_en: str = Field(examples=["Closed: the problem is solved"])
    category_zh: str | None = Field(description="类别；不公开的类别为空", examples=["楼道堆物"])
    category_en: str | None
    reported_on: date = Field(description="反映日期")
    expected_on: date | None = Field(description="预计办结日期")
    ended_on: date | None = Field(description="办结日期")
    unit_zh: str | None = Field(description="承办单位")
    unit_en: str | None
    can_rate: bool = Field(description="现在可以评价")
    rated: bool = Field(description="已评价")

    @classmethod
    def of(cls, found: Opened) -> LinkRead:
        """As shown."""
        told = vars(found.progress)
        zh, en = WORDS[found.progress.state]
        shown = {name: told[name] for name in cls.model_fields if name in told}
        return cls(
            **shown, receipt_number=found.receipt_number, state_zh=zh, state_en=en,
            can_rate=found.can_rate, rated=found.rated,
        )  # fmt: skip


class RateByLink(Write):
    """How satisfied the reporter is. 满意度评价"""

    satisfaction: Literal["satisfied", "fairly_satisfied", "dissatisfied"] = Field(
        description="满意、基本满意、不满意", examples=["satisfied"]
    )
    comment: Text | None = Field(default=None, description="评价意见", examples=["清理及时"])

    def told(self) -> Told:
        """The same in plain values."""
        return Told(Satisfaction(self.satisfaction), self.comment)


class LinkRated(Read):
    """What was taken down. 评价回执"""

    satisfaction: Satisfaction | None
    rated_at: datetime
