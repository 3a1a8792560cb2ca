"""Tables of joint studies."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base


class Study(Base):
    """A joint study on whose duty a returned case is (会商). `question`, `record`: free text (internal).

    One per return: `round` and `return_count` say which. It waits until it is decided or the case moves on.
    """

    __tablename__ = "study"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"))
    round: Mapped[int] = mapped_column(Integer())
    return_count: Mapped[int] = mapped_column(Integer())
    question: Mapped[str]
    participant_ids: Mapped[list[UUID]]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    due_at: Mapped[datetime]
    held_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    unit_ids: Mapped[list[UUID]]
    """To whom it falls, the first one leads; empty until decided, and for what is not ours."""
    record: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    dispatch_id: Mapped[UUID | None] = mapped_column(ForeignKey("dispatch.id"))
    """The dispatch that the decision led to."""

    __table_args__ = (
        Index("uq_study_return", "case_id", "round", "return_count", unique=True),
        Index("ix_study_open", "due_at", "id", postgresql_where=text("decided_at IS NULL")),
    )
