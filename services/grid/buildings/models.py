"""Tables of the estates' buildings."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Float, ForeignKey, Index, Integer, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.ids import new_id
from services.grid.base import Base


class Building(Base):
    """A building of an estate (楼栋). It stays after its last day: old cases name it."""

    __tablename__ = "building"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version: Mapped[int] = mapped_column(Integer(), default=0)
    estate_id: Mapped[UUID] = mapped_column(ForeignKey("estate.id"))
    number: Mapped[str]
    """As people say it, without 号楼 or 幢: 3, 12A."""
    aliases: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Addresses by road, lane and house number (门牌)."""
    floors: Mapped[int | None] = mapped_column(SmallInteger())
    has_lift: Mapped[bool | None]
    lon: Mapped[float | None] = mapped_column(Float(53))
    lat: Mapped[float | None] = mapped_column(Float(53))
    given_point: Mapped[str | None]
    """Coordinates and system as they came."""
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    source: Mapped[str]
    demonstration: Mapped[bool]

    __table_args__ = (
        Index(
            "uq_building_number",
            "estate_id",
            "number",
            unique=True,
            postgresql_where=text("valid_to IS NULL"),
        ),
        Index("ix_building_estate", "estate_id", "id"),
    )
