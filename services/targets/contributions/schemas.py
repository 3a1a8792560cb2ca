"""Shapes of contributions."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read
from services.targets.contributions.domain import Reason
from services.targets.fields import Told


class ContributionRead(Read):
    """What a verified task brought. 任务计入"""

    id: UUID
    task_id: UUID
    task_number: str
    measure_id: UUID | None
    unit_id: UUID | None
    area: str
    verified_on: date = Field(description="核验日期")
    quantity: Told | None
    unit: str | None
    lot: str | None = Field(description="批次；同一批次只计一次")
    counts: bool = Field(description="是否计入")
    reason: Reason
    evidence_count: int = Field(description="佐证件数")


class LinkRead(Read):
    """How a measure serves the target. 关联"""

    kind: str = Field(description="supports 支撑 | counts 计入")
    quantity: Told | None
    unit: str | None
    lot: str | None


class MeasureRead(Read):
    """A measure that serves the target. 举措"""

    id: UUID
    code: str
    plan: str
    title_zh: str
    title_en: str
    area: str
    lead_unit_ids: list[UUID]
    due_on: date | None
    link: LinkRead


class MeasureList(Read):
    """The measures that serve a target. 关联举措"""

    items: list[MeasureRead]
