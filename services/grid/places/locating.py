"""The index in memory by which points are located: built once per geography, in a thread of its own.

An index follows from nothing but the loaded geography, whose digest is its key. So it is never stale: whoever
locates reads the digest in the same transaction, and another digest begins another index. Until it is built,
some seconds for a whole city, the database is asked for the few unit grids around the point.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from math import ceil, cos, radians

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.locate import Cell, Located, Locator
from services.grid.places import repository
from services.grid.places.domain import MICRO, GeographyMissing

KEPT = 4
"""Indexes in memory at most: one for each geography and tolerance that was asked for lately."""

DEGREE_M = 110_000
"""A little less than a degree of latitude in metres."""

Rings = Iterable[tuple[str, Sequence[int]]]
Key = tuple[str, int]

_builder = ThreadPoolExecutor(max_workers=1, thread_name_prefix="place-index")
_indexes: dict[Key, Future[Locator]] = {}


async def find_cell(session: AsyncSession, lon: float, lat: float, *, on: date) -> Located | None:
    """The unit grid that holds the point (CGCS2000), the nearest one within the tolerance, or None.

    Raises `GeographyMissing`.
    """
    key = await _key(session)
    index = await _index(session, key, on=on)
    if index.done():
        return index.result().locate(lon, lat)
    around = await repository.rings_around(session, _box(lon, lat, key[1]), on)
    return _built(around, key[1]).locate(lon, lat)


def built_index(key: Key) -> Locator | None:
    """The index of that geography, if it is in memory already."""
    index = _indexes.get(key)
    return index.result() if index is not None and index.done() else None


async def warm_up(session: AsyncSession, *, on: date) -> None:
    """Wait until the index of the loaded geography is built, if one is loaded."""
    try:
        key = await _key(session)
    except GeographyMissing:
        return
    await asyncio.wrap_future(await _index(session, key, on=on))


async def _key(session: AsyncSession) -> Key:
    loaded = await repository.geography(session)
    if loaded is None:
        raise GeographyMissing
    return loaded.digest, loaded.tolerance_m


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
