"""Shapes of submissions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Moment, Read, Write
from libs.common.text import Line, Text
from services.grid.fields import CategoryCode, Photos
from services.grid.reports.domain import GivenPlace, Report


class MakeSubmission(Write):
    """What is to be done in the own estate. 小区上报"""

    estate_id: UUID = Field(examples=["0199f0c1-11aa-7c3a-9b1f-2f6f0a9f7e21"], description="小区")
    channel: str = Field(
        min_length=1, max_length=30, examples=["property_repair"],
        description="A channel of the own role (来源渠道): property, property_repair, committee",
    )  # fmt: skip
    category: CategoryCode = Field(examples=["0505"])
    description: Text = Field(examples=["2号楼地下水泵房管道渗漏，申请应急维修"])
    address: Line = Field(examples=["福建中路100弄2号地下水泵房"])
    found_at: Moment = Field(examples=["2026-11-23T09:00:00+08:00"])
    photos: Photos = Field(default_factory=list)

    def report(self) -> Report:
        """The same in plain values."""
        place = GivenPlace(estate_id=self.estate_id, address=self.address, inside_wall=True)
        return Report(self.channel, self.category, self.description, self.found_at, place, tuple(self.photos))


class SubmissionMade(Read):
    """The receipt of a submission. 上报回执"""

    case_id: UUID
    receipt_number: str = Field(description="回执号", examples=["M7Q-4H2K-9TXB-3RW"])
    reported_at: datetime
    state: str
