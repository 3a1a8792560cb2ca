"""Tables of satisfactions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, func, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base


class Rating(Base):
    """What a reporter said of a round of a case (满意度评价). Personal data, restricted: `comment`."""

    __tablename__ = "rating"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"))
    round: Mapped[int] = mapped_column(Integer())
    told_by: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"))
    """The case whose reporter says so: the rated one, or one that was merged into it."""
    area: Mapped[str]
    satisfaction: Mapped[str | None]
    """None: asked, and not evaluated (未评价)."""
    comment: Mapped[str | None]
    via: Mapped[str]
    rated_by: Mapped[str]
    rated_at: Mapped[datetime]
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_rating_once", "case_id", "round", "told_by", unique=True),
        *(
            Index(
                f"ix_rating_dissatisfied{digits}",
                func.left(text("area"), text(str(digits))),
                "rated_at",
                "id",
                postgresql_where=text("satisfaction = 'dissatisfied' AND decision IS NULL"),
            )
            for digits in (6, 9, 12)
        ),
    )
