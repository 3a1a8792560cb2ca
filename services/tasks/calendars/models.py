"""Table of the calendar's years."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from services.tasks.base import Base


class CalendarYear(Base):
    """One year of the working-day calendar (年度工作日历); former values stand in its history."""

    __tablename__ = "calendar_year"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer())
    year: Mapped[int] = mapped_column(Integer(), unique=True)
    confirmed: Mapped[bool]
    overrides: Mapped[dict[str, Any]]
    """By day (ISO 8601): whether it is worked, and why."""
    source: Mapped[str]
    effective_from: Mapped[date]
