"""Use cases of the directory: look names up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.disputes.directory import repository
from services.disputes.directory.domain import UnitUnknown, in_force
from services.disputes.directory.models import KnownArea as KnownArea
from services.disputes.directory.models import KnownUnit as KnownUnit


async def unit_names(session: AsyncSession, unit_ids: Collection[UUID]) -> dict[UUID, KnownUnit]:
    """The units with these ids, ended or not; those that are not known here are left out."""
    rows = await repository.list_units(session, unit_ids) if unit_ids else []
    return {unit.id: unit for unit in rows}


async def area_names(session: AsyncSession, codes: Collection[str]) -> dict[str, str]:
    """Code -> name of the areas that are known here, ended or not."""
    rows = await repository.list_areas(session, codes) if codes else []
    return {area.code: area.name for area in rows}


async def units_in_force(
    session: AsyncSession, unit_ids: Collection[UUID], day: date
) -> dict[UUID, KnownUnit]:
    """The units that may be named as parties on the local day. Raises `UnitUnknown`."""
    known = await unit_names(session, unit_ids)
    for unit_id in unit_ids:
        unit = known.get(unit_id)
        if unit is None or unit.is_group or not in_force(unit.valid_from, unit.valid_to, day):
            raise UnitUnknown(unit_id=str(unit_id), pointer="/parties")
    return known
