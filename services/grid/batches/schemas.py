"""Shapes of a batch of dispatches."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import UUID7, Field

from libs.common.http.schemas import Read, Write
from services.grid.requests import DispatchCase, PartnerGiven

BATCH_LIMIT = 100
"""Most cases of one request."""


class DispatchOne(Write):
    """One case of the batch, made from the version that was read. 批量派遣（逐案）"""

    operation_id: UUID7 = Field(
        description="UUIDv7; a repeat finds the first answer (操作标识)",
        examples=["0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"],
    )
    case_id: UUID = Field(examples=["0199f0c1-11aa-7c3a-9b1f-2f6f0a9f7e11"])
    base_version: Annotated[int, Field(strict=True, ge=1, le=999_999_999)] = Field(
        description="The version that the dispatcher had read (读取时的版本)", examples=[3]
    )
    partners: list[PartnerGiven] = Field(
        default_factory=list, max_length=20, description="Beside it, by a handover of their own (会同单位)"
    )
    body: DispatchCase = Field(examples=[{"squad": "网格处置一队", "note": "同一楼组一并清理"}])


class DispatchBatch(Write):
    """Up to a hundred cases. 批量派遣"""

    items: list[DispatchOne] = Field(min_length=1, max_length=BATCH_LIMIT)


class DispatchOutcome(Read):
    """What came of one of them, as if it had come alone. 逐案结果"""

    operation_id: UUID
    case_id: UUID
    status: int = Field(description="200; otherwise refused, without effect", examples=[200])
    version: int | None = Field(description="Of the case after it; of a refused one, now (案件版本)")
    state: str | None = Field(description="The same of the state (案件状态)", examples=["dispatched"])
    problem: dict[str, Any] | None = Field(default=None, description="Why it was refused (RFC 9457)")


class DispatchOutcomes(Read):
    """What came of each, in the order given. 逐案结果"""

    items: list[DispatchOutcome]
