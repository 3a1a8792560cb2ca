"""Shape of a pack. What is made up says so: the label 演示."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from libs.common.areas import AreaLevel
from libs.common.http.schemas import Read
from services.grid.places.domain import DEMONSTRATION, ManagementMode


class PackArea(Read):
    """An area in a pack. 区划"""

    code: str
    name: str
    level: AreaLevel
    parent_code: str | None
    demonstration: bool


class PackEstate(Read):
    """An estate in a pack. 小区"""

    id: UUID
    name: str
    mode: ManagementMode
    covers: list[str] = Field(description="Codes inside the area that it covers (覆盖的区划)")
    demonstration: bool


class PackUnitGrid(Read):
    """A unit grid in a pack. 单元网格"""

    code: str
    ring: list[int] = Field(description="lon, lat, lon, lat … in millionths of a degree, not closed")


class AreaPack(Read):
    """What a device holds of an area: its tree, estates and unit grids in force. 区域离线包"""

    code: str = Field(examples=["310101002"])
    crs: Literal["CGCS2000"]
    label: str | None = Field(default=None, description="“演示”: made up", examples=[DEMONSTRATION])
    areas: list[PackArea]
    estates: list[PackEstate]
    unit_grids: list[PackUnitGrid]
