"""Coordinate systems 坐标系: everything is stored as CGCS2000 (EPSG:4490), longitude and latitude in degrees.

WGS-84 equals it here within decimetres. Chinese map services and telephones give GCJ-02 or BD-09, which are
shifted by hundreds of metres, more than a unit grid is wide: a place without a named system is refused.

>>> lon, lat = to_cgcs2000(121.4782, 31.2285, Crs.GCJ02)
>>> round(lon, 4), round(lat, 4)
(121.4737, 31.2304)
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from math import atan2, cos, hypot, isfinite, pi, radians, sin, sqrt

from libs.common.errors import Invalid


class Crs(StrEnum):
    """The system that a place is given in."""

    CGCS2000 = "CGCS2000"  # 2000国家大地坐标系
    WGS84 = "WGS84"  # satellite receivers
    GCJ02 = "GCJ02"  # 国测局坐标: Amap, Tencent, telephones sold in China
    BD09 = "BD09"  # 百度坐标


class CoordinateInvalid(Invalid):
    """Not a place on Earth."""

    code = "coordinate-invalid"
    zh = "坐标无效：经度 {lon}，纬度 {lat}"
    en = "Not a valid coordinate: longitude {lon}, latitude {lat}"


class CoordinateSwapped(CoordinateInvalid):
    """Latitude given as longitude: the two would be a place if exchanged."""

    code = "coordinate-swapped"
    zh = "坐标无效：经纬度顺序颠倒（经度 {lon}，纬度 {lat}）"
    en = "Longitude and latitude are exchanged: longitude {lon}, latitude {lat}"


Place = tuple[float, float]
"""Longitude and latitude in degrees, in this order."""

EARTH_RADIUS_M = 6_371_008.8
_A, _EE = 6_378_245.0, 0.006693421622965943  # Krasovsky 1940, on which GCJ-02 is reckoned
_BD = pi * 3000 / 180


def check_place(lon: float, lat: float) -> Place:
    """The place itself. Raises `CoordinateInvalid` (NaN and infinity too) or `CoordinateSwapped`."""
    if isfinite(lon) and isfinite(lat):
        if abs(lon) <= 180 and abs(lat) <= 90:
            return lon, lat
        if abs(lat) <= 180 and abs(lon) <= 90:
            raise CoordinateSwapped(lon=lon, lat=lat)
    raise CoordinateInvalid(lon=lon, lat=lat)


def to_cgcs2000(lon: float, lat: float, crs: Crs) -> Place:
    """The place in CGCS2000. Raises `CoordinateInvalid` or `CoordinateSwapped`."""
    lon, lat = check_place(lon, lat)
    if crs is Crs.BD09:
        lon, lat = _inverse(gcj02_to_bd09, (lon, lat))
    if crs in (Crs.BD09, Crs.GCJ02):
        lon, lat = _inverse(wgs84_to_gcj02, (lon, lat))
    return lon, lat


def from_cgcs2000(lon: float, lat: float, crs: Crs) -> Place:
    """The place in another system, such as a map service's. Raises as `to_cgcs2000` does."""
    lon, lat = check_place(lon, lat)
    if crs in (Crs.BD09, Crs.GCJ02):
        lon, lat = wgs84_to_gcj02(lon, lat)
    return gcj02_to_bd09(lon, lat) if crs is Crs.BD09 else (lon, lat)


def wgs84_to_gcj02(lon: float, lat: float) -> Place:
    """The public approximation of the shift, as every map library has it; none outside China."""
    if not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271):
        return lon, lat
    x, y = lon - 105, lat - 35
    wave = 20 * (sin(6 * x * pi) + sin(2 * x * pi))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += (wave + 20 * sin(x * pi) + 40 * sin(x / 3 * pi) + 150 * sin(x / 12 * pi)) * 2 / 3
    east += 300 * sin(x / 30 * pi) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += (wave + 20 * sin(y * pi) + 40 * sin(y / 3 * pi) + 160 * sin(y / 12 * pi)) * 2 / 3
    north += 320 * sin(y / 30 * pi) * 2 / 3
    magic = 1 - _EE * sin(radians(lat)) ** 2
    shift_east = east * 180 / (_A / sqrt(magic) * cos(radians(lat)) * pi)
    return lon + shift_east, lat + north * 180 / (_A * (1 - _EE) / (magic * sqrt(magic)) * pi)


def gcj02_to_bd09(lon: float, lat: float) -> Place:
    """Baidu's further shift."""
    far = hypot(lon, lat) + 0.00002 * sin(lat * _BD)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * _BD)
    return far * cos(angle) + 0.0065, far * sin(angle) + 0.006


def distance_m(one: Place, other: Place) -> float:
    """The distance in metres, exact enough within a city."""
    east = radians(other[0] - one[0]) * cos(radians((one[1] + other[1]) / 2))
    return EARTH_RADIUS_M * hypot(east, radians(other[1] - one[1]))


def _inverse(shift: Callable[[float, float], Place], target: Place) -> Place:
    """Where the shift leads to the target. It hardly varies, so that a few steps come to well under 1 mm."""
    lon, lat = target
    for _ in range(6):
        reached = shift(lon, lat)
        lon, lat = lon + target[0] - reached[0], lat + target[1] - reached[1]
    return lon, lat
