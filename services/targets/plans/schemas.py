"""Shapes of plans."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Day, Flag, Read, Write
from libs.common.text import Line, Text
from services.targets.fields import AreaCode, Code
from services.targets.plans.domain import Basis, Origin, PlanFields, PlanLevel, PlanState

Titles = Annotated[tuple[Line, ...], Field(max_length=20)]


class PlanRead(Read):
    """A plan. 计划"""

    id: UUID
    version: int
    code: str = Field(examples=["sh-mh-2018"])
    title_zh: str = Field(examples=["上海市住宅小区“美丽家园”三年行动计划（2018—2020）"])
    title_en: str
    level: PlanLevel
    area: str = Field(examples=["31"])
    doc_no: str | None = Field(description="Document number (文号)", examples=["沪府办发〔2018〕8号"])
    issued: date | None
    period_from: date | None
    period_to: date | None = Field(description="Last day; null = no end is stated (未载明结束日期)")
    period_inferred: bool = Field(description="The source masks or omits the years (期间为推定)")
    parent_id: UUID | None
    parent_basis: Basis | None
    sources: list[str] = Field(description="Titles of the documents (依据文件)")
    missing: str = Field(description="What the sources name and do not include (原文缺失部分)")
    origin: Origin
    demonstration: bool = Field(description="Made for demonstration (演示)")
    state: PlanState
    in_force_at: datetime | None
    concluded_at: datetime | None
    updated_at: datetime


class PlanWrite(Write):
    """A new plan, a draft. 登记计划"""

    code: Code
    title_zh: Line = Field(examples=["普陀区住宅小区治理2027年工作计划"])
    title_en: Line = Field(examples=["Putuo district plan for residential estates 2027"])
    level: PlanLevel = Field(examples=["district"])
    area: AreaCode
    doc_no: Line | None = None
    issued: Day | None = None
    period_from: Day | None = Field(default=None, examples=["2027-01-01"])
    period_to: Day | None = Field(default=None, examples=["2027-12-31"])
    parent_id: UUID | None = None
    sources: Titles = ()
    demonstration: Flag = False

    def fields(self) -> PlanFields:
        """As plain values."""
        basis = Basis.STATED if self.parent_id else None
        return PlanFields(**vars(self), parent_basis=basis, origin=Origin.ENTERED)


class PlanChange(Write):
    """What changes; fields that are left out stay. 变更计划"""

    title_zh: Line | None = None
    title_en: Line | None = None
    doc_no: Line | None = None
    issued: Day | None = None
    period_from: Day | None = None
    period_to: Day | None = Field(default=None, examples=["2027-06-30"])
    parent_id: UUID | None = None
    sources: Titles | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent; a null clears a date, a number or the parent, and is no title."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        told = {name: value for name, value in sent.items() if value is not None or name in CLEARABLE}
        if "parent_id" in told:
            told["parent_basis"] = Basis.STATED if told["parent_id"] else None
        return told


CLEARABLE = frozenset({"doc_no", "issued", "period_from", "period_to", "parent_id"})


class StepNote(Write):
    """A word with the step. 说明"""

    note: Text | None = Field(default=None, examples=["经区政府常务会议审议通过"])
