"""Shapes of deferrals."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read, Write
from libs.common.text import Masked, Text
from services.grid.deferrals.domain import DeferralKind, DeferralState


class Note(Write):
    """What is said. 说明"""

    note: Text | None = Field(default=None, examples=["情况属实，同意"])


class Reason(Write):
    """Why. 理由"""

    reason: Text = Field(examples=["时限内可以完成"])


class DeferralRead(Read):
    """A request for an extension or suspension. 延期、挂账申请"""

    id: UUID
    kind: DeferralKind
    state: DeferralState
    reason: Masked
    until: datetime | None
    asked_by: str
    asked_by_unit: bool
    asked_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    note: Masked | None
    due_before: datetime | None
    due_after: datetime | None


class DeferralList(Read):
    """Every request of a case. 延期、挂账申请"""

    items: list[DeferralRead]
