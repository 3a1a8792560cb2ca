"""Tables of the hotlines."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base


class HotlineCursor(Base):
    """How far a hotline has acknowledged what it was told of its orders (热线已确认位置)."""

    __tablename__ = "hotline_cursor"

    channel: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer())
    position: Mapped[int]
    acknowledged_at: Mapped[datetime]
    acknowledged_by: Mapped[str]
