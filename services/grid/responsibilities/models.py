"""Tables of the responsibility grids: what they are, and which unit grids they cover when."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base


class ResponsibilityGrid(Base):
    """A responsibility grid (责任网格). It stays after its last day: turns on the rota name it."""

    __tablename__ = "responsibility_grid"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    area: Mapped[str]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    source: Mapped[str]
    demonstration: Mapped[bool]

    __table_args__ = (Index("ix_responsibility_grid_area", "area", "id"),)


class ResponsibilityCover(Base):
    """A unit grid that a responsibility grid covers, from the first to the last day (覆盖的单元网格)."""

    __tablename__ = "responsibility_cover"

    grid_id: Mapped[UUID] = mapped_column(ForeignKey("responsibility_grid.id"), primary_key=True)
    unit_grid: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]

    __table_args__ = (Index("ix_responsibility_cover_unit_grid", "unit_grid"),)
