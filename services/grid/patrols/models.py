"""Tables of patrols: plans, their points, the items of each period."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, func, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base
from services.grid.patrols.domain import ItemState

_STATES = ", ".join(f"'{state.value}'" for state in ItemState)


class PatrolPlan(Base):
    """A patrol that comes round (巡查计划). All days are local."""

    __tablename__ = "patrol_plan"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    name: Mapped[str]
    kind: Mapped[str]
    area: Mapped[str]
    estate_id: Mapped[UUID | None] = mapped_column(ForeignKey("estate.id"))
    every: Mapped[int] = mapped_column(Integer())
    unit: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    inspector: Mapped[str | None]
    source: Mapped[str]
    number: Mapped[int] = mapped_column(Integer())
    """The first period that has no items yet."""
    make_on: Mapped[date | None]
    """When that period's items are made; None: there is no further one."""

    __table_args__ = (
        Index("ix_patrol_plan_make", "make_on", "id", postgresql_where=text("make_on IS NOT NULL")),
        *(
            Index(f"ix_patrol_plan_area{digits}", func.left(text("area"), text(str(digits))), "id")
            for digits in (6, 9, 12)
        ),
    )


class PatrolPoint(Base):
    """Somewhere that a plan leads to (巡查点位); degrees CGCS2000."""

    __tablename__ = "patrol_point"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("patrol_plan.id"))
    name: Mapped[str]
    area: Mapped[str]
    building: Mapped[str | None]
    lon: Mapped[float | None]
    lat: Mapped[float | None]

    __table_args__ = (Index("ix_patrol_point_plan", "plan_id", "id"),)


class PatrolItem(Base):
    """A point in a period (巡查任务). Where somebody was is personal data (restricted), as is `note`."""

    __tablename__ = "patrol_item"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("patrol_plan.id"))
    point_id: Mapped[UUID] = mapped_column(ForeignKey("patrol_point.id"))
    kind: Mapped[str]
    area: Mapped[str]
    inspector: Mapped[str | None]
    period_start: Mapped[date]
    period_end: Mapped[date]
    state: Mapped[str]
    result: Mapped[str | None]
    case_id: Mapped[UUID | None]
    checked_at: Mapped[datetime | None]
    """When somebody was there, by the device's clock."""
    checked_by: Mapped[str | None]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    distance_m: Mapped[float | None]
    far: Mapped[bool | None]
    note: Mapped[str | None]

    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("(result IS NULL) = (state <> 'done')", name="result"),
        Index("uq_patrol_item_period", "point_id", "period_start", unique=True),
        Index("ix_patrol_item_due", "period_end", "id", postgresql_where=text("state = 'due'")),
        Index("ix_patrol_item_plan", "plan_id", "period_start"),
        *(
            Index(
                f"ix_patrol_item_area{digits}",
                func.left(text("area"), text(str(digits))),
                "period_end",
                "id",
            )
            for digits in (6, 9, 12)
        ),
    )
