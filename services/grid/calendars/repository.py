"""Every statement of the calendar's read model."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.statements import statement

_ALL = statement(
    """SELECT json_agg(json_build_array(year, confirmed, overrides) ORDER BY year)::text
    FROM known_calendar_year"""
)


async def all_as_json(session: AsyncSession) -> str:
    """Every year that has been heard of, as one JSON array of [year, confirmed, overrides]."""
    return await session.scalar(_ALL) or "[]"
