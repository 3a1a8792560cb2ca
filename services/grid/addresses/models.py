"""The table of known names and door numbers."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base


class PlaceName(Base):
    """A name or address of an estate or of one of its buildings, in the one spelling (地名地址)."""

    __tablename__ = "place_name"

    key: Mapped[str] = mapped_column(primary_key=True)
    target_id: Mapped[UUID] = mapped_column(primary_key=True)
    """The building, or the estate itself."""
    estate_id: Mapped[UUID]
    number: Mapped[str | None]
    """The building's, in the one spelling; None for the estate."""
    area: Mapped[str | None]
    """The unit grid in which the building stands, if its position is known."""

    __table_args__ = (
        Index("ix_place_name_target", "target_id"),
        Index("ix_place_name_building", "estate_id", "number"),
    )
