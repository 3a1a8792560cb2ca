"""Tables of appeals."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, func, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base


class Appeal(Base):
    """An appeal against an overdue mark (超时申诉). `note` and `decision` are free text (internal)."""

    __tablename__ = "appeal"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"))
    round: Mapped[int] = mapped_column(Integer())
    area: Mapped[str]
    overdue_at: Mapped[datetime]
    """The deadline that passed, UTC: which mark it is against."""
    unit_id: Mapped[UUID | None]
    squad: Mapped[str | None]
    """Who had the case when it was asked."""
    state: Mapped[str]
    reason_code: Mapped[str]
    note: Mapped[str]
    photos: Mapped[list[str]]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None]

    __table_args__ = (
        Index("uq_appeal_mark", "case_id", "round", "overdue_at", unique=True),
        *(
            Index(
                f"ix_appeal_asked{digits}",
                func.left(text("area"), text(str(digits))),
                "asked_at",
                "id",
                postgresql_where=text("state = 'asked'"),
            )
            for digits in (6, 9, 12)
        ),
    )
