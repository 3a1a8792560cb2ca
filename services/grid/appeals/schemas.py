"""Shapes of appeals."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read, Write
from libs.common.text import Masked, Text
from services.grid.appeals.domain import AppealState
from services.grid.dossiers.domain import CaseItem
from services.grid.fields import Photos


class AskAppeal(Write):
    """Why the overdue mark should not count. 超时申诉"""

    reason_code: str = Field(
        min_length=1, max_length=30, examples=["weather"], description="Of the rules `appeal.*` (申诉理由)"
    )
    note: Text = Field(examples=["台风橙色预警期间停止户外作业"])
    photos: Photos = Field(default_factory=list)


class DecideAppeal(Write):
    """What is said to it. 复核意见"""

    note: Text = Field(examples=["经核，预警期间情况属实"])


class AppealRead(Read):
    """An appeal against an overdue mark. 超时申诉"""

    id: UUID
    case_id: UUID
    round: int = Field(description="Round of the mark (轮次)")
    overdue_at: datetime = Field(description="The deadline that passed, UTC (超时)")
    unit_id: UUID | None
    squad: str | None
    state: AppealState
    reason_code: str = Field(examples=["weather"])
    note: Masked
    photos: list[str]
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision: Masked | None


class AppealList(Read):
    """Every appeal of a case. 超时申诉"""

    items: list[AppealRead]


class AppealToDecide(Read):
    """What is to be decided, with the case as it stands. 待复核申诉"""

    appeal: AppealRead
    case: CaseItem
