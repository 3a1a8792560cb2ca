"""Tables of meetings."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base


class Meeting(Base):
    """A residents' joint meeting on a case (居民联席会议). `decision` is free text (internal); no names."""

    __tablename__ = "meeting"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"))
    round: Mapped[int] = mapped_column(Integer())
    attendees: Mapped[list[str]]
    present: Mapped[int] = mapped_column(Integer())
    votes_for: Mapped[int] = mapped_column(Integer())
    votes_against: Mapped[int] = mapped_column(Integer())
    outcome: Mapped[str]
    decision: Mapped[str]
    held_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]

    __table_args__ = (Index("ix_meeting_case", "case_id", "recorded_at"),)
