"""Shapes of intake."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from libs.common.coordinates import Crs
from libs.common.http.schemas import Flag, Moment, Number, Read, Write
from libs.common.text import Line, Phone, Text
from services.grid.fields import AreaDigits, CategoryCode, Photos


class PointGiven(Write):
    """Coordinates with their system. 坐标；须注明坐标系"""

    lon: Number = Field(examples=[121.4737])
    lat: Number = Field(examples=[31.2304])
    crs: Crs = Field(examples=["GCJ02"])


class PlaceGiven(Write):
    """Where it is: a point, or the code of a neighbourhood or unit grid, or an estate. 位置"""

    point: PointGiven | None = None
    area: AreaDigits | None = Field(default=None, examples=["310107005001"])
    estate_id: UUID | None = None
    address: Line | None = Field(default=None, examples=["武宁路100弄3号2层楼道"])
    inside_wall: Flag | None = Field(default=None, description="Inside the estate's wall (围墙内)")

    @model_validator(mode="after")
    def _somewhere(self) -> PlaceGiven:
        if self.point is None and self.area is None and self.estate_id is None:
            raise PydanticCustomError(
                "place_missing",
                "Give a point, the code of a neighbourhood or unit grid, or an estate",
                {"zh": "须给出坐标、居(村)委或单元网格代码，或小区"},
            )
        return self


class ReporterGiven(Write):
    """Who told it. 反映人"""

    name: Line | None = Field(default=None, examples=["张三"])
    phone: Phone | None = Field(default=None, examples=["13812341234"])
    secret: Flag = Field(default=False, description="Asked not to be known (要求保密)")
    consent: Flag = Field(default=False, description="Agrees to be named as a party (同意作为当事人)")


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


class CorrectCase(Write):
    """What is put right; what is left out stays. 更正"""

    category: CategoryCode | None = None
    description: Text | None = None
    found_at: Moment | None = None
    place: PlaceGiven | None = None
    photos: Photos = Field(default_factory=list)
    reason: Text = Field(examples=["楼号写错"])


class Reason(Write):
    """Why. 理由"""

    reason: Text = Field(examples=["重复上报"])
