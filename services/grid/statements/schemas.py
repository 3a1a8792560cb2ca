"""Shapes of statements."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Instant, Read, Write
from libs.common.text import Masked, Text
from services.grid.fields import Photos
from services.grid.statements.domain import Said
from services.grid.statements.service import Statement


class MakeStatement(Write):
    """What was done about the case. 情况说明"""

    text: Text = Field(examples=["物业已于今日上午劝导住户清理楼道纸箱，并加装警示标识"])
    done_at: Instant | None = Field(
        default=None, description="When it was done (处置时间)", examples=["2026-11-23T09:30:00+08:00"]
    )
    photos: Photos = Field(default_factory=list)

    def said(self) -> Said:
        """The same in plain values."""
        return Said(self.text, self.done_at, tuple(self.photos))


class TakeStatement(Write):
    """What is said to it. 采信意见"""

    note: Text | None = Field(default=None, examples=["照片属实，可作为处置依据"])


class StatementRead(Read):
    """What a firm or an owners' committee says about a case. 情况说明"""

    id: UUID
    version: int
    case_id: UUID
    estate_id: UUID
    role: str = Field(examples=["firm_manager"])
    text: Masked
    done_at: datetime | None
    photos: list[str]
    said_by: str | None = Field(description="Told to the centre and to oneself only (说明人)")
    said_at: datetime
    taken_by: str | None = Field(description="Who took it as a basis; told to the centre only (采信人)")
    taken_at: datetime | None
    taken_note: Masked | None = Field(description="Told to the centre only (采信意见)")


class StatementList(Read):
    """Every statement about a case. 情况说明"""

    items: list[StatementRead]


def statement_read(row: Statement, *, inside: bool, reader: str) -> StatementRead:
    """The statement; firms and owners' committees see no person but themselves."""
    shown = StatementRead.model_validate(row)
    if inside:
        return shown
    hidden = {"taken_by": None, "taken_note": None}
    return shown.model_copy(update=hidden if row.said_by == reader else hidden | {"said_by": None})
