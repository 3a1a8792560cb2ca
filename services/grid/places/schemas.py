"""Shapes of the geography. What is made up says so: `demonstration` and the label 演示."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from libs.common.areas import AreaLevel
from libs.common.http.schemas import Read
from services.grid.places.domain import DEMONSTRATION, MICRO, bounds_of, geojson_ring
from services.grid.places.models import UnitGrid
from services.grid.places.service import FoundPlace, Outline

LABEL = Field(default=None, description="“演示”: made up, no official data", examples=[DEMONSTRATION])


class AreaRead(Read):
    """An administrative area. 行政区划"""

    version: int
    code: str = Field(examples=["310101002"])
    name: str = Field(examples=["南京东路街道"])
    level: AreaLevel
    parent_code: str | None = Field(examples=["310101"])
    valid_from: date | None = Field(description="First day; null = not known (启用日期)")
    valid_to: date | None = Field(description="Last day; null = in force (停用日期)")
    successor: str | None = Field(description="Code that took over (承接区划)")
    source: str
    demonstration: bool = Field(description="Made for demonstration (演示)")


class Geometry(Read):
    """A GeoJSON geometry: longitude and latitude in degrees, CGCS2000. 几何"""

    type: str = Field(examples=["Polygon"])
    coordinates: list[Any]


class PlaceProperties(Read):
    """What a shape on the map is. 要素属性"""

    code: str = Field(examples=["310101002001001"])
    level: AreaLevel
    name: str | None = None
    area_m2: int | None = None
    centre: list[float] | None = Field(default=None, description="Longitude, latitude of an inner point")
    valid_from: date | None = None
    valid_to: date | None = None
    crs: Literal["CGCS2000"] = "CGCS2000"
    demonstration: bool
    label: str | None = LABEL


class Feature(Read):
    """A GeoJSON feature. 地理要素"""

    type: Literal["Feature"] = "Feature"
    id: str
    bbox: list[float] | None = None
    geometry: Geometry
    properties: PlaceProperties


class FeatureCollection(Read):
    """GeoJSON features. 地理要素集"""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Feature]


class AreaName(Read):
    """An area by code and name. 区划名称"""

    code: str
    name: str
    level: AreaLevel


class PlaceRead(Read):
    """Where a point lies. 所在位置"""

    lon: float = Field(description="Degrees, CGCS2000", examples=[121.4737])
    lat: float = Field(description="Degrees, CGCS2000", examples=[31.2304])
    crs: Literal["CGCS2000"] = "CGCS2000"
    unit_grid: str = Field(examples=["310101002001001"])
    nearest: bool = Field(description="In no unit grid: this is the nearest one (就近归入)")
    distance_m: float = Field(description="Distance to it in metres, 0 if inside")
    areas: list[AreaName] = Field(description="Areas around it, widest first")
    estate_id: UUID | None = Field(description="Estate whose wall is around it, or that covers it (小区)")
    inside_wall: bool | None = Field(description="围墙内外；null = its boundary is not known")
    demonstration: bool
    label: str | None = LABEL


def unit_grid_feature(cell: UnitGrid) -> Feature:
    """The unit grid as GeoJSON."""
    west, south, east, north = bounds_of(cell.ring)
    return Feature(
        id=cell.code,
        bbox=[west / MICRO, south / MICRO, east / MICRO, north / MICRO],
        geometry=Geometry(type="Polygon", coordinates=[geojson_ring(cell.ring)]),
        properties=PlaceProperties(
            code=cell.code,
            level=AreaLevel.UNIT_GRID,
            area_m2=cell.area_m2,
            centre=[cell.centre_lon / MICRO, cell.centre_lat / MICRO],
            valid_from=cell.valid_from,
            valid_to=cell.valid_to,
            demonstration=cell.demonstration,
            label=label_of(cell.demonstration),
        ),
    )


def outline_feature(outline: Outline) -> Feature:
    """An area's outline as GeoJSON."""
    area = outline.area
    return Feature(
        id=area.code,
        geometry=Geometry(type=outline.geometry["type"], coordinates=list(outline.geometry["coordinates"])),
        properties=PlaceProperties(
            code=area.code,
            level=AreaLevel(area.level),
            name=area.name,
            valid_from=area.valid_from,
            valid_to=area.valid_to,
            demonstration=outline.demonstration,
            label=label_of(outline.demonstration),
        ),
    )


def place_read(found: FoundPlace) -> PlaceRead:
    """A place with the names of the areas around it."""
    place = found.place
    return PlaceRead(
        lon=place.lon,
        lat=place.lat,
        unit_grid=place.unit_grid,
        nearest=place.nearest,
        distance_m=place.distance_m,
        areas=[AreaName.model_validate(area) for area in found.areas],
        estate_id=found.estate_id,
        inside_wall=found.inside_wall,
        demonstration=found.demonstration,
        label=label_of(found.demonstration),
    )


def label_of(demonstration: bool) -> str | None:
    """The label that made-up data carry."""
    return DEMONSTRATION if demonstration else None
