"""Shapes of the buildings."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from libs.common.http.schemas import Day, Flag, HistoryStep, Read, Write
from libs.common.text import Line
from services.grid.buildings.domain import BuildingFields
from services.grid.buildings.service import Building
from services.grid.fields import PointGiven
from services.grid.places.domain import DEMONSTRATION

Doors = Annotated[
    list[Line], Field(max_length=20, description="门牌 addresses of its own", examples=[["福建中路102号"]])
]
CLEARS = frozenset({"floors", "has_lift", "point", "valid_from", "valid_to"})


class BuildingCreate(Write):
    """A new building. 登记楼栋"""

    number: Line = Field(description="楼号", examples=["3"])
    aliases: Doors = Field(default_factory=list)
    floors: Annotated[int, Field(strict=True, ge=1, le=200)] | None = Field(default=None, examples=[6])
    has_lift: Flag | None = Field(default=None, description="有无电梯", examples=[False])
    point: PointGiven | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    source: Line = Field(examples=["房管局 2026 年楼栋名录"])

    def fields(self) -> BuildingFields:
        """As plain values."""
        point = (self.point.lon, self.point.lat, self.point.crs) if self.point else None
        return BuildingFields(**vars(self) | {"aliases": tuple(self.aliases), "point": point})


class BuildingChange(Write):
    """What changes; fields that are left out stay. 变更楼栋"""

    number: Line | None = None
    aliases: Doors | None = None
    floors: Annotated[int, Field(strict=True, ge=1, le=200)] | None = None
    has_lift: Flag | None = Field(default=None, examples=[True])
    point: PointGiven | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    source: Line | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that were sent; a null clears what may be empty and says nothing of the others."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        sent = {name: value for name, value in sent.items() if value is not None or name in CLEARS}
        if self.point is not None:
            sent["point"] = (self.point.lon, self.point.lat, self.point.crs)
        return {name: tuple(v) if isinstance(v, list) else v for name, v in sent.items()}


class BuildingRead(Read):
    """A building of an estate. 楼栋"""

    id: UUID
    version: int
    estate_id: UUID
    number: str = Field(examples=["3"])
    aliases: list[str]
    floors: int | None
    has_lift: bool | None
    lon: float | None = Field(description="Degrees, CGCS2000")
    lat: float | None = Field(description="Degrees, CGCS2000")
    valid_from: date | None
    valid_to: date | None = Field(description="Last day; null = it stands")
    source: str
    demonstration: bool
    label: str | None = Field(default=None, description="“演示”: made up", examples=[DEMONSTRATION])


class BuildingHistory(Read):
    """Every change of a building. 变更记录"""

    items: list[HistoryStep]


def building_read(building: Building) -> BuildingRead:
    """The building as it is shown."""
    columns = {name: getattr(building, name) for name in BuildingRead.model_fields if name != "label"}
    return BuildingRead(**columns, label=DEMONSTRATION if building.demonstration else None)
