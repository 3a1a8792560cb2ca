"""The index in memory by which points are located: built once per geography, in a thread of its own.

An index follows from nothing but the geography in force, which its key names. So it is never stale: whoever
locates reads the key in the same transaction, and another key begins another index: after a load, from the
day on which an import takes effect, or once a boundary has changed. Until it is built, some seconds for a
whole city, the database is asked for the few unit grids around the point.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from math import ceil, cos, radians
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.locate import Cell, Located, Locator
from services.grid.places import repository
from services.grid.places.domain import MICRO, Edition, GeographyMissing

KEPT = 4
"""Indexes in memory at most: one for each geography and tolerance that was asked for lately."""

DEGREE_M = 110_000
"""A little less than a degree of latitude in metres."""

Rings = Iterable[tuple[str, Sequence[int]]]
Key = tuple[str, int]


@dataclass(frozen=True)
class Walls:
    """The boundaries of the estates that have one (围墙): of which each ends on a day, or does not."""

    rings: Locator
    ends: Mapping[UUID, date | None]

    def stands(self, estate_id: UUID | None, on: date) -> bool:
        """Whether the estate has a boundary on the day."""
        if estate_id is None or estate_id not in self.ends:
            return False
        end = self.ends[estate_id]
        return end is None or on <= end

    def around(
        self, lon: float, lat: float, covering: UUID | None, on: date
    ) -> tuple[UUID | None, bool | None]:
        """The estate of a point (CGCS2000) and whether it lies inside the wall; None: that is not known.

        A point within no wall stays with the estate that covers its unit grid, outside if that has a wall.
        """
        found = self.rings.locate(lon, lat)
        walled = UUID(found.code) if found is not None and found.exact else None
        if walled is not None and self.stands(walled, on):
            return walled, True
        return covering, False if self.stands(covering, on) else None


NO_WALLS = Walls(Locator(()), {})

_builder = ThreadPoolExecutor(max_workers=1, thread_name_prefix="place-index")
_indexes: dict[Key, Future[Locator]] = {}
_walls: dict[UUID, Walls] = {}


async def find_cell(session: AsyncSession, lon: float, lat: float, *, on: date) -> Located | None:
    """The unit grid that holds the point (CGCS2000), the nearest one within the tolerance, or None.

    Raises `GeographyMissing`.
    """
    key = _key(await edition(session, on=on))
    index = await _index(session, key, on=on)
    if index.done():
        return index.result().locate(lon, lat)
    around = await repository.rings_around(session, _box(lon, lat, key[1]), on)
    return _built(around, key[1]).locate(lon, lat)


def built_index(key: Edition) -> Locator | None:
    """The index of that geography, if it is in memory already."""
    index = _indexes.get(_key(key))
    return index.result() if index is not None and index.done() else None


def held_walls(key: Edition) -> Walls | None:
    """The boundaries of that geography, if they are in memory already."""
    return NO_WALLS if key.walls is None else _walls.get(key.walls)


async def walls(session: AsyncSession, *, on: date) -> Walls:
    """The boundaries in force. Raises `GeographyMissing`."""
    key = (await edition(session, on=on)).walls
    if key is None:
        return NO_WALLS
    if key not in _walls:
        rows = await repository.walls(session, on)
        made = await asyncio.to_thread(_built, [(str(row[0]), row[1]) for row in rows], 0)
        while len(_walls) >= KEPT:
            del _walls[next(iter(_walls))]
        _walls[key] = Walls(made, {row[0]: row[2] for row in rows})
    return _walls[key]


async def warm_up(session: AsyncSession, *, on: date) -> None:
    """Wait until the index of the loaded geography is built, if one is loaded."""
    try:
        key = _key(await edition(session, on=on))
    except GeographyMissing:
        return
    await asyncio.wrap_future(await _index(session, key, on=on))
    await walls(session, on=on)


async def edition(session: AsyncSession, *, on: date) -> Edition:
    """Which geography is in force on the day. Raises `GeographyMissing`."""
    found = await repository.edition(session, on)
    if found is None:
        raise GeographyMissing
    return found


def _key(of: Edition) -> Key:
    return of.cells, of.tolerance_m


async def _index(session: AsyncSession, key: Key, *, on: date) -> Future[Locator]:
    if key not in _indexes:
        rings = await repository.rings(session, on)
        if key not in _indexes:
            while len(_indexes) >= KEPT:
                del _indexes[next(iter(_indexes))]
            _indexes[key] = _builder.submit(_kept, rings, key[1])
    return _indexes[key]


def _built(rings: Rings, tolerance_m: int) -> Locator:
    return Locator((Cell(code, [[micro / MICRO for micro in ring]]) for code, ring in rings), tolerance_m)


def _kept(rings: Rings, tolerance_m: int) -> Locator:
    """The same to stay: most of what is in memory is in it, and no garbage is to be looked for there."""
    made = _built(rings, tolerance_m)
    gc.freeze()
    return made


def _box(lon: float, lat: float, metres: int) -> tuple[int, int, int, int]:
    """West, south, east, north of what lies within so many metres, in millionths, rather too wide."""
    north = metres / DEGREE_M
    east = north / cos(radians(min(abs(lat), 89)))
    x, y, dx, dy = lon * MICRO, lat * MICRO, ceil(east * MICRO) + 1, ceil(north * MICRO) + 1
    return int(x) - dx, int(y) - dy, int(x) + dx, int(y) + dy
