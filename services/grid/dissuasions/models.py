"""Tables of reports of what could not be stopped."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, desc, func, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base


class Dissuasion(Base):
    """An act that a firm could not stop (劝阻无效报告). `what`, `how`: free text; `address`: restricted."""

    __tablename__ = "dissuasion"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"), unique=True)
    receipt_number: Mapped[str]
    estate_id: Mapped[UUID]
    area: Mapped[str]
    kind: Mapped[str]
    what: Mapped[str]
    address: Mapped[str]
    seen_at: Mapped[datetime]
    dissuaded_at: Mapped[datetime]
    how: Mapped[str]
    photos: Mapped[list[str]]
    reported_by: Mapped[str]
    reported_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """By when it was to be reported, by the rule then in force, UTC."""
    on_time: Mapped[bool]

    __table_args__ = (
        Index("ix_dissuasion_estate", "estate_id", desc("reported_at"), desc("id")),
        *(
            Index(
                f"ix_dissuasion_area{digits}",
                func.left(text("area"), text(str(digits))),
                desc("reported_at"),
                desc("id"),
            )
            for digits in (6, 9, 12)
        ),
    )
