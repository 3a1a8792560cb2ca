"""Table of allocations."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from services.targets.base import Base


class Allocation(Base):
    """What a unit owes of a target in an area (目标分解). Its id is `stable_id` of target, unit and area."""

    __tablename__ = "allocation"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    target_id: Mapped[UUID] = mapped_column(ForeignKey("target.id"))
    unit_id: Mapped[UUID]
    area: Mapped[str]
    share: Mapped[Decimal | None]
    """In `unit`; null where the target has no figure to share out. Of a rate it is the rate to reach."""
    unit: Mapped[str | None]
    base_share: Mapped[Decimal | None]
    """The share in the base unit of the target."""
    ended_at: Mapped[datetime | None]
    """Taken back: nothing more is expected of the unit."""
    updated_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_allocation_target", "target_id", "area", "unit_id", unique=True),
        Index("ix_allocation_unit", "unit_id", "target_id", postgresql_where=text("ended_at IS NULL")),
        Index("ix_allocation_area", "area", "target_id", postgresql_where=text("ended_at IS NULL")),
    )
