"""Shapes of satisfactions."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read, Write
from libs.common.text import Line, Masked, Text
from services.grid.dossiers.domain import CaseItem
from services.grid.satisfactions.domain import Decision, Satisfaction, Via
from services.grid.satisfactions.service import Told


class RateCase(Write):
    """What the reporter says. 满意度评价"""

    satisfaction: Literal["satisfied", "fairly_satisfied", "dissatisfied"] | None = Field(
        description="满意、基本满意、不满意；null 为未评价 asked, and not evaluated", examples=["satisfied"]
    )
    comment: Text | None = Field(default=None, description="评价意见", examples=["清理及时"])

    def told(self) -> Told:
        """The same in plain values."""
        return Told(Satisfaction(self.satisfaction) if self.satisfaction else None, self.comment)


class RateByReceipt(RateCase):
    """The same by receipt number. 凭回执号评价"""

    receipt_number: Line = Field(description="回执号", examples=["M7Q-4H2K-9TXB-3RW"])
    phone_tail: str = Field(
        pattern="^[0-9]{4}$",
        description="Last four digits of the reporter's telephone (电话后四位)",
        examples=["1234"],
    )


class KeepClosed(Write):
    """Why it stays closed. 维持结案理由"""

    note: Text = Field(examples=["经复核已按标准清理，反映人诉求超出处置范围"])


class RatingRead(Read):
    """What a reporter said. 满意度评价"""

    id: UUID
    case_id: UUID
    round: int
    told_by: UUID = Field(description="Case whose reporter says so: itself, or one merged into it")
    satisfaction: Satisfaction | None
    comment: Masked | None
    via: Via
    rated_at: datetime
    decision: Decision | None = Field(description="On a dissatisfied reporter (不满意复核结论)")
    decided_by: str | None
    decided_at: datetime | None


class RatingList(Read):
    """Every rating of a case. 满意度评价"""

    items: list[RatingRead]


class RatingReceipt(Read):
    """What was taken down, and no more: whoever holds a receipt number is not known. 评价回执"""

    satisfaction: Satisfaction | None
    rated_at: datetime


class RatingToDecide(Read):
    """Who is dissatisfied, with the case as it stands. 待复核的不满意评价"""

    rating: RatingRead
    case: CaseItem
