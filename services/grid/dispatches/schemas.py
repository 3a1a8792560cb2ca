"""Shapes of dispatch."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read, Write
from libs.common.text import Masked, Text


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
    joint_id: UUID | None = Field(description="The same for all that have it at once (会同处置)")
    lead: bool = Field(description="Whether it leads (牵头)")
    squad: str | None
    level: str | None
    relation: str | None = Field(description="As the dispatcher found it (位置关系)")
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
    returned_at: datetime | None = Field(description="A return beside the lead that waits (待定退单)")
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
    category: str = Field(description="A category or its whole group (类别或大类)")
    area: str
    relation: str | None = Field(description="Only for places in this relation (位置关系)")
    police_support: bool = Field(description="The police support it (公安配合)")
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
    words: str = Field(description="The rule in words (职责依据说明)")
    returned: list[DispatchRead] = Field(description="Its returns of this very case (本案退单)")
    returns_in_a_year: int = Field(description="Its returns of this category in a year (一年内同类退单)")


class ReturnsRead(Read):
    """What a unit returned of this category around here in a year. 同类退单情况"""

    unit_id: UUID
    unit_zh: str
    count: int
    last_at: datetime
    reasons: list[Masked | None] = Field(description="The latest first, three at most (退单理由)")


class ProposedUnitList(Read):
    """Best first; nothing, if no row fits: the case stays on the dispatcher's list. 拟派单位"""

    items: list[ProposedUnit]
    unknown: bool = Field(description="No row of the duty list fits: the dispatcher decides (职责清单无依据)")
    returns: list[ReturnsRead] = Field(description="Who returned such cases here (同类退单)")
