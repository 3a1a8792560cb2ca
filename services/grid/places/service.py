"""Use cases of the geography: read areas, unit grids and estates; restate them; find where a point lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shapely.geometry import mapping
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.areas import AreaLevel, check_code, level_of
from libs.common.clocks import utc_now
from libs.common.contracts.places import AreaChanged, CoveredArea, EstateChanged
from libs.common.coordinates import Crs, to_cgcs2000
from libs.common.events.record import Entry, append_many
from libs.common.locate import Located
from libs.common.policy import system_actor
from services.grid.places import repository
from services.grid.places.domain import (
    COORDINATE_DIGITS,
    AreaUnknown,
    EstateUnknown,
    OutlineUnknown,
    OutsideArea,
    Place,
    UnitGridUnknown,
)
from services.grid.places.generation import outline_of
from services.grid.places.locating import built_index, find_cell
from services.grid.places.models import Area, Estate, EstateCoverage, UnitGrid
from services.grid.places.repository import AreaFilter

ACTOR = system_actor("grid")

OUTLINE_LEVELS = frozenset({AreaLevel.TOWNSHIP, AreaLevel.NEIGHBOURHOOD})
"""Areas whose outline is put together from their unit grids; wider ones have a real outline or none."""


@dataclass(frozen=True)
class EstateState:
    """An estate with what it covers and covered."""

    estate: Estate
    covers: Sequence[EstateCoverage]


@dataclass(frozen=True)
class Outline:
    """The outline of an area as a GeoJSON geometry. `demonstration`: made up, to be labelled 演示."""

    area: Area
    geometry: Mapping[str, Any]
    demonstration: bool


@dataclass(frozen=True)
class FoundPlace:
    """A place with the areas around it, widest first, and the estate that covers it, if any."""

    place: Place
    areas: Sequence[Area]
    estate_id: UUID | None
    demonstration: bool


async def locate(session: AsyncSession, lon: float, lat: float, crs: Crs, *, on: date) -> Place:
    """The place of a point that is given in a named coordinate system, on a day (Shanghai).

    Of unit grids that share the point the lowest code; in none, the nearest one within the tolerance of the
    geography, flagged. Raises `CoordinateInvalid`, `OutsideArea`, `GeographyMissing`.
    """
    lon, lat = _rounded(lon, lat, crs)
    return _place(lon, lat, await find_cell(session, lon, lat, on=on))


def locate_in_memory(geography: tuple[str, int], lon: float, lat: float, crs: Crs) -> Place | None:
    """The same by digest and tolerance of a geography; None while its index is not built.

    Whoever calls makes sure that it is the loaded one. Raises `CoordinateInvalid`, `OutsideArea`.
    """
    index = built_index(geography)
    if index is None:
        return None
    lon, lat = _rounded(lon, lat, crs)
    return _place(lon, lat, index.locate(lon, lat))


def _rounded(lon: float, lat: float, crs: Crs) -> tuple[float, float]:
    exact_lon, exact_lat = to_cgcs2000(lon, lat, crs)
    return round(exact_lon, COORDINATE_DIGITS), round(exact_lat, COORDINATE_DIGITS)


def _place(lon: float, lat: float, found: Located | None) -> Place:
    if found is None:
        raise OutsideArea
    return Place(lon, lat, found.code, nearest=not found.exact, distance_m=round(found.distance_m, 1))


async def describe(session: AsyncSession, place: Place, *, on: date) -> FoundPlace:
    """What lies around the place on a day."""
    cell = await find_unit_grid(session, place.unit_grid)
    areas = await repository.areas_around(session, place.unit_grid)
    estate_id = await estate_at(session, place.unit_grid, on=on)
    return FoundPlace(place, areas, estate_id, cell.demonstration)


async def find_area(session: AsyncSession, code: str) -> Area:
    """The area, in force or ended. Raises `AreaUnknown`."""
    area = await repository.get_area(session, code)
    if area is None:
        raise AreaUnknown(area=code)
    return area


areas_by_code = repository.areas_by_code
"""Every area, in force or ended, by its code: for what is made from the whole tree."""


async def list_areas(
    session: AsyncSession, wanted: AreaFilter, *, after: str | None, limit: int
) -> Sequence[Area]:
    """Areas in order of code, behind `after`."""
    return await repository.list_areas(session, wanted, after=after, limit=limit)


async def find_outline(session: AsyncSession, code: str, *, on: date) -> Outline:
    """The outline of an area on a day. Raises `AreaUnknown`, `OutlineUnknown`."""
    area = await find_area(session, code)
    if area.outline is not None:
        return Outline(area, area.outline, area.demonstration)
    cells = await repository.unit_grids_in(session, code, on) if level_of(code) in OUTLINE_LEVELS else ()
    if not cells:
        raise OutlineUnknown(area=code)
    return Outline(area, mapping(outline_of(cell.ring for cell in cells)), demonstration=True)


async def find_unit_grid(session: AsyncSession, code: str) -> UnitGrid:
    """The unit grid, in force or retired. Raises `UnitGridUnknown`."""
    cell = await repository.get_unit_grid(session, code)
    if cell is None:
        raise UnitGridUnknown(unit_grid=code)
    return cell


async def unit_grids_of(session: AsyncSession, neighbourhood: str, *, on: date) -> Sequence[UnitGrid]:
    """The unit grids of a neighbourhood on a day, in order of code. Raises `AreaUnknown`."""
    await find_area(session, neighbourhood)
    return await repository.unit_grids_in(session, neighbourhood, on)


async def find_estate(session: AsyncSession, estate_id: UUID) -> EstateState:
    """The estate with what it covers. Raises `EstateUnknown`."""
    estate = await repository.get_estate(session, estate_id)
    if estate is None:
        raise EstateUnknown(estate=str(estate_id))
    return EstateState(estate, (await repository.coverage_of(session, [estate_id]))[estate_id])


async def list_estates(
    session: AsyncSession, area: str, *, on: date, after: UUID | None, limit: int
) -> Sequence[EstateState]:
    """Estates that cover something in the area on a day, in order of id. Raises `AreaCodeInvalid`."""
    rows = await repository.list_estates(session, check_code(area), on=on, after=after, limit=limit)
    return await _with_coverage(session, rows)


async def estate_at(session: AsyncSession, unit_grid: str, *, on: date) -> UUID | None:
    """The estate that covers the unit grid on a day; None on streets. The first by id where there are two."""
    rows = await repository.list_estates(session, unit_grid, on=on, after=None, limit=1)
    return rows[0].id if rows else None


async def pack_tag(session: AsyncSession, code: str, *, on: date) -> str:
    """Changes whenever the pack of the area does, and costs less. Raises `AreaUnknown`."""
    await find_area(session, code)
    return await repository.pack_tag(session, code, on)


pack = repository.pack
"""What a device holds of an area."""


async def _with_coverage(session: AsyncSession, rows: Sequence[Estate]) -> list[EstateState]:
    covers = await repository.coverage_of(session, [estate.id for estate in rows])
    return [EstateState(estate, covers[estate.id]) for estate in rows]


def area_changed(area: Area, now: datetime) -> AreaChanged:
    """The area's full state as an event; `now` is UTC."""
    return AreaChanged(
        happened_at=now,
        code=area.code,
        name=area.name,
        level=area.level,
        parent_code=area.parent_code,
        valid_from=area.valid_from,
        valid_to=area.valid_to,
        successor=area.successor,
        source=area.source,
        demonstration=area.demonstration,
    )


def estate_changed(estate: Estate, covers: Sequence[CoveredArea], now: datetime) -> EstateChanged:
    """The estate's full state as an event; `now` is UTC."""
    return EstateChanged(
        happened_at=now,
        name=estate.name,
        mode=estate.mode,
        covers=tuple(covers),
        valid_from=estate.valid_from,
        valid_to=estate.valid_to,
        source=estate.source,
        demonstration=estate.demonstration,
    )


async def restate_areas(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Restate at most `limit` areas behind the id. Answers their last id, None at the end."""
    now = utc_now()
    rows = await repository.areas_after(session, after, limit)
    entries = [Entry(area_changed(area, now), area.id, area.version, ACTOR) for area in rows]
    await append_many(session, entries)
    return rows[-1].id if rows else None


async def restate_estates(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Restate at most `limit` estates behind the id. Answers their last id, None at the end."""
    now = utc_now()
    states = await _with_coverage(session, await repository.estates_after(session, after, limit))
    entries = [
        Entry(estate_changed(made.estate, _covers(made), now), made.estate.id, made.estate.version, ACTOR)
        for made in states
    ]
    await append_many(session, entries)
    return states[-1].estate.id if states else None


def _covers(state: EstateState) -> list[CoveredArea]:
    return [
        CoveredArea(area=row.area_code, valid_from=row.valid_from, valid_to=row.valid_to)
        for row in state.covers
    ]
