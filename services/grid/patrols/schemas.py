"""Shapes of patrols."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from libs.common.coordinates import to_cgcs2000
from libs.common.http.schemas import Day, HistoryStep, Read, Write
from libs.common.text import Line, Masked
from services.grid.fields import AREA, PointGiven
from services.grid.patrols.domain import Every, ItemState, PatrolResult, PlanFields, Point
from services.grid.patrols.service import ItemSeen, PlanState

AreaCode = Annotated[str, Field(pattern=AREA, examples=["310101002001"])]


class PointWrite(Write):
    """Somewhere to go to. 巡查点位"""

    name: Line = Field(examples=["3号楼地下室"])
    area: AreaCode
    building: Line | None = Field(default=None, examples=["3号楼"])
    point: PointGiven | None = None

    def value(self) -> Point:
        """As plain values, CGCS2000. Raises `CoordinateInvalid`."""
        place = to_cgcs2000(self.point.lon, self.point.lat, self.point.crs) if self.point else (None, None)
        return Point(self.name, self.area, self.building, *place)


class PlanCreate(Write):
    """A patrol that comes round. 制定巡查计划"""

    name: Line = Field(examples=["福建中路100弄地下空间月度巡查"])
    kind: str = Field(pattern=r"^[a-z0-9_]{1,30}$", description="巡查类别", examples=["underground"])
    area: AreaCode
    estate_id: UUID | None = None
    every: Annotated[int, Field(strict=True, ge=1, le=366)] = Field(examples=[1])
    unit: Every = Field(description="天、周、月")
    first_day: Day = Field(examples=["2026-12-01"])
    last_day: Day | None = None
    inspector: Line | None = Field(default=None, description="Who goes; else whoever works there (责任人)")
    source: Line = Field(examples=["街道安监所 2026 年巡查方案"])
    points: list[PointWrite] = Field(
        default_factory=list, max_length=500, description="None: the area as a whole (点位)"
    )

    def fields(self) -> PlanFields:
        """As plain values. Raises `CoordinateInvalid`."""
        return PlanFields(**{**vars(self), "points": tuple(point.value() for point in self.points)})


class PlanChange(Write):
    """What changes; what is left out stays. 调整巡查计划"""

    name: Line | None = None
    last_day: Day | None = Field(default=None, examples=["2026-12-31"])
    inspector: Line | None = Field(default=None, examples=["inspector-08"])
    source: Line | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent; a null clears what may be empty."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        clears = ("last_day", "inspector")
        return {name: value for name, value in sent.items() if value is not None or name in clears}


class PointRead(Read):
    """Somewhere to go to; degrees CGCS2000. 巡查点位"""

    id: UUID
    name: str
    area: str
    building: str | None
    lon: float | None
    lat: float | None


class PlanRead(Read):
    """A patrol that comes round. 巡查计划"""

    id: UUID
    version: int
    name: str
    kind: str
    area: str
    estate_id: UUID | None
    every: int
    unit: Every
    first_day: date
    last_day: date | None
    inspector: str | None
    source: str
    points: list[PointRead]


class PlanHistory(Read):
    """Every change of a plan. 变更记录"""

    items: list[HistoryStep]


class ItemRead(Read):
    """A point in a period. 巡查任务"""

    id: UUID
    version: int
    plan_id: UUID
    kind: str
    area: str
    point: PointRead
    inspector: str | None = Field(description="null = whoever works there (责任人)")
    period_start: date
    period_end: date
    state: ItemState
    result: PatrolResult | None
    case_id: UUID | None
    checked_at: datetime | None
    checked_by: str | None
    distance_m: float | None = Field(description="Metres from the point (打卡距离)")
    far: bool | None = Field(description="Farther than the rule allows; null = not known (超距)")
    note: Masked | None
    photos: list[str]


class CoverageRow(Read):
    """How far one kind of patrol is in one area. 巡查覆盖"""

    area: str
    kind: str
    planned: int = Field(description="应巡")
    done: int = Field(description="已巡")
    missed: int = Field(description="漏巡")
    due: int = Field(description="Still to be gone to (待巡)")
    found: int = Field(description="发现问题")
    far: int = Field(description="超距打卡")


class CoverageRead(Read):
    """How far the patrols are whose period ends in the days. 巡查覆盖"""

    since: date
    until: date
    items: list[CoverageRow]


def plan_read(state: PlanState) -> PlanRead:
    """The plan with its points."""
    return PlanRead.model_validate({**vars(state.plan), "points": state.points})


def item_read(seen: ItemSeen) -> ItemRead:
    """The item with its point and photos."""
    return ItemRead.model_validate({**vars(seen.item), "point": seen.point, "photos": seen.photos})
