"""Read models of what `tasks` owns. Never written but by the consumers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base


class KnownUnit(Base):
    """A unit as `tasks` published it (单位投影)."""

    __tablename__ = "known_unit"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    kind: Mapped[str]
    area: Mapped[str]
    is_group: Mapped[bool]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    demonstration: Mapped[bool]

    __table_args__ = (Index("ix_known_unit_kind", "kind", "area"),)


class KnownDuty(Base):
    """A row of the duty list as `tasks` published it (职责清单投影)."""

    __tablename__ = "known_duty"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    category: Mapped[str]
    area: Mapped[str]
    relation: Mapped[str | None]
    police_support: Mapped[bool] = mapped_column(server_default=text("false"))
    lead_unit_ids: Mapped[list[UUID]]
    cooperating_unit_ids: Mapped[list[UUID]]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    source: Mapped[str]
    demonstration: Mapped[bool]

    __table_args__ = (Index("ix_known_duty_place", "category", "area"),)
