"""Use cases of the responsibility grids: look up, whose a unit grid is, register, change, restate.

Nothing here commits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.contracts.places import CoveredArea, ResponsibilityGridChanged
from libs.common.events.models import History
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.ids import new_id
from libs.common.policy import Actor, Principal, require_area, system_actor
from libs.common.versions import check_version
from services.grid.nodes.domain import Cover
from services.grid.responsibilities import repository
from services.grid.responsibilities.domain import (
    GridFields,
    ResponsibilityGridCodeTaken,
    ResponsibilityGridUnknown,
    check_fields,
    check_not_taken,
)
from services.grid.responsibilities.models import ResponsibilityGrid as ResponsibilityGrid
from services.grid.responsibilities.repository import GridFilter as GridFilter

GRID = system_actor("grid")
_COLUMNS = ("code", "name", "area", "valid_from", "valid_to", "source")

of_unit_grid = repository.of_unit_grid
"""The responsibility grid in force that covers a unit grid on a day; None where nobody's is."""

uncovered = repository.uncovered
"""The unit grids of an area that no responsibility grid covers on a day, in order of code."""


@dataclass(frozen=True)
class GridState:
    """A responsibility grid with what it covers and covered."""

    grid: ResponsibilityGrid
    covers: Sequence[Cover]


async def find(session: AsyncSession, grid_id: UUID) -> GridState:
    """The responsibility grid, in force or ended. Raises `ResponsibilityGridUnknown`."""
    found = await repository.get(session, grid_id)
    if found is None:
        raise ResponsibilityGridUnknown(grid=str(grid_id))
    return (await _with_covers(session, [found]))[0]


async def list_grids(
    session: AsyncSession, wanted: GridFilter, *, after: UUID | None, limit: int
) -> list[GridState]:
    """Those that cover something in the area on a day, in order of id."""
    return await _with_covers(session, await repository.list_grids(session, wanted, after=after, limit=limit))


async def history(session: AsyncSession, grid_id: UUID, viewer: Principal) -> Sequence[History]:
    """Every change. Raises `ResponsibilityGridUnknown`, `NotFound` outside one's area."""
    require_area(viewer, (await find(session, grid_id)).grid.area)
    return await repository.list_history(session, grid_id)


async def register(session: AsyncSession, fields: GridFields, *, actor: Actor, now: datetime) -> GridState:
    """A new responsibility grid (登记责任网格).

    Raises `AreaCodeInvalid`, `NoUnitGrid`, `CoverOutside`, `UnitGridTaken`, `NodeDatesInverted`,
    `ResponsibilityGridCodeTaken`.
    """
    made = ResponsibilityGrid(id=new_id(), version=0, demonstration=False, **_row(fields))
    await _check(session, made.id, fields)
    if await repository.code_taken(session, fields.code):
        raise ResponsibilityGridCodeTaken(grid_code=fields.code, pointer="/code")
    session.add(made)
    await session.flush()
    return await _told(session, made, fields, Change("register"), (actor, now))


async def change(
    session: AsyncSession, found: GridState, changes: Mapping[str, Any], *, actor: Actor, now: datetime
) -> GridState:
    """Another name, other unit grids, or its end, of one that `locked` has given.

    Raises what `register` raises.
    """
    before = fields_of(found)
    after = replace(before, **changes)
    await _check(session, found.grid.id, after)
    for name, value in _row(after).items():
        setattr(found.grid, name, value)
    found.grid.demonstration = False
    told = {name: {"from": _plain(before, name), "to": _plain(after, name)} for name in changes}
    return await _told(session, found.grid, after, Change("change", fields=told), (actor, now))


async def locked(session: AsyncSession, grid_id: UUID, viewer: Principal, expect: int) -> GridState:
    """It, its row locked, as the viewer had read it.

    Raises `ResponsibilityGridUnknown`, `NotFound`, `Stale`.
    """
    found = await repository.get_for_update(session, grid_id)
    if found is None:
        raise ResponsibilityGridUnknown(grid=str(grid_id))
    require_area(viewer, found.area)
    check_version(found, expect)
    return (await _with_covers(session, [found]))[0]


async def _check(session: AsyncSession, grid_id: UUID, fields: GridFields) -> None:
    check_fields(fields)
    if fields.valid_to is None:
        codes = [cover.area for cover in fields.covers]
        held = await repository.list_held(session, codes, grid_id)
        for place, cover in enumerate(fields.covers):
            check_not_taken(cover, held, f"/covers/{place}")


async def _told(
    session: AsyncSession,
    grid: ResponsibilityGrid,
    fields: GridFields,
    step: Change,
    by: tuple[Actor, datetime],
) -> GridState:
    actor, now = by
    await repository.put_covers(session, grid.id, fields.covers)
    made = GridState(grid, sorted(fields.covers))
    await record(session, grid, _state(made, now), actor=actor, now=now, change=step)
    return made


def _plain(fields: GridFields, name: str) -> Any:
    value = getattr(fields, name)
    return [asdict(cover) for cover in value] if name == "covers" else value


async def restate_grids(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Restate at most `limit` behind the id. Answers the last id, None at the end."""
    now = utc_now()
    states = await _with_covers(session, await repository.after(session, after, limit))
    entries = [Entry(_state(made, now), made.grid.id, made.grid.version, GRID) for made in states]
    await append_many(session, entries)
    return states[-1].grid.id if states else None


async def _with_covers(session: AsyncSession, rows: Sequence[ResponsibilityGrid]) -> list[GridState]:
    covers = await repository.covers_of(session, [row.id for row in rows])
    return [GridState(row, covers[row.id]) for row in rows]


def fields_of(made: GridState) -> GridFields:
    """The responsibility grid as plain values."""
    return GridFields(
        **{name: getattr(made.grid, name) for name in _COLUMNS}, covers=tuple(sorted(made.covers))
    )


def _row(fields: GridFields) -> dict[str, Any]:
    return {name: getattr(fields, name) for name in _COLUMNS}


def covers_on(made: GridState, on: date) -> list[str]:
    """The unit grids that it covers on the day."""
    return [c.area for c in made.covers if c.valid_from <= on and (c.valid_to is None or on <= c.valid_to)]


def _state(made: GridState, now: datetime) -> ResponsibilityGridChanged:
    covers = tuple(CoveredArea(**asdict(cover)) for cover in made.covers)
    told = {name: getattr(made.grid, name) for name in (*_COLUMNS, "demonstration")}
    return ResponsibilityGridChanged(happened_at=now, covers=covers, **told)
