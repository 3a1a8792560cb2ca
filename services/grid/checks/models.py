"""Tables of checks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base


class Check(Base):
    """One verification or check, given to an inspector (核实、核查任务)."""

    __tablename__ = "case_check"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"))
    kind: Mapped[str]
    round: Mapped[int] = mapped_column(Integer())
    rework: Mapped[int] = mapped_column(Integer())
    inspector: Mapped[str]
    assigned_by: Mapped[str]
    assigned_at: Mapped[datetime]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    """When it was done, or taken away again."""
    good: Mapped[bool | None]
    """Confirmed, passed; None = not done, or taken away."""
    mode: Mapped[str | None]
    note: Mapped[str | None]

    __table_args__ = (
        Index(
            "uq_case_check_open", "case_id", unique=True, postgresql_where=text("done_at IS NULL")
        ),
        Index(
            "ix_case_check_mine", "inspector", "due_at", "id", postgresql_where=text("done_at IS NULL")
        ),
        Index("ix_case_check_case", "case_id", "assigned_at"),
    )  # fmt: skip
