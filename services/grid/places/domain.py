"""Unit grids and estates as values: who manages, identities, what a place means. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from libs.common.errors import Invalid, NotFound, Unavailable

DEMONSTRATION = "演示"
"""The label of everything that is made up, in data and in every answer that shows it."""

MICRO = 1_000_000
"""Coordinates are kept as whole millionths of a degree, CGCS2000: shared corners are equal to the digit."""

# 2018-01-01T00:00:00Z in milliseconds: the time part of identities that follow from a code.
_CODE_EPOCH = 1_514_764_800_000


class ManagementMode(StrEnum):
    """Who manages an estate (小区管理方式): words of the plans of city and districts; no law lists them."""

    FIRM = "firm"  # 物业服务企业管理
    HOUSING_GROUP = "housing_group"  # 区属房管集团托底
    DIRECT_COMMISSION = "direct_commission"  # 业主直接委托
    SELF_SERVICE = "self_service"  # 业主自我服务
    UNMANAGED = "unmanaged"  # 无人管理
    ABANDONED = "abandoned"  # 抛盘: its firm has left


class Management(StrEnum):
    """Whether anybody manages an estate (小区管理状态)."""

    MANAGED = "managed"  # 有人管理
    UNMANAGED = "unmanaged"  # 无人管理
    ABANDONED = "abandoned"  # 物业撤离（抛盘）


def management_of(mode: str) -> Management:
    """The state that a mode stands for.

    >>> management_of(ManagementMode.SELF_SERVICE), management_of("abandoned")
    (<Management.MANAGED: 'managed'>, <Management.ABANDONED: 'abandoned'>)
    """
    return Management(mode) if mode in set(Management) else Management.MANAGED


@dataclass(frozen=True)
class Period:
    """Who manages an estate from the first to the last day (管理时段); no last day: still.

    `firm_id`: the firm's id in the register of firms, where it has one. `fallback_unit_id`: who answers for
    an estate that nobody manages (托底单位). `reason`: why it is so, no part of what is published.
    """

    since: date | None
    until: date | None
    mode: ManagementMode
    firm_id: UUID | None = None
    firm_name: str | None = None
    fallback_unit_id: UUID | None = None
    reason: str | None = None
    source: str = ""

    @property
    def state(self) -> Management:
        """Managed, unmanaged or abandoned."""
        return management_of(self.mode)

    def holds(self, on: date) -> bool:
        """Whether it holds on the day (Shanghai)."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


class AreaUnknown(NotFound):
    """No area has this code (区划代码不存在)."""

    code = "area-unknown"
    zh = "没有代码为 {area} 的区划"
    en = "There is no area with code {area}"


class UnitGridUnknown(NotFound):
    """No unit grid has this code (单元网格不存在)."""

    code = "unit-grid-unknown"
    zh = "没有代码为 {unit_grid} 的单元网格"
    en = "There is no unit grid with code {unit_grid}"


class EstateUnknown(NotFound):
    """No estate has this id (小区不存在)."""

    code = "estate-unknown"
    zh = "没有标识为 {estate} 的小区"
    en = "There is no estate with id {estate}"


class OutlineUnknown(NotFound):
    """The area is known, its outline is not (无边界数据)."""

    code = "outline-unknown"
    zh = "没有区划 {area} 的边界数据"
    en = "There is no outline of area {area}"


class OutsideArea(Invalid):
    """The point lies in no unit grid, and none is near enough (位置不在管辖范围)."""

    code = "outside-area"
    zh = "位置不在本市管辖范围内"
    en = "The place lies outside the area that this city serves"


class GeographyMissing(Unavailable):
    """No geography has been loaded yet (地理数据尚未装载)."""

    code = "geography-missing"
    zh = "地理数据尚未装载"
    en = "The geography has not been loaded yet"


class Edition(NamedTuple):
    """Which geography is in force: what the indexes in memory follow from, and so their key.

    `cells` changes with the unit grids in force, `walls` with any estate's boundary.
    """

    cells: str
    tolerance_m: int
    walls: UUID | None = None


COORDINATE_DIGITS = 7
"""Decimals of a stored coordinate in degrees: about a centimetre, finer than any receiver."""


@dataclass(frozen=True)
class Place:
    """Where something is (位置): coordinates in CGCS2000 and the unit grid that holds them.

    `nearest`: the point lies in no unit grid; the code is that of the nearest one, `distance_m` away.
    """

    lon: float
    lat: float
    unit_grid: str
    nearest: bool = False
    distance_m: float = 0.0

    @property
    def neighbourhood(self) -> str:
        """The neighbourhood's 12 digits."""
        return self.unit_grid[:12]


def identity(noun: str, code: str) -> UUID:
    """The key of a record whose code is its name for ever: a UUIDv7 that anyone can compute from the code.

    >>> identity("area", "310101").version, identity("area", "310101") == identity("area", "310101")
    (7, True)
    """
    digest = int.from_bytes(hashlib.sha256(f"{noun}:{code}".encode()).digest()[:10])
    random_a, random_b = digest >> 68, digest & ((1 << 62) - 1)
    return UUID(int=_CODE_EPOCH << 80 | 7 << 76 | random_a << 64 | 2 << 62 | random_b)


def estate_key(neighbourhood: str, number: int) -> str:
    """What names a generated estate for ever (演示小区): the neighbourhood and its number there, from 0."""
    return f"{neighbourhood}/{number}"


def geojson_ring(ring: Sequence[int]) -> list[list[float]]:
    """A closed GeoJSON ring (degrees, counter-clockwise) of a ring of millionths.

    >>> geojson_ring([121000000, 31000000, 121100000, 31000000, 121000000, 31200000])[0]
    [121.0, 31.0]
    """
    points = [[ring[i] / MICRO, ring[i + 1] / MICRO] for i in range(0, len(ring), 2)]
    return [*points, points[0]]


def bounds_of(ring: Sequence[int]) -> tuple[int, int, int, int]:
    """West, south, east, north of a ring, in millionths of a degree.

    >>> bounds_of([5, 1, 9, 2, 7, 8])
    (5, 1, 9, 8)
    """
    lons, lats = ring[::2], ring[1::2]
    return min(lons), min(lats), max(lons), max(lats)
