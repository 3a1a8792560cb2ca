"""Read models of what `tasks` and `grid` own. Never written but by the consumers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.targets.base import Base


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
    successor_id: Mapped[UUID | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    demonstration: Mapped[bool]

    __table_args__ = (Index("ix_known_unit_area", "area", "kind"),)


class KnownArea(Base):
    """An administrative area as `grid` published it (区划投影)."""

    __tablename__ = "known_area"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[str]
    parent_code: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor: Mapped[str | None]

    __table_args__ = (Index("ix_known_area_parent", "parent_code", "code"),)
