"""Shapes of allocations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Read, Write
from services.targets.allocations.domain import Balance, Share
from services.targets.fields import AreaCode, Figure, Told, UnitOfMeasure


class AllocationRead(Read):
    """A unit's share of a target in an area. 分解项"""

    id: UUID
    version: int
    target_id: UUID
    unit_id: UUID
    unit_name: str | None = Field(default=None, description="Name of the unit, where known (单位名称)")
    area: str
    share: Told | None = Field(description="In `unit`; of a rate, the rate to reach (分解数)")
    unit: str | None
    base_share: Told | None = Field(description="In the target's base unit (基本单位)")
    updated_at: datetime


class SheetRead(Read):
    """How a target is shared out. 分解表"""

    target_id: UUID
    version: int = Field(description="Version of the target (目标版本)")
    items: list[AllocationRead]
    reserve: Told | None = Field(description="Held back, in the target's unit (预留)")
    total: Told | None = Field(description="All shares and the reserve, in the target's unit (合计)")
    balance: Balance = Field(description="Whether that is the target's figure (平衡情况)")


class ShareWrite(Write):
    """A unit's share in an area; ㎡ and 万㎡ are both taken. 分解项"""

    unit_id: UUID = Field(examples=["0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"], description="责任单位")
    area: AreaCode
    share: Figure | None = Field(default=None, examples=["43.5"])
    unit: UnitOfMeasure | None = None

    def plain(self) -> Share:
        """As a plain value."""
        return Share(**vars(self))


class AllocateWrite(Write):
    """All shares of the target, in the place of the former ones. 分解目标"""

    items: Annotated[tuple[ShareWrite, ...], Field(max_length=500)]
    reserve: Figure | None = Field(default=None, examples=["4"])
