"""Tables of studios and their visits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, desc, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base


class Studio(Base):
    """A studio (城管社区工作室), public as it hangs at its door. Days are local."""

    __tablename__ = "studio"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    area: Mapped[str]
    unit_id: Mapped[UUID | None]
    """The enforcement unit whose person is there."""
    name: Mapped[str]
    role: Mapped[str]
    contact: Mapped[str]
    place: Mapped[str]
    hours: Mapped[list[list[Any]]] = mapped_column(JSONB())
    """Weekday, from, to: local time as ISO text."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str]

    __table_args__ = (
        *(
            Index(f"ix_studio_area{digits}", func.left(text("area"), text(str(digits))), "area", "id")
            for digits in (6, 9, 12)
        ),
    )


class StudioVisit(Base):
    """Residents were received or visited (走访接待). `note` is free text (internal)."""

    __tablename__ = "studio_visit"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    studio_id: Mapped[UUID] = mapped_column(ForeignKey("studio.id"))
    area: Mapped[str]
    kind: Mapped[str]
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    in_hours: Mapped[bool]
    """Whether it began in the published hours, as they then were."""
    people: Mapped[int] = mapped_column(Integer())
    note: Mapped[str | None]
    case_ids: Mapped[list[UUID]]
    """Cases that were made of residents' matters."""
    logged_by: Mapped[str]
    logged_at: Mapped[datetime]

    __table_args__ = (Index("ix_studio_visit_time", "studio_id", desc("begins_at"), desc("id")),)
