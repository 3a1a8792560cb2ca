"""Shapes of shifts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read, Write
from libs.common.text import Line, Masked, Text
from services.grid.fields import AREA, PointGiven
from services.grid.shifts.domain import How, Part
from services.grid.shifts.service import Arrival, Departure


class SignIn(Write):
    """Where and as what one is there. 到岗签到"""

    role: str = Field(pattern=r"^[a-z_]{1,30}$", examples=["inspector"])
    area: str = Field(pattern=AREA, examples=["310101002001"])
    point: PointGiven | None = Field(default=None, description="Kept to some hundred metres (概略位置)")

    def arrival(self) -> Arrival:
        """As plain values."""
        place = (self.point.lon, self.point.lat, self.point.crs) if self.point else None
        return Arrival(self.role, self.area, place)


class SignOut(Write):
    """Who takes over, and what they must know. 交接班"""

    next: Line | None = Field(
        default=None, description="Who takes over; else the substitute, else who is on duty (接班人)"
    )
    note: Text = Field(examples=["3号楼堆物已约定今晚清理，请复看"])

    def departure(self) -> Departure:
        """As plain values."""
        return Departure(self.next, self.note)


class ShiftRead(Read):
    """A shift. 班次"""

    id: UUID
    version: int
    person: str
    role: str
    area: str
    signed_in_at: datetime
    lon: float | None = Field(description="Degrees, CGCS2000, to some hundred metres (概略位置)")
    lat: float | None
    crs: str | None = Field(description="System that the place was given in")
    signed_out_at: datetime | None
    signed_out_by: str | None
    next_person: str | None
    note: Masked | None
    handed: int = Field(description="Cases that a colleague took over (交接件数)")
    unattended: int = Field(description="Cases that nobody on duty took over (无人接手件数)")


class CoverRead(Read):
    """A case of mine, and who has it when I am off. 在手案件及接手人"""

    case_id: UUID
    receipt_number: str
    part: Part
    to_person: str | None = Field(description="null = nobody on duty: it is on the dispatcher's queue")
    how: How
