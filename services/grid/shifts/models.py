"""Tables of shifts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, desc, func, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base

_OPEN = text("signed_out_at IS NULL")


class Shift(Base):
    """That somebody was there (到岗班次). `lon`, `lat`: coarse, CGCS2000, personal data (restricted).

    `note` is free text (internal): what the next one must know.
    """

    __tablename__ = "shift"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    person: Mapped[str]
    role: Mapped[str]
    area: Mapped[str]
    signed_in_at: Mapped[datetime]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    crs: Mapped[str | None]
    """The system that the place was given in."""
    signed_out_at: Mapped[datetime | None]
    signed_out_by: Mapped[str | None]
    next_person: Mapped[str | None]
    note: Mapped[str | None]
    handed: Mapped[int] = mapped_column(Integer(), default=0)
    unattended: Mapped[int] = mapped_column(Integer(), default=0)

    __table_args__ = (
        Index("uq_shift_open", "person", unique=True, postgresql_where=_OPEN),
        Index("ix_shift_there", "area", postgresql_where=_OPEN),
        Index("ix_shift_person", "person", desc("signed_in_at")),
        *(
            Index(
                f"ix_shift_area{digits}",
                func.left(text("area"), text(str(digits))),
                desc("signed_in_at"),
                desc("id"),
            )
            for digits in (6, 9, 12)
        ),
    )


class Handed(Base):
    """Who has a case since somebody went off duty, and why (交接明细); None: nobody on duty has."""

    __tablename__ = "shift_handed"

    shift_id: Mapped[UUID] = mapped_column(ForeignKey("shift.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("grid_case.id"), primary_key=True)
    part: Mapped[str]
    to_person: Mapped[str | None]
    how: Mapped[str]
    at: Mapped[datetime]
