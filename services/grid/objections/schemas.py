"""Shapes of objections."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read, Write
from libs.common.text import Masked, Text
from services.grid.dossiers.domain import CaseItem
from services.grid.fields import Photos
from services.grid.objections.domain import Ground, ObjectionState, is_late
from services.grid.objections.service import Grounds, Objection


class AskObjection(Write):
    """What is disputed and why. 提出异议"""

    ground: Ground = Field(examples=["attribution"], description="事实不符、责任归属")
    reason: Text = Field(examples=["该楼道属相邻小区，不在我公司合同服务范围内"])
    photos: Photos = Field(default_factory=list)

    def grounds(self) -> Grounds:
        """The same in plain values."""
        return Grounds(self.ground, self.reason, tuple(self.photos))


class DecideObjection(Write):
    """What is said to it. 复核意见"""

    note: Text = Field(examples=["经核对小区四至范围，情况属实"])


class ObjectionRead(Read):
    """What a firm or an owners' committee disputes of a case. 异议"""

    id: UUID
    version: int
    case_id: UUID
    round: int = Field(description="Round of the case (轮次)")
    estate_id: UUID
    role: str = Field(examples=["firm_manager"])
    ground: Ground
    state: ObjectionState
    reason: Masked
    photos: list[str]
    asked_by: str | None = Field(description="Told to the centre and to oneself only (提出人)")
    asked_at: datetime
    due_at: datetime = Field(description="By when it is to be decided, UTC (复核时限)")
    late: bool = Field(description="It waits beyond its limit (复核超时)")
    decided_by: str | None = Field(description="Told to the centre only (复核人)")
    decided_at: datetime | None
    decision: Masked | None


class ObjectionList(Read):
    """Every objection to a case. 异议"""

    items: list[ObjectionRead]


class ObjectionToDecide(Read):
    """What is to be decided, with the case as it stands. 待复核异议"""

    objection: ObjectionRead
    case: CaseItem


def objection_read(row: Objection, now: datetime, *, inside: bool, reader: str) -> ObjectionRead:
    """The objection; firms and owners' committees see no person but themselves."""
    columns = {name: getattr(row, name) for name in ObjectionRead.model_fields if name != "late"}
    columns["late"] = is_late(row.state, row.due_at, now)
    if not inside:
        columns["decided_by"] = None
        columns["asked_by"] = row.asked_by if row.asked_by == reader else None
    return ObjectionRead.model_validate(columns)
