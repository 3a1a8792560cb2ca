"""The one statement on what deadlines are reckoned by."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.statements import statement

_TERMS = statement(
    """SELECT (SELECT json_object_agg(key, value ORDER BY key)::text FROM rule) AS rules,
        (SELECT json_agg(json_build_array(year, confirmed, overrides) ORDER BY year)::text
            FROM known_calendar_year) AS years"""
)


async def rules_and_years(session: AsyncSession) -> tuple[str, str]:
    """The rules by key, and every year that has been heard of, as JSON texts."""
    found = (await session.execute(_TERMS)).one()
    return found.rules or "{}", found.years or "[]"
