"""Read models of what `tasks` and `grid` own. Never written but by the consumers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.disputes.base import Base


class KnownUnit(Base):
    """A unit as `tasks` published it (单位投影): a firm or a committee may be a party."""

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


class KnownArea(Base):
    """An administrative area as `grid` published it (区划投影)."""

    __tablename__ = "known_area"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    level: Mapped[str]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor: Mapped[str | None]
