"""Use cases of the directory: name what they hold. Never commits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.targets.directory import repository
from services.targets.directory.domain import UnitName, in_force
from services.targets.directory.models import KnownArea as KnownArea
from services.targets.directory.models import KnownUnit as KnownUnit

_MERGERS = 10
"""How many mergers in a row are followed."""


async def unit_names(session: AsyncSession, ids: Collection[UUID], today: date) -> dict[UUID, UnitName]:
    """The names of those units that are known here, by id; ended ones too."""
    found = await repository.units(session, set(ids)) if ids else ()
    return {
        unit.id: UnitName(
            unit.id, unit.code, unit.name_zh, unit.name_en, unit.area,
            ended=not in_force(unit.valid_from, unit.valid_to, today),
        )
        for unit in found
    }  # fmt: skip


async def units_for_work(session: AsyncSession, ids: Collection[UUID], today: date) -> frozenset[UUID]:
    """Those of the units that can be given something today: known, no group, in force."""
    return frozenset(
        unit.id
        for unit in await repository.units(session, set(ids))
        if not unit.is_group and in_force(unit.valid_from, unit.valid_to, today)
    )


async def acting(session: AsyncSession, ids: Collection[UUID], today: date) -> dict[UUID, UUID]:
    """Who can be given the work of each of the units today: itself, or what it was merged into (承接单位)."""
    found: dict[UUID, UUID] = {}
    asked = {each: each for each in ids}
    for _ in range(_MERGERS):
        rows = await repository.units(session, set(asked.values())) if asked else ()
        known = {row.id: row for row in rows if not row.is_group}
        heirs: dict[UUID, UUID] = {}
        for unit_id, present in asked.items():
            row = known.get(present)
            if row is not None and in_force(row.valid_from, row.valid_to, today):
                found[unit_id] = present
            elif row is not None and row.successor_id is not None:
                heirs[unit_id] = row.successor_id
        asked = heirs
    return found


async def area_names(session: AsyncSession, codes: Collection[str]) -> dict[str, str]:
    """The names of those areas that are known here, by code."""
    return {area.code: area.name for area in await repository.areas(session, set(codes))} if codes else {}
