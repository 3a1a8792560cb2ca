"""Table of feedback lines."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.tasks.base import Base


class TaskLine(Base):
    """The part of one unit beside the lead (反馈项)."""

    __tablename__ = "task_line"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    role: Mapped[str]
    feedback: Mapped[str | None]
    feedback_at: Mapped[datetime | None]
    feedback_by: Mapped[str | None]
    chases: Mapped[int] = mapped_column(Integer(), server_default=text("0"))
    chased_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("task_id", "unit_id"),
        CheckConstraint("role IN ('responsible', 'cooperating')", name="role"),
    )
