"""Read surveyed unit grids from GeoJSON, in any system of coordinates that is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from libs.common.coordinates import Crs, check_place, to_cgcs2000
from libs.common.errors import DomainError
from services.grid.places.domain import MICRO
from services.grid.surveys.domain import Finding, Kind, Surveyed


def read(collection: Mapping[str, Any], crs: Crs) -> tuple[list[Surveyed], list[Finding]]:
    """The unit grids of a GeoJSON feature collection, each with its `code` among the properties."""
    features = collection.get("features")
    cells, found, turned = [], [], dict[tuple[float, float], tuple[int, int]]()
    for number, feature in enumerate(features if isinstance(features, list) else (), start=1):
        told = _object(feature)
        geometry = _object(told.get("geometry"))
        code = str(_object(told.get("properties")).get("code") or told.get("id") or "")[:40]
        rings = geometry.get("coordinates")
        if geometry.get("type") != "Polygon" or not isinstance(rings, list) or len(rings) != 1:
            found.append(Finding(Kind.NOT_A_POLYGON, number, code))
            continue
        try:
            ring = _ring(rings[0], crs, turned)
        except (DomainError, TypeError, ValueError, LookupError, ArithmeticError) as error:
            found.append(Finding(Kind.COORDINATE, number, code, detail=str(error)[:200]))
            continue
        cells.append(Surveyed(number, code, ring))
    return cells, found


def _object(told: Any) -> Mapping[str, Any]:
    return told if isinstance(told, dict) else {}


def _ring(points: Any, crs: Crs, turned: dict[tuple[float, float], tuple[int, int]]) -> tuple[int, ...]:
    """In millionths of a degree; corners that are shared are reckoned once. Raises what is wrong with it."""
    made: list[tuple[int, int]] = []
    for point in points:
        key = (point[0], point[1])
        at = turned.get(key)
        if at is None:
            exact = crs in (Crs.CGCS2000, Crs.WGS84)
            lon, lat = check_place(*key) if exact else to_cgcs2000(*key, crs)
            at = turned[key] = (round(lon * MICRO), round(lat * MICRO))
        if not made or made[-1] != at:
            made.append(at)
    if len(made) > 1 and made[0] == made[-1]:
        del made[-1]
    return tuple(number for point in made for number in point)
