"""Every statement of the calendar's read model."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.statements import statement
from services.grid.calendars.models import KnownCalendarYear


async def put_year(session: AsyncSession, year_id: UUID, columns: dict[str, Any]) -> None:
    """The year as it is now."""
    await session.execute(
        insert(KnownCalendarYear)
        .values(id=year_id, **columns)
        .on_conflict_do_update(index_elements=[KnownCalendarYear.id], set_=columns)
    )


_ALL = statement(
    """SELECT json_agg(json_build_array(year, confirmed, overrides) ORDER BY year)::text
    FROM known_calendar_year"""
)


async def all_as_json(session: AsyncSession) -> str:
    """Every year that has been heard of, as one JSON array of [year, confirmed, overrides]."""
    return await session.scalar(_ALL) or "[]"
