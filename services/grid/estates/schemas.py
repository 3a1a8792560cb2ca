"""Shapes of the estates. What is made up says so: `demonstration` and the label 演示."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from libs.common.coordinates import Crs
from libs.common.http.schemas import Day, HistoryStep, Number, Read, Write
from libs.common.text import Line, Text
from services.grid.estates.domain import EstateFields
from services.grid.places.domain import DEMONSTRATION, Management, ManagementMode, Period, geojson_ring
from services.grid.places.service import EstateState

Covered = Annotated[
    list[Annotated[str, Field(pattern=r"^[0-9]{12}([0-9]{3})?$")]],
    Field(min_length=1, max_length=200, description="居(村)委或单元网格代码", examples=[["310101002001001"]]),
]
Aliases = Annotated[
    list[Line], Field(max_length=20, description="别名、弄号门牌", examples=[["福建中路100弄"]])
]
Position = Annotated[list[Number], Field(min_length=2, max_length=2)]
MOST_CORNERS = 500
CLEARS = frozenset({"valid_from", "valid_to"})
"""Fields that a null empties."""


class CoverageRead(Read):
    """An area code that an estate covers, and when. 覆盖范围"""

    area_code: str
    valid_from: date
    valid_to: date | None


class PeriodRead(Read):
    """Who manages an estate from the first to the last day. 管理时段"""

    since: date | None
    until: date | None = Field(description="Last day; null = still")
    state: Management = Field(description="有人管理、无人管理、抛盘")
    mode: ManagementMode
    firm_id: UUID | None = Field(description="In the register of firms (物业服务企业)")
    firm_name: str | None
    fallback_unit_id: UUID | None = Field(description="Who answers while nobody manages it (托底单位)")
    reason: str | None
    source: str


class EstateRead(Read):
    """A residential estate. 住宅小区"""

    id: UUID
    version: int
    name: str = Field(examples=["小花园二村(演示)"])
    aliases: list[str] = Field(description="别名、弄号", examples=[["福建中路100弄"]])
    mode: ManagementMode = Field(description="Who manages it (管理方式)")
    management: Management | None = Field(description="On the day asked for; null = before its first day")
    periods: list[PeriodRead] = Field(description="Who manages and managed it, the earliest first (管理状态)")
    wall: list[list[float]] | None = Field(description="Its boundary, a closed GeoJSON ring (围墙边界)")
    covers: list[CoverageRead]
    valid_from: date | None
    valid_to: date | None
    source: str
    demonstration: bool
    label: str | None = Field(default=None, description="“演示”: made up", examples=[DEMONSTRATION])


class EstateCreate(Write):
    """A new estate. 登记小区"""

    name: Line = Field(examples=["福建中路小区"])
    aliases: Aliases = Field(default_factory=list)
    mode: ManagementMode = Field(description="管理方式", examples=["self_service"])
    covers: Covered
    valid_from: Day | None = None
    valid_to: Day | None = None
    source: Line = Field(examples=["房管局 2026 年小区名录"])

    def fields(self) -> EstateFields:
        """As plain values."""
        told = {name: value for name, value in vars(self).items() if name != "mode"}
        return EstateFields(**told | {"aliases": tuple(self.aliases), "covers": tuple(self.covers)})


class EstateChange(Write):
    """What changes; fields that are left out stay. 变更小区"""

    name: Line | None = None
    aliases: Aliases | None = None
    covers: Covered | None = Field(default=None, description="From today on (自今日起覆盖范围)")
    valid_from: Day | None = None
    valid_to: Day | None = None
    source: Line | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent; a null clears what may be empty and says nothing of the others."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        kept = {name: value for name, value in sent.items() if value is not None or name in CLEARS}
        return {name: tuple(v) if isinstance(v, list) else v for name, v in kept.items()}


class ManagementWrite(Write):
    """Who manages it from a day on. 变更管理状态"""

    since: Day = Field(description="第一日", examples=["2026-11-01"])
    mode: ManagementMode = Field(examples=["firm"])
    firm_id: UUID | None = Field(default=None, description="In the register of firms (物业服务企业)")
    firm_name: Line | None = Field(default=None, examples=["福安物业服务有限公司"])
    fallback_unit_id: UUID | None = Field(default=None, description="无人管理或抛盘时的托底单位")
    reason: Text | None = Field(default=None, examples=["合同到期，业主大会选聘新物业"])
    source: Line = Field(examples=["街道房办 2026 年第 8 号"])

    def period(self) -> Period:
        """As a plain value."""
        return Period(until=None, **vars(self))


class WallWrite(Write):
    """Where the wall is; null: nobody knows. 围墙边界"""

    ring: Annotated[list[Position], Field(min_length=3, max_length=MOST_CORNERS)] | None = Field(
        description="Longitude and latitude of each corner; closed or not",
        examples=[[[121.478, 31.231], [121.479, 31.231], [121.479, 31.232], [121.478, 31.232]]],
    )
    crs: Crs = Field(description="坐标系，必填", examples=["CGCS2000"])

    def given(self) -> tuple[list[tuple[float, float]], Crs] | None:
        """As plain values."""
        return None if self.ring is None else ([(lon, lat) for lon, lat in self.ring], self.crs)


class EstateHistory(Read):
    """Every change of an estate. 变更记录"""

    items: list[HistoryStep]


def estate_read(state: EstateState, on: date) -> EstateRead:
    """An estate with what it covers, and who manages it on the day."""
    estate, managed = state.estate, state.managed(on)
    return EstateRead(
        id=estate.id,
        version=estate.version,
        name=estate.name,
        aliases=list(estate.aliases),
        mode=ManagementMode(estate.mode),
        management=managed.state if managed else None,
        periods=[PeriodRead.model_validate(period) for period in state.periods],
        wall=geojson_ring(estate.wall) if estate.wall else None,
        covers=[CoverageRead.model_validate(row) for row in state.covers],
        valid_from=estate.valid_from,
        valid_to=estate.valid_to,
        source=estate.source,
        demonstration=estate.demonstration,
        label=DEMONSTRATION if estate.demonstration else None,
    )
