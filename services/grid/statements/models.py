"""Tables of statements."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base


class Statement(Base):
    """What a firm or a committee says about a case (情况说明). `text` is free text (internal)."""

    __tablename__ = "statement"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"))
    estate_id: Mapped[UUID]
    area: Mapped[str]
    role: Mapped[str]
    text: Mapped[str]
    done_at: Mapped[datetime | None]
    photos: Mapped[list[str]]
    said_by: Mapped[str]
    said_at: Mapped[datetime]
    taken_by: Mapped[str | None]
    taken_at: Mapped[datetime | None]
    taken_note: Mapped[str | None]

    __table_args__ = (Index("ix_statement_case", "case_id", "said_at", "id"),)
