"""Use cases of the geography: read areas, unit grids and estates; restate them; find where a point lies."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from shapely.geometry import mapping
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.areas import AreaLevel, check_code, level_of
from libs.common.clocks import utc_now
from libs.common.contracts.places import AreaChanged, CoveredArea, EstateChanged, ManagedPeriod
from libs.common.coordinates import Crs, to_cgcs2000
from libs.common.events.record import Entry, append_many
from libs.common.locate import Located
from libs.common.policy import system_actor
from services.grid.places import repository
from services.grid.places.domain import (
    COORDINATE_DIGITS,
    AreaUnknown,
    Edition,
    EstateUnknown,
    GeographyMissing,
    ManagementMode,
    OutlineUnknown,
    OutsideArea,
    Period,
    Place,
    UnitGridUnknown,
)
from services.grid.places.generation import outline_of
from services.grid.places.locating import built_index, find_cell, held_walls, walls
from services.grid.places.models import Area, EstateCoverage, EstateManagement, UnitGrid
from services.grid.places.models import Estate as Estate
from services.grid.places.models import UnitGridEdition as UnitGridEdition
from services.grid.places.repository import EDITION_IN_FORCE as EDITION_IN_FORCE
from services.grid.places.repository import AreaFilter
from services.grid.places.repository import EstateFilter as EstateFilter
from services.grid.places.tessellation import square_metres as square_metres

ACTOR = system_actor("grid")

NEIGHBOURHOOD_DIGITS = 12

OUTLINE_LEVELS = frozenset({AreaLevel.TOWNSHIP, AreaLevel.NEIGHBOURHOOD})
"""Areas whose outline is put together from their unit grids; wider ones have a real outline or none."""


@dataclass(frozen=True)
class EstateState:
    """An estate with what it covers and covered, and who manages and managed it, the earliest first."""

    estate: Estate
    covers: Sequence[EstateCoverage]
    periods: Sequence[Period]

    def managed(self, on: date) -> Period | None:
        """Who manages it on the day; None before its first day."""
        return next((period for period in reversed(self.periods) if period.holds(on)), None)

    def neighbourhood(self, on: date) -> str | None:
        """The neighbourhood of the first area that it covers on the day, if it covers no wider one."""
        held = [row.area_code for row in self.covers if row.valid_to is None or on <= row.valid_to]
        return min(held)[:12] if held and len(min(held)) >= NEIGHBOURHOOD_DIGITS else None


@dataclass(frozen=True)
class Outline:
    """The outline of an area as a GeoJSON geometry. `demonstration`: made up, to be labelled 演示."""

    area: Area
    geometry: Mapping[str, Any]
    demonstration: bool


@dataclass(frozen=True)
class FoundPlace:
    """A place with the areas around it, widest first, and the estate that covers it, if any.

    `inside_wall`: inside or outside that estate's wall (围墙内外); None: its boundary is not known.
    """

    place: Place
    areas: Sequence[Area]
    estate_id: UUID | None
    inside_wall: bool | None
    demonstration: bool


async def locate(session: AsyncSession, lon: float, lat: float, crs: Crs, *, on: date) -> Place:
    """The place of a point that is given in a named coordinate system, on a day (Shanghai).

    Of unit grids that share the point the lowest code; in none, the nearest one within the tolerance of the
    geography, flagged. Raises `CoordinateInvalid`, `OutsideArea`, `GeographyMissing`.
    """
    lon, lat = _rounded(lon, lat, crs)
    return _place(lon, lat, await find_cell(session, lon, lat, on=on))


def locate_in_memory(geography: Edition, lon: float, lat: float, crs: Crs) -> Place | None:
    """The same by a geography in force; None while its index is not built.

    Whoever calls makes sure that it is the loaded one. Raises `CoordinateInvalid`, `OutsideArea`.
    """
    index = built_index(geography)
    if index is None:
        return None
    lon, lat = _rounded(lon, lat, crs)
    return _place(lon, lat, index.locate(lon, lat))


Walled = tuple[UUID | None, bool | None]
"""An estate, and whether a point lies inside its wall (围墙内外): None where that is not known."""


async def walled(session: AsyncSession, place: Place, *, on: date) -> Walled:
    """The estate of a place on a day, by the walls, else by what estates cover; and inside it or outside."""
    covering = await estate_at(session, place.unit_grid, on=on)
    return (await walls(session, on=on)).around(place.lon, place.lat, covering, on)


def walled_in_memory(geography: Edition, place: Place, covering: UUID | None, on: date) -> Walled | None:
    """The same, given the estate that covers the unit grid; None while the walls are not in memory."""
    held = held_walls(geography)
    return None if held is None else held.around(place.lon, place.lat, covering, on)


def _rounded(lon: float, lat: float, crs: Crs) -> tuple[float, float]:
    exact_lon, exact_lat = to_cgcs2000(lon, lat, crs)
    return round(exact_lon, COORDINATE_DIGITS), round(exact_lat, COORDINATE_DIGITS)


def _place(lon: float, lat: float, found: Located | None) -> Place:
    if found is None:
        raise OutsideArea
    return Place(lon, lat, found.code, nearest=not found.exact, distance_m=round(found.distance_m, 1))


async def describe(session: AsyncSession, place: Place, *, on: date) -> FoundPlace:
    """What lies around the place on a day."""
    cell = await find_unit_grid(session, place.unit_grid, on=on)
    areas = await repository.areas_around(session, place.unit_grid)
    estate_id, inside = await walled(session, place, on=on)
    return FoundPlace(place, areas, estate_id, inside, cell.demonstration)


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
    made_up = any(cell.demonstration for cell in cells)
    return Outline(area, mapping(outline_of(cell.ring for cell in cells)), demonstration=made_up)


async def find_unit_grid(session: AsyncSession, code: str, *, on: date) -> UnitGrid:
    """The unit grid as it is on the day, in force or retired. Raises `UnitGridUnknown`."""
    cell = await repository.get_unit_grid(session, code, on)
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
    return (await with_states(session, [estate]))[0]


async def list_estates(
    session: AsyncSession, wanted: EstateFilter, *, after: UUID | None, limit: int
) -> Sequence[EstateState]:
    """Estates that cover something in the area on a day, in order of id. Raises `AreaCodeInvalid`."""
    check_code(wanted.area)
    return await with_states(
        session, await repository.list_estates(session, wanted, after=after, limit=limit)
    )


async def estates_in_force(
    session: AsyncSession, estate_ids: Sequence[UUID], *, on: date
) -> list[EstateState]:
    """Those of the estates that are in force on the day."""
    rows = await repository.estates_in_force(session, estate_ids, on)
    return await with_states(session, rows) if rows else []


areas_with = repository.areas_with
"""The areas with these codes."""


async def address_least(session: AsyncSession) -> int:
    """How sure an address must be, in per cent, to be taken for a place. Raises `GeographyMissing`."""
    loaded = await repository.geography(session)
    if loaded is None:
        raise GeographyMissing
    return loaded.address_least


async def estate_at(session: AsyncSession, unit_grid: str, *, on: date) -> UUID | None:
    """The estate that covers the unit grid on a day; None on streets. The first by id where there are two."""
    rows = await repository.list_estates(session, EstateFilter(unit_grid, on), after=None, limit=1)
    return rows[0].id if rows else None


async def estate_for_update(session: AsyncSession, estate_id: UUID) -> EstateState:
    """The estate, its row locked. Raises `EstateUnknown`."""
    estate = await repository.get_estate_for_update(session, estate_id)
    if estate is None:
        raise EstateUnknown(estate=str(estate_id))
    return (await with_states(session, [estate]))[0]


allow_long_work = repository.allow_long_work
names_of_estates = repository.names_of_estates
rings_of = repository.rings_of
put_covers = repository.put_covers
put_unit_grids = repository.put_unit_grids
put_words = repository.put_words
touch_walls = repository.touch_walls


async def put_period(session: AsyncSession, state: EstateState, period: Period, *, now: datetime) -> None:
    """Let the period follow the last one, which ends the day before; `now` is UTC."""
    assert period.since is not None, "a period begins on a day"
    before = [held for held in state.periods if held.since is not None]
    ended = [*before[:-1], *(replace(last, until=period.since - timedelta(days=1)) for last in before[-1:])]
    state.estate.mode = period.mode
    await repository.put_periods(session, state.estate.id, [*ended, period], now)


async def put_first_period(session: AsyncSession, estate_id: UUID, period: Period, *, now: datetime) -> None:
    """Say more of who has managed the estate from its first day on; `now` is UTC."""
    await repository.put_periods(session, estate_id, [period], now)


async def require_known(session: AsyncSession, codes: Collection[str]) -> None:
    """Raise `AreaUnknown`, `UnitGridUnknown` for a code of a neighbourhood or unit grid that is not there."""
    areas = {area.code for area in await repository.areas_with(session, codes)}
    cells = await repository.known_unit_grids(session, codes)
    for code in sorted(set(codes) - areas - cells):
        if len(code) == NEIGHBOURHOOD_DIGITS:
            raise AreaUnknown(area=code)
        raise UnitGridUnknown(unit_grid=code)


async def with_states(session: AsyncSession, rows: Sequence[Estate]) -> list[EstateState]:
    """The estates with what they cover and who manages them, by two statements."""
    ids = [estate.id for estate in rows]
    covers, periods = await repository.coverage_of(session, ids), await repository.periods_of(session, ids)
    return [
        EstateState(estate, covers[estate.id], periods_told(estate, periods.get(estate.id, ())))
        for estate in rows
    ]


def periods_told(estate: Estate, rows: Sequence[EstateManagement]) -> list[Period]:
    """Who manages and managed the estate: without a row its mode holds as long as the estate itself."""
    if not rows:
        mode = ManagementMode(estate.mode)
        return [Period(estate.valid_from, estate.valid_to, mode, source=estate.source)]
    return [
        Period(
            row.since, row.until, ManagementMode(row.mode), row.firm_id, row.firm_name, row.fallback_unit_id,
            row.reason, row.source,
        )
        for row in rows
    ]  # fmt: skip


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


def estate_changed(
    estate: Estate, covers: Sequence[CoveredArea], periods: Sequence[Period], now: datetime
) -> EstateChanged:
    """The estate's full state as an event; `now` is UTC."""
    return EstateChanged(
        happened_at=now,
        name=estate.name,
        mode=estate.mode,
        covers=tuple(covers),
        management=tuple(
            ManagedPeriod(
                state=period.state, mode=period.mode, since=period.since, until=period.until,
                firm_id=period.firm_id, firm_name=period.firm_name, fallback_unit_id=period.fallback_unit_id,
            )
            for period in periods
        ),
        walled=estate.wall is not None,
        valid_from=estate.valid_from,
        valid_to=estate.valid_to,
        source=estate.source,
        demonstration=estate.demonstration,
    )  # fmt: skip


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
    states = await with_states(session, await repository.estates_after(session, after, limit))
    entries = [Entry(state_told(made, now), made.estate.id, made.estate.version, ACTOR) for made in states]
    await append_many(session, entries)
    return states[-1].estate.id if states else None


def state_told(state: EstateState, now: datetime) -> EstateChanged:
    """The same of an estate with what it covers and who manages it."""
    covers = [
        CoveredArea(area=row.area_code, valid_from=row.valid_from, valid_to=row.valid_to)
        for row in state.covers
    ]
    return estate_changed(state.estate, covers, state.periods, now)
