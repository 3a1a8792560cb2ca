"""Every statement of the calendar's read model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.calendars.models import KnownCalendarYear


async def put_year(session: AsyncSession, year_id: UUID, columns: dict[str, Any]) -> None:
    """The year as it is now."""
    await session.execute(
        insert(KnownCalendarYear)
        .values(id=year_id, **columns)
        .on_conflict_do_update(index_elements=[KnownCalendarYear.id], set_=columns)
    )


async def list_years(session: AsyncSession) -> Sequence[KnownCalendarYear]:
    """Every year that has been heard of."""
    return (await session.scalars(select(KnownCalendarYear))).all()
