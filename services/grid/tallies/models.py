"""Tables of the tallies: all of them follow from the log, and can be made anew from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.grid.base import Base

PREFIXES = (6, 9, 12)
AREA, WHEN = -2, -1
"""Where in the key area and time stand: before all else."""


class Counted:
    """So many, under what (计数): `what` is a measure or a stock."""

    area: Mapped[str] = mapped_column(primary_key=True, sort_order=AREA)
    what: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(Integer())


class Tally(Counted, Base):
    """How often something happened in a half day, under what (半日计数); `what` is a measure or a stock."""

    __tablename__ = "tally"

    half: Mapped[datetime] = mapped_column(primary_key=True, sort_order=WHEN)

    __table_args__ = tuple(
        Index(f"ix_tally_area{digits}", func.left(text("area"), text(str(digits))), "half")
        for digits in PREFIXES
    )


class TallyStock(Counted, Base):
    """What stands now, under what (时点余额): the sum of a stock over all half days."""

    __tablename__ = "tally_stock"

    __table_args__ = tuple(
        Index(f"ix_tally_stock_area{digits}", func.left(text("area"), text(str(digits))))
        for digits in PREFIXES
    )


class TallyMonth(Counted, Base):
    """How much a stock grew in a month in China (月增减): what stood long ago is then told in few rows."""

    __tablename__ = "tally_month"

    month: Mapped[datetime] = mapped_column(primary_key=True, sort_order=WHEN)

    __table_args__ = tuple(
        Index(f"ix_tally_month_area{digits}", func.left(text("area"), text(str(digits))), "month")
        for digits in PREFIXES
    )


class TallyStanding(Base):
    """What has been counted of a case or an order (已计状态).

    `stands`: under what it counts as open and overdue, and under what its rounds fell due and closed.
    """

    __tablename__ = "tally_standing"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(Integer())
    seen: Mapped[list[str]]
    stands: Mapped[dict[str, Any]]


class TallyCursor(Base):
    """How far the log is counted, in one row (计数进度): the last event, and when it was logged, UTC."""

    __tablename__ = "tally_cursor"

    id: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    position: Mapped[int]
    counted_to: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("id = 1", name="one"),)
