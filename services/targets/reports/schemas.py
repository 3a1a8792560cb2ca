"""Shapes of reports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from libs.common.http.schemas import PhotoHash, Read, Write
from libs.common.text import Line, Masked, Text
from services.targets.fields import Figure, UnitOfMeasure
from services.targets.fields import Told as Shown
from services.targets.figures.domain import Given
from services.targets.reports.domain import Action, State
from services.targets.reports.service import Told

MOST_PHOTOS = 20
Photos = Annotated[tuple[PhotoHash, ...], Field(max_length=MOST_PHOTOS, description="已上传佐证的 SHA-256")]


class ReportWrite(Write):
    """What the unit reports: a quantity with its unit, or numerator and denominator, or yes or no. 填报"""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"quantity": "3", "unit": "estate", "note": "三个小区竣工"}]}
    )

    quantity: Figure | None = Field(default=None, description="累计类填本期新增，存量类填期末水平")
    unit: UnitOfMeasure | None = Field(default=None, description="计量单位：平方米、万平方米均可")
    numerator: Figure | None = Field(default=None, description="分子（比率类）")
    denominator: Figure | None = Field(default=None, description="分母（比率类）")
    done: bool | None = Field(default=None, strict=True, description="是否完成（是否类、定性类，须附佐证）")
    note: Text | None = Field(default=None, examples=["三个小区竣工"])
    photos: Photos = ()

    def told(self) -> Told:
        """As plain values."""
        given = Given(self.quantity, self.unit, self.numerator, self.denominator, self.done)
        return Told(given, self.note or "", self.photos)


class ReportCorrect(ReportWrite):
    """The right figures and why. 更正"""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"quantity": "2", "unit": "estate", "reason": "验收面积复核后调整"}]}
    )

    reason: Line = Field(examples=["验收面积复核后调整"])


class Note(Write):
    """A word with the decision. 说明"""

    note: Text | None = Field(default=None, examples=["与竣工备案数一致，同意"])


class Reason(Write):
    """Why. 理由"""

    note: Text = Field(examples=["分母应为小区总数，请核对"])


class VersionRead(Read):
    """One version of the figures. 填报数据版本"""

    revision: int
    quantity: Shown | None
    unit: str | None
    numerator: Shown | None
    denominator: Shown | None
    done: bool | None
    note: Masked
    reason: Masked | None = Field(description="更正理由")
    photos: list[str]
    submitted_at: datetime
    decision: str | None = Field(description="accepted | sent_back；空表示未审定")
    decided_at: datetime | None
    decision_note: Masked | None


class ReportRead(Read):
    """A report. 填报"""

    id: UUID
    version: int
    target_id: UUID
    allocation_id: UUID
    unit_id: UUID
    area: str
    period_first: date = Field(description="填报期首日")
    period_last: date = Field(description="填报期末日")
    due_on: date = Field(description="填报截止日")
    state: State
    revision: int = Field(description="数据版本；0 表示尚未填报")
    accepted_revision: int | None = Field(description="计入汇总的版本")
    submitted_at: datetime | None
    decided_at: datetime | None
    late: bool | None = Field(description="首次提交是否逾期")
    missed_at: datetime | None = Field(description="逾期未报标记")


class ReportDetail(ReportRead):
    """A report with its figures and what may be done. 填报详情"""

    target_title: str
    target_kind: str
    target_unit: str | None
    versions: list[VersionRead]
    allowed_actions: list[Action]


class StepRead(Read):
    """One step of the history. 操作记录"""

    version: int
    at: datetime
    actor: str
    actor_role: str
    action: str
    from_state: str | None
    to_state: str | None
    note: Masked | None
    changed: dict[str, Any]


class StepList(Read):
    """The steps of a report, oldest first. 操作历史"""

    items: list[StepRead]
