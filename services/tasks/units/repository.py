"""Every statement on units and their members."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.search import tsquery_text
from services.tasks.units.models import Unit, UnitMember


@dataclass(frozen=True)
class UnitFilter:
    """What a list of units is narrowed to; `on` keeps those in force on that local day."""

    area: str | None = None
    kind: str | None = None
    on: date | None = None
    origin: str | None = None
    words: str | None = None


async def get(session: AsyncSession, unit_id: UUID) -> Unit | None:
    """The unit."""
    return await session.get(Unit, unit_id)


async def get_for_update(session: AsyncSession, unit_id: UUID) -> Unit | None:
    """The unit, its row locked."""
    return await session.get(Unit, unit_id, with_for_update=True, populate_existing=True)


async def get_many(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Unit]:
    """Those of the units that exist, by id."""
    found = await session.scalars(select(Unit).where(Unit.id.in_(ids)))
    return {unit.id: unit for unit in found}


async def code_taken(session: AsyncSession, code: str) -> bool:
    """Whether a unit has the code."""
    return await session.scalar(select(Unit.id).where(Unit.code == code)) is not None


async def everything(session: AsyncSession) -> dict[UUID, Unit]:
    """All units by id, locked: for the loader."""
    found = await session.scalars(select(Unit).order_by(Unit.id).with_for_update())
    return {unit.id: unit for unit in found}


async def after(session: AsyncSession, limit: int, last: UUID | None) -> Sequence[Unit]:
    """The next units by id, locked: for restating."""
    rows = select(Unit).order_by(Unit.id).limit(limit).with_for_update()
    if last is not None:
        rows = rows.where(Unit.id > last)
    return (await session.scalars(rows)).all()


def _narrowed(narrow: UnitFilter) -> Select[Unit]:
    rows = select(Unit)
    if narrow.area:
        rows = rows.where(Unit.area.startswith(narrow.area, autoescape=True))
    if narrow.kind:
        rows = rows.where(Unit.kind == narrow.kind)
    if narrow.origin:
        rows = rows.where(Unit.origin == narrow.origin)
    if narrow.on:
        rows = rows.where(
            or_(Unit.valid_from.is_(None), Unit.valid_from <= narrow.on),
            or_(Unit.valid_to.is_(None), Unit.valid_to >= narrow.on),
        )
    if narrow.words:
        query = text("unit.words @@ CAST(:words AS tsquery)").bindparams(words=tsquery_text(narrow.words))
        rows = rows.where(query)
    return rows


async def list_units(
    session: AsyncSession, narrow: UnitFilter, limit: int, last: str | None
) -> Sequence[Unit]:
    """Units by code, after the code `last`."""
    rows = _narrowed(narrow).order_by(Unit.code).limit(limit)
    if last is not None:
        rows = rows.where(Unit.code > last)
    return (await session.scalars(rows)).all()


async def count_units(session: AsyncSession, narrow: UnitFilter) -> int:
    """How many units there are."""
    counted = _narrowed(narrow).with_only_columns(func.count(), maintain_column_froms=True)
    return await session.scalar(counted) or 0


async def members_of(session: AsyncSession, unit_id: UUID, day: date | None = None) -> Sequence[UnitMember]:
    """The members, on a day only those of that day."""
    rows = select(UnitMember).where(UnitMember.unit_id == unit_id)
    if day is not None:
        rows = rows.where(
            UnitMember.valid_from <= day, or_(UnitMember.valid_to.is_(None), UnitMember.valid_to >= day)
        )
    return (await session.scalars(rows.order_by(UnitMember.valid_from, UnitMember.id))).all()


async def get_member(session: AsyncSession, unit_id: UUID, member_id: UUID) -> UnitMember | None:
    """The member of this unit."""
    member = await session.get(UnitMember, member_id, with_for_update=True)
    return member if member is not None and member.unit_id == unit_id else None
