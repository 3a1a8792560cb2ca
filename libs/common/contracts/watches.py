"""What `grid` publishes of rota, shifts and patrols 值班、到岗、巡查; part of `libs.common.contracts.grid`.

No event names a person: who is on duty is asked of the rota.

>>> PatrolDone.type, PATROLS.name
('cn.jiayuan.grid.patrol.done.v1', 'jiayuan.grid.patrol.v1')
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.events.contract import DataClass, Event, Topic

ROSTERS = Topic(owner="grid", noun="roster", data_class=DataClass.INTERNAL, full_state=True)
SHIFTS = Topic(owner="grid", noun="shift", data_class=DataClass.INTERNAL, full_state=True)
PATROL_PLANS = Topic(owner="grid", noun="patrol-plan", data_class=DataClass.INTERNAL, full_state=True)
PATROLS = Topic(owner="grid", noun="patrol", data_class=DataClass.INTERNAL, full_state=True)


class RosterChanged(Event, topic=ROSTERS, verb="changed"):
    """The full state of a turn on the rota, without the person (值班安排变更)."""

    role: str
    area: str = Field(description="Area that is watched (区划代码)")
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    cancelled: bool = False


class ShiftChanged(Event, topic=SHIFTS, verb="changed"):
    """The full state of a shift: signed in, or signed out (到岗、交班)."""

    role: str
    area: str
    signed_in_at: AwareDatetime
    signed_out_at: AwareDatetime | None = None
    handed: int = Field(default=0, description="Cases that a colleague took over (交接件数)")
    unattended: int = Field(default=0, description="Cases that nobody on duty took over (无人接手件数)")


class PatrolPlanChanged(Event, topic=PATROL_PLANS, verb="changed"):
    """The full state of a patrol plan (巡查计划变更)."""

    name: str
    kind: str = Field(description="What is patrolled, a rule's name (巡查类别)")
    area: str
    estate_id: UUID | None = None
    every: int
    unit: str = Field(description="days, weeks or months (周期单位)")
    first_day: date
    last_day: date | None = None
    points: int = Field(description="How many points are gone to (点位数)")


class PatrolState(Event):
    """What every event of a patrol carries: its full state (巡查事件共有字段)."""

    plan_id: UUID
    point_id: UUID
    kind: str
    area: str
    period_start: date
    period_end: date
    result: str | None = Field(default=None, description="normal, found; none = not gone to (巡查结果)")
    case_id: UUID | None = Field(default=None, description="Case that was made from it (关联案件)")
    far: bool | None = Field(default=None, description="Farther from the point than allowed; none = unknown")


class PatrolDone(PatrolState, topic=PATROLS, verb="done"):
    """Somebody has been there (已巡查)."""


class PatrolMissed(PatrolState, topic=PATROLS, verb="missed"):
    """Nobody went there in its period (漏巡)."""


EVENTS: tuple[type[Event], ...] = (
    RosterChanged, ShiftChanged, PatrolPlanChanged, PatrolDone, PatrolMissed,
)  # fmt: skip
"""Every event of these topics."""
