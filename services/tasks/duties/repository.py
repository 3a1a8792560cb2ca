"""Every statement on the duty list."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import hold
from services.tasks.duties.models import Duty, KnownCategory
from services.tasks.units.domain import Origin

GROUP_DIGITS = 2
"""Length of the code of a group of categories (大类)."""


@dataclass(frozen=True)
class DutyFilter:
    """What a list is narrowed to. `areas`: codes that match exactly (an area and those around it)."""

    category: str | None = None
    areas: Collection[str] | None = None
    unit_id: UUID | None = None
    on: date | None = None


async def get(session: AsyncSession, duty_id: UUID) -> Duty | None:
    """The row."""
    return await session.get(Duty, duty_id)


async def get_for_update(session: AsyncSession, duty_id: UUID) -> Duty | None:
    """The row, locked."""
    return await session.get(Duty, duty_id, with_for_update=True, populate_existing=True)


async def everything(session: AsyncSession) -> dict[UUID, Duty]:
    """All rows by id, locked: for the loader."""
    found = await session.scalars(select(Duty).order_by(Duty.id).with_for_update())
    return {duty.id: duty for duty in found}


async def after(session: AsyncSession, limit: int, last: UUID | None) -> Sequence[Duty]:
    """The next rows by id, locked: for restating."""
    rows = select(Duty).order_by(Duty.id).limit(limit).with_for_update()
    if last is not None:
        rows = rows.where(Duty.id > last)
    return (await session.scalars(rows)).all()


async def lock_place(session: AsyncSession, category: str, area: str) -> None:
    """Let one writer at a time into a category in an area, until the transaction ends."""
    await hold(session, f"duty:{category}:{area}")


async def live_rows(session: AsyncSession, category: str, area: str, but: UUID) -> Sequence[Duty]:
    """The rows of the category in exactly this area that come from no document, without one."""
    rows = select(Duty).where(
        Duty.category == category, Duty.area == area, Duty.origin != Origin.DOCUMENT, Duty.id != but
    )
    return (await session.scalars(rows)).all()


def _narrowed(narrow: DutyFilter) -> Select[Duty]:
    rows = select(Duty)
    if narrow.category:
        rows = rows.where(Duty.category == narrow.category)
    if narrow.areas is not None:
        rows = rows.where(Duty.area.in_(narrow.areas))
    if narrow.unit_id:
        named = or_(
            Duty.lead_unit_ids.contains([narrow.unit_id]),
            Duty.cooperating_unit_ids.contains([narrow.unit_id]),
        )
        rows = rows.where(named)
    if narrow.on:
        rows = rows.where(
            or_(Duty.valid_from.is_(None), Duty.valid_from <= narrow.on),
            or_(Duty.valid_to.is_(None), Duty.valid_to >= narrow.on),
        )
    return rows


async def list_duties(
    session: AsyncSession, narrow: DutyFilter, limit: int, last: tuple[Any, ...] | None
) -> Sequence[Duty]:
    """Rows by category, area and id, after the key `last`."""
    key = tuple_(Duty.category, Duty.area, Duty.id)
    rows = _narrowed(narrow).order_by(Duty.category, Duty.area, Duty.id).limit(limit)
    if last is not None:
        rows = rows.where(key > tuple_(*last))
    return (await session.scalars(rows)).all()


async def count_duties(session: AsyncSession, narrow: DutyFilter) -> int:
    """How many rows there are."""
    counted = _narrowed(narrow).with_only_columns(func.count(), maintain_column_froms=True)
    return await session.scalar(counted) or 0


async def category_in_force(session: AsyncSession, code: str, day: date) -> bool:
    """Whether grid has the category on the day, or any of the group."""
    found = exists().where(
        KnownCategory.code == code if len(code) > GROUP_DIGITS else KnownCategory.code.startswith(code),
        KnownCategory.valid_from <= day,
        or_(KnownCategory.valid_to.is_(None), KnownCategory.valid_to >= day),
    )
    return bool(await session.scalar(select(found)))


async def any_category(session: AsyncSession) -> bool:
    """Whether grid's categories have arrived."""
    return bool(await session.scalar(select(exists().where(KnownCategory.code.is_not(None)))))
