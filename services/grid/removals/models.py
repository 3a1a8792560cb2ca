"""Tables of removals: where what is collected, and each time that it is to be taken away."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Time,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base
from services.grid.removals.domain import RemovalState

_STATES = ", ".join(f"'{state.value}'" for state in RemovalState)
_DIGITS = (6, 9, 12)


class CollectionPoint(Base):
    """Where waste or debris of an estate is collected (清运点). Days and times are local."""

    __tablename__ = "collection_point"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    estate_id: Mapped[UUID]
    area: Mapped[str]
    kind: Mapped[str]
    place: Mapped[str]
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger()))
    by_time: Mapped[time | None] = mapped_column(Time())
    carrier: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str]
    made_until: Mapped[date | None]
    """The last day whose removals are made; None: on demand, or there are no further ones."""

    __table_args__ = (
        Index(
            "ix_collection_point_make", "made_until", "id", postgresql_where=text("made_until IS NOT NULL")
        ),
        Index("ix_collection_point_estate", "estate_id", "id"),
        *(
            Index(f"ix_collection_point_area{digits}", func.left(text("area"), text(str(digits))), "id")
            for digits in _DIGITS
        ),
    )


class Removal(Base):
    """What is to be taken away by a time (清运). `note` is free text (internal)."""

    __tablename__ = "removal"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    point_id: Mapped[UUID] = mapped_column(ForeignKey("collection_point.id"))
    estate_id: Mapped[UUID]
    area: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    on_demand: Mapped[bool]
    since: Mapped[datetime]
    """From when it may be taken away, UTC: when it was ordered, or the agreed day's beginning."""
    due_at: Mapped[datetime]
    ordered_by: Mapped[str | None]
    note: Mapped[str | None]
    overdue_at: Mapped[datetime | None]
    """The agreed time that has passed (清运超时), as long as nothing shows otherwise."""
    case_due_at: Mapped[datetime | None]
    """When what is overdue becomes a case."""
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("grid_case.id"))
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None]
    late: Mapped[bool | None]
    photos: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))

    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("(removed_at IS NULL) = (state <> 'removed')", name="removed"),
        Index(
            "uq_removal_agreed", "point_id", "due_at", unique=True, postgresql_where=text("NOT on_demand")
        ),
        Index(
            "ix_removal_overdue", "due_at", "id",
            postgresql_where=text("state = 'due' AND overdue_at IS NULL"),
        ),
        Index(
            "ix_removal_case", "case_due_at", "id",
            postgresql_where=text("state = 'due' AND case_due_at IS NOT NULL"),
        ),
        Index("ix_removal_estate", "estate_id", "due_at", "id"),
        *(
            Index(f"ix_removal_area{digits}", func.left(text("area"), text(str(digits))), "due_at", "id")
            for digits in _DIGITS
        ),
    )  # fmt: skip
