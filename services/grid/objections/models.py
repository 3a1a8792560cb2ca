"""Tables of objections."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, func, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base
from services.grid.objections.domain import ObjectionState

_STATES = ", ".join(f"'{state.value}'" for state in ObjectionState)


class Objection(Base):
    """What a firm or a committee disputes of a case (异议). `reason`, `decision`: free text (internal)."""

    __tablename__ = "objection"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"))
    round: Mapped[int] = mapped_column(Integer())
    estate_id: Mapped[UUID]
    area: Mapped[str]
    role: Mapped[str]
    ground: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    photos: Mapped[list[str]]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None]

    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("(decided_at IS NULL) = (state = 'asked')", name="decided"),
        Index("uq_objection_ground", "case_id", "round", "ground", "role", unique=True),
        *(
            Index(
                f"ix_objection_asked{digits}",
                func.left(text("area"), text(str(digits))),
                "due_at",
                "id",
                postgresql_where=text("state = 'asked'"),
            )
            for digits in (6, 9, 12)
        ),
    )
