"""Tables of escalations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, desc, func, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base


class Escalation(Base):
    """That a case went up one level (升级记录). `note` is free text of a person (internal)."""

    __tablename__ = "escalation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"))
    round: Mapped[int] = mapped_column(Integer())
    area: Mapped[str]
    from_level: Mapped[str]
    to_level: Mapped[str]
    to_node: Mapped[UUID | None] = mapped_column(ForeignKey("node.id"))
    """The node that stood for the level there on the day; None where nobody did."""
    reason: Mapped[str]
    note: Mapped[str | None]
    due_at: Mapped[datetime | None]
    """The handling deadline as it stood and stands, UTC."""
    at: Mapped[datetime]
    by: Mapped[str]

    __table_args__ = (
        Index("ix_escalation_case", "case_id", "at"),
        Index("ix_escalation_node", "to_node", desc("at"), desc("id")),
        *(
            Index(
                f"ix_escalation_area{digits}",
                func.left(text("area"), text(str(digits))),
                "to_level",
                desc("at"),
                desc("id"),
            )
            for digits in (6, 9, 12)
        ),
    )
