"""Shapes of the duty list."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Day, Flag, Read, Write
from libs.common.text import Line
from services.tasks.duties.domain import DutyFields
from services.tasks.units.domain import Origin

Category = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{2,10}$", examples=["0202"], description="类别代码")]
Relation = Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,29}$")]
Units = Annotated[tuple[UUID, ...], Field(max_length=20)]


class DutyRead(Read):
    """A row of the duty list. 职责条目"""

    id: UUID
    version: int
    category: str
    area: str = Field(description="区划代码；含其下级区划")
    relation: str | None = Field(description="Only for places in it, such as after_meter (位置关系)")
    police_support: bool = Field(description="The police support it (公安配合)")
    lead_unit_ids: list[UUID] = Field(description="牵头单位，首位为建议派遣单位")
    cooperating_unit_ids: list[UUID] = Field(description="配合单位")
    named: list[str] = Field(description="文件原文所列处置主体")
    valid_from: date | None
    valid_to: date | None
    origin: Origin
    demonstration: bool
    source: str
    updated_at: datetime


class DutyCreate(Write):
    """A new row of the live list. 新增职责"""

    category: Category
    area: str = Field(pattern=r"^[0-9]{2,15}$", examples=["310101002"])
    lead_unit_ids: Annotated[Units, Field(min_length=1)] = Field(
        examples=[["0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"]]
    )
    cooperating_unit_ids: Units = ()
    relation: Relation | None = Field(default=None, description="位置关系，如 after_meter；不填适用于全部")
    police_support: Flag = Field(default=False, description="公安配合")
    valid_from: Day | None = None
    valid_to: Day | None = None
    source: Line = Field(examples=["区政府会议纪要 2026 年第 8 号"])

    def fields(self) -> DutyFields:
        """As plain values."""
        return DutyFields(**vars(self))


class DutyChange(Write):
    """What changes; fields that are left out stay, a null clears a date. 变更职责"""

    lead_unit_ids: Annotated[Units, Field(min_length=1)] | None = None
    cooperating_unit_ids: Units | None = None
    police_support: Flag | None = Field(default=None, description="公安配合")
    valid_from: Day | None = None
    valid_to: Day | None = Field(default=None, examples=["2027-12-31"])
    source: Line | None = Field(default=None, examples=["区政府会议纪要 2026 年第 21 号"])

    def changes(self) -> dict[str, Any]:
        """The fields that were sent."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: value for name, value in sent.items() if value is not None or name.startswith("valid_")}
