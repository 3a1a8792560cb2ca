"""Shapes of dispatch."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Flag, Read, Write
from libs.common.text import Line, Masked, Text


class DispatchCase(Write):
    """To a unit, or to the grid's own squad. 派遣"""

    unit_id: UUID | None = Field(default=None, description="处置单位")
    squad: Line | None = Field(default=None, description="自有队伍", examples=["网格处置一队"])
    handler: Line | None = Field(default=None, description="Who of the squad; else whoever begins (处置人)")
    level: str | None = Field(default=None, max_length=30, description="办理层级", examples=["subdistrict"])
    note: Text | None = None
    withhold_reporter: Flag = Field(default=False, description="The unit is the accused (单位为被投诉方)")


class Reason(Write):
    """Why. 理由"""

    reason: Text = Field(examples=["职责清单明确由该单位负责"])


class Note(Write):
    """What is said. 说明"""

    note: Text = Field(examples=["居民再次来电，请尽快处置"])


class DispatchRead(Read):
    """One dispatch of the case; to neither unit nor squad: into mediation. 派遣记录，含转调解"""

    id: UUID
    round: int
    unit_id: UUID | None
    handover_id: UUID | None
    squad: str | None
    level: str | None
    note: Masked | None
    dispatched_at: datetime
    due_at: datetime | None
    repair: str | None = Field(description="Class of the repair order (报修等级)", examples=["urgent"])
    arrive_due_at: datetime | None = Field(description="By when to be on site, UTC (到场时限)")
    arrived_at: datetime | None = Field(description="到场时间")
    arrived_on_time: bool | None = Field(description="null = not there yet (按时到场)")
    arrival_overdue: bool = Field(default=False, description="Nobody came in time (到场超时)")
    finished_at: datetime | None = Field(description="完工时间")
    signed_at: datetime | None
    answered_at: datetime | None
    on_time: bool | None
    designated_at: datetime | None
    ended_at: datetime | None
    end: str | None
    reason_code: str | None
    reason: Masked | None


class DispatchList(Read):
    """Every dispatch of the case. 派遣记录"""

    items: list[DispatchRead]


class DutyRule(Read):
    """The row of the duty list behind a proposal. 职责依据"""

    duty_id: UUID
    area: str
    valid_from: date | None
    source: str
    demonstration: bool


class ProposedUnit(Read):
    """A unit that the duty list names. 拟派单位"""

    unit_id: UUID
    code: str
    name_zh: str
    name_en: str
    role: str = Field(description="lead or cooperating (牵头、配合)")
    rule: DutyRule
    returned: list[DispatchRead] = Field(description="Its returns of this very case (本案退单)")
    returns_in_a_year: int = Field(description="Its returns of this category in a year (一年内同类退单)")


class ProposedUnitList(Read):
    """Best first. 拟派单位"""

    items: list[ProposedUnit]
