"""What demonstration estates are filled with (演示): an address, buildings, a wall, a firm.

Deterministic from a seed. Walls keep a distance to the edges of the estate's first unit grid: a street runs
along there.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from libs.common.rules.domain import Value
from services.grid.places.domain import MICRO, ManagementMode, Period

INSET = 0.8
"""The part of its unit grid's breadth that a wall encloses."""

LIFT_FROM = 7
"""Storeys from which a building of the demonstration has a lift."""

ROADS = ("演示东路", "演示西路", "演示南路", "演示北路")


class Count(Value):
    """How many."""

    least: int
    most: int


class Making(Value):
    """Which estates are filled, and with what (演示)."""

    townships: tuple[str, ...]
    buildings: Count
    firms: tuple[str, ...]
    seed: int
    source: str


@dataclass(frozen=True)
class MadeBuilding:
    """A building (演示). Its number, door numbers, storeys, and where it stands: lon, lat, CGCS2000."""

    number: str
    aliases: tuple[str, ...]
    floors: int
    point: tuple[float, float]


@dataclass(frozen=True)
class Made:
    """What an estate is filled with (演示)."""

    alias: str
    wall: tuple[int, ...]
    buildings: tuple[MadeBuilding, ...]
    firm: str | None


def fill(key: str, mode: str, ring: Sequence[int], number: int, making: Making) -> Made:
    """What the estate gets. `ring`: of the unit grid in which it lies; `number`: of its lane."""
    chance = random.Random(f"{making.seed}:{key}")
    alias = f"{ROADS[number % len(ROADS)]}{100 + number}弄"
    wall = _inset(ring)
    inside = shapely.Polygon(wall.reshape(-1, 2))
    count = chance.randint(making.buildings.least, making.buildings.most)
    centre = shapely.get_coordinates(shapely.point_on_surface(inside))[0]
    corners = wall.reshape(-1, 2)
    buildings = []
    for place in range(count):
        at = centre + (corners[place % len(corners)] - centre) * 0.5
        lon, lat = (float(number) / MICRO for number in np.rint(at))
        aliases = (f"{alias}{place + 1}号",)
        buildings.append(MadeBuilding(str(place + 1), aliases, chance.choice((6, 6, 11, 18)), (lon, lat)))
    firm = chance.choice(making.firms) if mode == ManagementMode.FIRM else None
    return Made(alias, tuple(wall.tolist()), tuple(buildings), firm)


def _inset(ring: Sequence[int]) -> NDArray[np.int64]:
    """The ring drawn in towards its middle, in millionths of a degree."""
    points = np.asarray(ring, dtype=np.int64).reshape(-1, 2)
    middle = shapely.get_coordinates(shapely.Polygon(points).centroid)[0]
    drawn: NDArray[np.int64] = np.rint(middle + (points - middle) * INSET).astype(np.int64)
    return drawn.ravel()


def managed_by(firm: str, since: Period, source: str) -> Period:
    """The firm as who manages the estate from its first day."""
    return Period(since.since, None, ManagementMode.FIRM, firm_name=firm, source=source)
