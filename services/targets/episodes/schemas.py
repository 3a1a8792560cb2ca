"""Shapes of lights and episodes."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read
from libs.common.text import Masked
from services.targets.episodes.domain import State
from services.targets.fields import Told
from services.targets.lights.domain import Light, Reason


class LightRead(Read):
    """The present light of a target. 现灯"""

    target_id: UUID
    plan_id: UUID
    code: str
    area: str
    light: Light
    reason: Reason
    judged_on: date | None = Field(description="评判日：最近一个填报已到期的期末")
    value: Told | None = Field(description="完成值，按目标计量单位；比率为百分数")
    scheduled: Told | None = Field(description="序时进度")
    since: datetime = Field(description="亮灯起始")


class EpisodeRead(Read):
    """A red light and the supervision that it proposed. 红灯督办"""

    id: UUID
    target_id: UUID
    unit_id: UUID = Field(description="责任单位")
    area: str
    state: State
    judged_on: date | None
    opened_at: datetime
    closed_at: datetime | None = Field(description="红灯解除或转入下一填报期")
    handover_id: UUID
    answered_at: datetime | None
    answer_note: Masked | None = Field(description="督查室答复说明")
    task_id: UUID | None
    due_at: datetime | None
    verified_at: datetime | None = Field(description="督办办结")
    on_time: bool | None


class EpisodeList(Read):
    """The red episodes of a target, the first one first. 红灯督办记录"""

    items: list[EpisodeRead]
