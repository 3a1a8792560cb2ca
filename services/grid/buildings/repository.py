"""Every statement on the buildings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.models import History
from services.grid.buildings.models import Building


async def get_building(session: AsyncSession, building_id: UUID) -> Building | None:
    """The building."""
    return await session.get(Building, building_id)


async def get_building_for_update(session: AsyncSession, building_id: UUID) -> Building | None:
    """The building, its row locked."""
    return await session.get(Building, building_id, with_for_update=True, populate_existing=True)


async def number_taken(session: AsyncSession, estate_id: UUID, number: str, but: UUID) -> bool:
    """Whether another building of the estate that has not ended has the number."""
    query = select(Building.id).where(
        Building.estate_id == estate_id,
        Building.number == number,
        Building.valid_to.is_(None),
        Building.id != but,
    )
    return await session.scalar(query) is not None


async def list_buildings(
    session: AsyncSession, estate_id: UUID, on: date | None, *, after: UUID | None, limit: int | None
) -> Sequence[Building]:
    """The estate's buildings in order of id: on a day, or ended ones too."""
    query = select(Building).where(Building.estate_id == estate_id).order_by(Building.id).limit(limit)
    if on is not None:
        query = query.where(
            or_(Building.valid_from.is_(None), Building.valid_from <= on),
            or_(Building.valid_to.is_(None), Building.valid_to >= on),
        )
    if after is not None:
        query = query.where(Building.id > after)
    return (await session.scalars(query)).all()


async def buildings_after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[Building]:
    """The next buildings by id, locked: for restating."""
    query = select(Building).order_by(Building.id).limit(limit).with_for_update()
    return (await session.scalars(query if last is None else query.where(Building.id > last))).all()


async def add_all(session: AsyncSession, buildings: Iterable[Building]) -> None:
    """Keep buildings."""
    session.add_all(buildings)
    await session.flush()


async def known(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that are buildings'."""
    return set(await session.scalars(select(Building.id).where(Building.id.in_(ids))))


async def list_history(session: AsyncSession, building_id: UUID) -> Sequence[History]:
    """Every change of the building, the first one first."""
    query = select(History).where(History.aggregate_id == building_id).order_by(History.version)
    return (await session.scalars(query)).all()
