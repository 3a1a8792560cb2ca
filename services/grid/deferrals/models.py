"""Tables of deferrals."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base


class Deferral(Base):
    """A request for an extension or a suspension (延期、挂账申请)."""

    __tablename__ = "deferral"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"))
    kind: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    until: Mapped[datetime | None]
    """Until when it is wanted; of a suspension its end."""
    asked_by: Mapped[str]
    asked_by_unit: Mapped[bool]
    handover_id: Mapped[UUID | None]
    """By which the unit has the case that asked, where it does not lead (会同单位)."""
    asked_at: Mapped[datetime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None]
    due_before: Mapped[datetime | None]
    due_after: Mapped[datetime | None]

    __table_args__ = (Index("ix_deferral_case", "case_id", "asked_at"),)
