"""Tables of the rota."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, func, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base

_LIVE = "cancelled_at IS NULL"


class Turn(Base):
    """A turn on the rota (值班安排). Columns of personal data: `name`, `telephone` (restricted)."""

    __tablename__ = "roster_turn"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    person: Mapped[str]
    name: Mapped[str]
    telephone: Mapped[str | None]
    role: Mapped[str]
    area: Mapped[str]
    responsibility_grid_id: Mapped[UUID | None]
    """The part of the area that is theirs alone (责任网格); None: all of it."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    substitute: Mapped[str | None]
    source: Mapped[str]
    cancelled_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("ends_at > starts_at AND ends_at <= starts_at + interval '168 hours'", name="span"),
        Index("ix_roster_turn_now", "area", "starts_at", postgresql_where=text(_LIVE)),
        Index("ix_roster_turn_person", "person", "starts_at", postgresql_where=text(_LIVE)),
        *(
            Index(
                f"ix_roster_turn_area{digits}",
                func.left(text("area"), text(str(digits))),
                "starts_at",
                "id",
                postgresql_where=text(_LIVE),
            )
            for digits in (6, 9, 12)
        ),
    )
