"""Use cases of the buildings: list, register, change, restate. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.contracts.places import BuildingChanged
from libs.common.coordinates import Crs
from libs.common.events.models import History
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.ids import new_id
from libs.common.policy import Principal, system_actor
from libs.common.versions import check_version
from services.grid.addresses import service as addresses
from services.grid.addresses.domain import normal_number
from services.grid.buildings import repository
from services.grid.buildings.domain import (
    BuildingFields,
    BuildingNumberInvalid,
    BuildingNumberTaken,
    BuildingUnknown,
)
from services.grid.buildings.models import Building as Building
from services.grid.estates import service as estates
from services.grid.estates.domain import check_dates
from services.grid.estates.service import By
from services.grid.places import service as places

GRID = system_actor("grid")


async def find(session: AsyncSession, building_id: UUID) -> Building:
    """The building, standing or ended. Raises `BuildingUnknown`."""
    found = await repository.get_building(session, building_id)
    if found is None:
        raise BuildingUnknown(building=str(building_id))
    return found


async def list_buildings(
    session: AsyncSession, estate_id: UUID, *, on: date, after: UUID | None, limit: int
) -> Sequence[Building]:
    """The estate's buildings on a day, in order of id. Raises `EstateUnknown`."""
    await places.find_estate(session, estate_id)
    return await repository.list_buildings(session, estate_id, on, after=after, limit=limit)


async def register(session: AsyncSession, estate_id: UUID, fields: BuildingFields, by: By) -> Building:
    """A new building (登记楼栋).

    Raises `EstateUnknown`, `NotFound` outside one's area, `BuildingNumberTaken`, `EstateDatesInverted`,
    `CoordinateInvalid`.
    """
    estates.require_scope(by.viewer, await places.find_estate(session, estate_id))
    made = Building(id=new_id(), version=0, estate_id=estate_id, demonstration=False)
    await _check(session, made, fields)
    area = await _put(session, made, fields, by.now)
    await repository.add_all(session, [made])
    return await _told(session, made, area, Change("register"), by)


async def change(
    session: AsyncSession, building_id: UUID, changes: Mapping[str, Any], *, expect: int, by: By
) -> Building:
    """Another number, other addresses, a lift, or its end (变更楼栋).

    Raises `BuildingUnknown`, `Stale`, and what `register` raises.
    """
    building = await repository.get_building_for_update(session, building_id)
    if building is None:
        raise BuildingUnknown(building=str(building_id))
    estates.require_scope(by.viewer, await places.find_estate(session, building.estate_id))
    check_version(building, expect)
    before = fields_of(building)
    after = replace(before, **changes)
    await _check(session, building, after)
    area = await _put(session, building, after, by.now)
    building.demonstration = False
    told = {name: {"from": getattr(before, name), "to": getattr(after, name)} for name in changes}
    return await _told(session, building, area, Change("change", fields=told), by)


async def history(session: AsyncSession, building_id: UUID, viewer: Principal) -> Sequence[History]:
    """Every change of the building. Raises `BuildingUnknown`, `NotFound` outside one's area."""
    building = await find(session, building_id)
    estates.require_scope(viewer, await places.find_estate(session, building.estate_id))
    return await repository.list_history(session, building_id)


async def _check(session: AsyncSession, building: Building, fields: BuildingFields) -> None:
    check_dates(fields.valid_from, fields.valid_to)
    number = normal_number(fields.number)
    if not number:
        raise BuildingNumberInvalid(number=fields.number, pointer="/number")
    taken = await repository.number_taken(session, building.estate_id, number, building.id)
    if fields.valid_to is None and taken:
        raise BuildingNumberTaken(number=number, pointer="/number")


async def _put(
    session: AsyncSession, building: Building, fields: BuildingFields, now: datetime
) -> str | None:
    """Set the columns. Answers the unit grid of its position, where that is known."""
    building.number, building.aliases = normal_number(fields.number), list(fields.aliases)
    building.floors, building.has_lift = fields.floors, fields.has_lift
    building.valid_from, building.valid_to = fields.valid_from, fields.valid_to
    building.source = fields.source
    building.lon = building.lat = building.given_point = None
    if fields.point is None:
        return None
    place = await places.locate(session, *fields.point, on=local_date(now))
    building.lon, building.lat = place.lon, place.lat
    building.given_point = ",".join(map(str, fields.point))
    return place.unit_grid


async def _told(
    session: AsyncSession, building: Building, area: str | None, step: Change, by: By
) -> Building:
    """Record the change, and let the building be found while it stands."""
    names = addresses.names_of_building(
        building.id, building.estate_id, building.number, building.aliases, area
    )
    await addresses.keep(session, {building.id: names if building.valid_to is None else []})
    await record(session, building, state_of(building, by.now), actor=by.actor, now=by.now, change=step)
    return building


def fields_of(building: Building) -> BuildingFields:
    """The building as plain values; a position that was given is given again."""
    point = None
    if building.given_point is not None:
        lon, lat, crs = building.given_point.split(",")
        point = (float(lon), float(lat), Crs(crs))
    return BuildingFields(
        building.number, tuple(building.aliases), building.floors, building.has_lift, point,
        building.valid_from, building.valid_to, building.source,
    )  # fmt: skip


def state_of(building: Building, now: datetime) -> BuildingChanged:
    """The full state as an event; `now` is UTC."""
    return BuildingChanged(
        happened_at=now, estate_id=building.estate_id, number=building.number,
        aliases=tuple(building.aliases), floors=building.floors, has_lift=building.has_lift,
        lon=building.lon, lat=building.lat, valid_from=building.valid_from, valid_to=building.valid_to,
        source=building.source, demonstration=building.demonstration,
    )  # fmt: skip


async def restate_buildings(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next buildings stand. Answers the last id, None at the end."""
    rows = await repository.buildings_after(session, after, limit)
    now = utc_now()
    await append_many(session, [Entry(state_of(row, now), row.id, row.version, GRID) for row in rows])
    return rows[-1].id if rows else None
