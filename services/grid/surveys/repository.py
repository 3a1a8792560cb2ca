"""The statements of an import: what stands around it, what it ends, its edition."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import hold
from libs.common.events.statements import statement
from services.grid.places.service import UnitGridEdition

_INSIDE = """FROM unnest(CAST(:neighbourhoods AS text[])) AS n(code)
    JOIN unit_grid u ON u.code > n.code AND u.code < n.code || ':'"""
_CODES = statement(
    """SELECT u.code, bool_or(u.valid_from >= :day) AS later,
        bool_and(u.valid_to IS NOT NULL AND u.valid_to < CAST(:day AS date) - 1) AS ended
    {inside} WHERE NOT u.demonstration GROUP BY u.code""",
    inside=_INSIDE,
)
_BESIDE = text(
    """SELECT code, ring, demonstration FROM unit_grid
    WHERE west <= :east AND east >= :west AND south <= :north AND north >= :south
        AND coalesce(valid_from <= :day, true) AND coalesce(valid_to >= :day, true)
        AND NOT left(code, 12) = ANY (CAST(:neighbourhoods AS text[])) ORDER BY code"""
)
_END = statement(
    """UPDATE unit_grid SET valid_to = CAST(:day AS date) - 1 WHERE (code, edition) IN (
        SELECT u.code, u.edition {inside}
        WHERE coalesce(u.valid_from < :day, true) AND coalesce(u.valid_to >= :day, true))""",
    inside=_INSIDE,
)


async def lock(session: AsyncSession) -> None:
    """Let imports follow each other, to the end of the transaction."""
    await hold(session, "unit grids")


async def codes_known(
    session: AsyncSession, neighbourhoods: Collection[str], day: date
) -> list[tuple[str, bool, bool]]:
    """Each surveyed code of the neighbourhoods: whether a later edition has it, and whether it has ended."""
    asked = {"neighbourhoods": list(neighbourhoods), "day": day}
    return [(row.code, bool(row.later), bool(row.ended)) for row in await session.execute(_CODES, asked)]


async def cells_beside(
    session: AsyncSession, box: tuple[int, int, int, int], neighbourhoods: Collection[str], day: date
) -> list[tuple[str, Sequence[int], bool]]:
    """Unit grids in force on the day that meet the box and lie in none of the neighbourhoods."""
    west, south, east, north = box
    asked = {
        "west": west, "south": south, "east": east, "north": north, "day": day,
        "neighbourhoods": list(neighbourhoods),
    }  # fmt: skip
    return [(row.code, row.ring, row.demonstration) for row in await session.execute(_BESIDE, asked)]


async def end_former(session: AsyncSession, neighbourhoods: Collection[str], day: date) -> int:
    """End what the neighbourhoods have on the day before the day. Returns how many."""
    asked = {"neighbourhoods": list(neighbourhoods), "day": day}
    return int(getattr(await session.execute(_END, asked), "rowcount", 0))


async def next_number(session: AsyncSession) -> int:
    """Of the next edition."""
    return (await session.scalar(select(func.max(UnitGridEdition.number))) or 0) + 1


async def list_editions(session: AsyncSession, *, after: int | None, limit: int) -> Sequence[UnitGridEdition]:
    """The latest editions first."""
    query = select(UnitGridEdition).order_by(UnitGridEdition.number.desc()).limit(limit)
    if after is not None:
        query = query.where(UnitGridEdition.number < after)
    return (await session.scalars(query)).all()


async def editions_after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[UnitGridEdition]:
    """The next editions by id, locked: for restating."""
    query: Any = select(UnitGridEdition).order_by(UnitGridEdition.id).limit(limit).with_for_update()
    rows: Sequence[UnitGridEdition] = (
        await session.scalars(query if last is None else query.where(UnitGridEdition.id > last))
    ).all()
    return rows
