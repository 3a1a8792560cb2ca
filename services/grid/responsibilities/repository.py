"""Every statement on the responsibility grids."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, any_, delete, insert, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from libs.common.events.models import History
from libs.common.events.statements import statement
from services.grid.nodes.domain import Cover
from services.grid.responsibilities.models import ResponsibilityCover, ResponsibilityGrid


@dataclass(frozen=True)
class GridFilter:
    """Which responsibility grids: that cover something in the area, in force on a day."""

    area: str
    on: date


def _in_force(table: type[ResponsibilityGrid] | type[ResponsibilityCover], on: date) -> ColumnElement[bool]:
    begun = or_(table.valid_from.is_(None), table.valid_from <= on)
    return and_(begun, or_(table.valid_to.is_(None), table.valid_to >= on))


async def get(session: AsyncSession, grid_id: UUID) -> ResponsibilityGrid | None:
    """The responsibility grid."""
    return await session.get(ResponsibilityGrid, grid_id)


async def get_for_update(session: AsyncSession, grid_id: UUID) -> ResponsibilityGrid | None:
    """The responsibility grid, its row locked."""
    return await session.get(ResponsibilityGrid, grid_id, with_for_update=True, populate_existing=True)


async def list_grids(
    session: AsyncSession, wanted: GridFilter, *, after: UUID | None, limit: int
) -> Sequence[ResponsibilityGrid]:
    """Responsibility grids that cover something in the area, in order of id."""
    code, table = ResponsibilityCover.unit_grid, ResponsibilityGrid
    inside = and_(code >= wanted.area, code < wanted.area + ":")  # ':' follows '9'
    covering = select(ResponsibilityCover.grid_id).where(inside, _in_force(ResponsibilityCover, wanted.on))
    query = select(table).where(table.id.in_(covering), _in_force(table, wanted.on)).order_by(table.id)
    if after is not None:
        query = query.where(table.id > after)
    return (await session.scalars(query.limit(limit))).all()


async def of_unit_grid(session: AsyncSession, code: str, on: date) -> ResponsibilityGrid | None:
    """The responsibility grid in force that covers the unit grid on the day."""
    query = (
        select(ResponsibilityGrid)
        .join(ResponsibilityCover, ResponsibilityCover.grid_id == ResponsibilityGrid.id)
        .where(
            ResponsibilityCover.unit_grid == code,
            _in_force(ResponsibilityCover, on),
            _in_force(ResponsibilityGrid, on),
        )
        .limit(1)
    )
    return await session.scalar(query)


async def list_held(session: AsyncSession, codes: Collection[str], but: UUID) -> list[tuple[str, Cover]]:
    """What other responsibility grids, that have not ended, cover of the unit grids, with their names."""
    table = ResponsibilityCover
    query = (
        select(ResponsibilityGrid.name, table.unit_grid, table.valid_from, table.valid_to)
        .join(ResponsibilityGrid, ResponsibilityGrid.id == table.grid_id)
        .where(
            table.unit_grid == any_(literal(list(codes), ARRAY(Text()))),
            table.grid_id != but,
            ResponsibilityGrid.valid_to.is_(None),
        )
    )
    return [(name, Cover(code, first, last)) for name, code, first, last in await session.execute(query)]


async def covers_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[Cover]]:
    """What each of them covers and covered, in order of code and date."""
    table = ResponsibilityCover
    query = select(table).where(table.grid_id.in_(ids)).order_by(table.unit_grid, table.valid_from)
    found: dict[UUID, list[Cover]] = {grid_id: [] for grid_id in ids}
    for row in await session.scalars(query):
        found[row.grid_id].append(Cover(row.unit_grid, row.valid_from, row.valid_to))
    return found


async def put_covers(session: AsyncSession, grid_id: UUID, covers: Sequence[Cover]) -> None:
    """Let it cover exactly this."""
    await session.execute(delete(ResponsibilityCover).where(ResponsibilityCover.grid_id == grid_id))
    rows = [
        {"grid_id": grid_id, "unit_grid": c.area, "valid_from": c.valid_from, "valid_to": c.valid_to}
        for c in covers
    ]
    if rows:
        await session.execute(insert(ResponsibilityCover), rows)


_UNCOVERED = statement(
    """SELECT code FROM unit_grid u WHERE code >= :area AND code < :area || ':' AND code > :after
        AND coalesce(valid_from <= :day, true) AND coalesce(valid_to >= :day, true)
        AND NOT EXISTS (
            SELECT 1 FROM responsibility_cover c JOIN responsibility_grid g ON g.id = c.grid_id
            WHERE c.unit_grid = u.code AND c.valid_from <= :day AND coalesce(c.valid_to >= :day, true)
                AND coalesce(g.valid_from <= :day, true) AND coalesce(g.valid_to >= :day, true))
    ORDER BY code LIMIT :limit"""
)


async def uncovered(session: AsyncSession, wanted: GridFilter, *, after: str, limit: int) -> list[str]:
    """The unit grids in force in the area that no responsibility grid covers on the day, in order of code."""
    asked = {"area": wanted.area, "day": wanted.on, "after": after, "limit": limit}
    return [code for (code,) in await session.execute(_UNCOVERED, asked)]


async def code_taken(session: AsyncSession, code: str) -> bool:
    """Whether a responsibility grid has the code."""
    query = select(ResponsibilityGrid.id).where(ResponsibilityGrid.code == code)
    return await session.scalar(query) is not None


async def after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[ResponsibilityGrid]:
    """The next ones by id, locked: for restating."""
    table = ResponsibilityGrid
    query = select(table).order_by(table.id).limit(limit).with_for_update()
    return (await session.scalars(query if last is None else query.where(table.id > last))).all()


async def list_history(session: AsyncSession, grid_id: UUID) -> Sequence[History]:
    """Every change, the first one first."""
    query = select(History).where(History.aggregate_id == grid_id).order_by(History.version)
    return (await session.scalars(query)).all()
