"""Shapes of intake."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from libs.common.http.limits import BATCH_LIMIT
from libs.common.http.schemas import Moment, Read, Write
from libs.common.text import Line, Text
from services.grid.fields import CategoryCode, Photos, PlaceGiven, ReporterGiven


class SelfHandledGiven(Write):
    """Put right on the spot by the inspector. 自行处置"""

    standard: str = Field(min_length=1, max_length=30, examples=["found"])
    photos: Photos = Field(min_length=1)
    note: Text = Field(examples=["已现场清理"])
    outcome: Literal["solved", "explained"] = "solved"


class ReportCase(Write):
    """A report. 上报"""

    channel: str = Field(min_length=1, max_length=30, examples=["inspector"])
    category: CategoryCode = Field(examples=["0202"])
    description: Text = Field(examples=["3 号楼 2 层楼道堆放纸箱，影响通行"])
    found_at: Moment = Field(examples=["2026-11-22T10:00:00+08:00"])
    place: PlaceGiven
    reporter: ReporterGiven | None = None
    photos: Photos = Field(default_factory=list)
    source_number: Line | None = Field(default=None, description="The channel's own number (来源编号)")
    self_handled: SelfHandledGiven | None = None


class Receipt(Read):
    """The receipt: the same for the same body, for ever. 回执"""

    id: UUID
    receipt_number: str = Field(description="回执号", examples=["M7Q-4H2K-9TXB-3RW"])
    reported_at: datetime


class ReportItem(ReportCase):
    """A report among several, with the id that the client has given it. 批量上报中的一条"""

    id: UUID = Field(description="UUIDv7", examples=["0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"])


class ReportBatch(Write):
    """Several reports at once. 批量上报"""

    items: list[ReportItem] = Field(min_length=1, max_length=BATCH_LIMIT)


class ReportOutcome(Read):
    """What came of one of them, as if it had come alone. 逐条结果"""

    id: UUID
    status: int = Field(description="201 new, 200 a repeat, otherwise refused", examples=[201])
    receipt: Receipt | None = Field(default=None, description="回执")
    problem: dict[str, Any] | None = Field(default=None, description="Why it was refused (RFC 9457)")


class ReportOutcomes(Read):
    """What came of each, in the order given. 批量结果"""

    items: list[ReportOutcome]
