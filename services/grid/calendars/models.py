"""Read model of the calendar's years. Never written but by the consumers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base


class KnownCalendarYear(Base):
    """A year of the calendar as `tasks` published it (年度工作日历投影)."""

    __tablename__ = "known_calendar_year"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(Integer(), unique=True)
    confirmed: Mapped[bool]
    overrides: Mapped[dict[str, Any]]
    """By day (ISO 8601): whether it is worked."""
