"""Use cases of the rota: register, change, cancel, who is on duty, where nobody is. Nothing here commits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import fields as columns_of
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.areas import AreaLevel, check_code, level_of, with_ancestors
from libs.common.clocks import local_date, utc_now
from libs.common.contracts.grid import ReporterRevealed
from libs.common.contracts.watches import RosterChanged
from libs.common.coordinates import Crs
from libs.common.events.models import History
from libs.common.events.record import Change, Entry, append_many, record, record_access
from libs.common.ids import new_id
from libs.common.policy import Actor, Principal, require_area, sees_area, system_actor
from libs.common.versions import check_version
from services.grid.places import service as places
from services.grid.responsibilities import service as responsibilities
from services.grid.rosters import repository
from services.grid.rosters.domain import (
    GridElsewhere,
    TurnEnded,
    TurnFields,
    TurnUnknown,
    check_apart,
    check_turn,
    gaps,
    in_grid,
    nearest,
    week_of,
)
from services.grid.rosters.models import Turn as Turn
from services.grid.rosters.repository import Between as Between
from services.grid.rules import service as rules
from services.grid.watches.domain import Watch

GRID = system_actor("grid")
_COLUMNS = tuple(column.name for column in columns_of(TurnFields))
_UNTOLD = frozenset({"name", "telephone"})
"""Personal data: the history says that they were changed, not what they were."""

last_turn_of = repository.last_of
"""The person's turn that began last before an instant."""


@dataclass(frozen=True)
class OnDuty:
    """Who is on duty in a role for an area (在岗人员): nobody, or those of the nearest area that has some."""

    role: str
    watch: Watch
    turns: Sequence[Turn]


@dataclass(frozen=True)
class Gap:
    """A time in which nobody has the role (值班空档), UTC."""

    role: str
    starts_at: datetime
    ends_at: datetime


async def find(session: AsyncSession, turn_id: UUID, viewer: Principal) -> Turn:
    """The turn, if it lies in the viewer's area. Raises `TurnUnknown`."""
    turn = await repository.get(session, turn_id)
    if turn is None or not sees_area(viewer, turn.area):
        raise TurnUnknown
    return turn


async def history(session: AsyncSession, turn_id: UUID, viewer: Principal) -> Sequence[History]:
    """Every change of the turn. Raises `TurnUnknown`."""
    await find(session, turn_id, viewer)
    return await repository.list_history(session, turn_id)


async def list_turns(
    session: AsyncSession, viewer: Principal, wanted: Between, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Turn]:
    """Turns in the viewer's area that meet the time."""
    return await repository.list_between(session, viewer, wanted, after=after, limit=limit)


async def register(
    session: AsyncSession, wanted: Sequence[TurnFields], *, viewer: Principal, actor: Actor, now: datetime
) -> list[Turn]:
    """New turns (排班), all or none, each an event of its own by one statement.

    Raises `AreaCodeInvalid`, `NotFound` for an area outside the viewer's, `RoleNotRostered`,
    `TurnSpanInvalid`, `TurnTaken`.
    """
    watches = (await rules.rules(session)).rosters
    for place, fields in enumerate(wanted):
        check_turn(fields, watches, f"/items/{place}")
        require_area(viewer, fields.area)
    await _check_grids(session, wanted)
    held = await _held(session, wanted)
    made: list[Turn] = []
    for place, fields in enumerate(wanted):
        check_apart(fields, [*held, *made], watches[fields.role], f"/items/{place}")
        made.append(Turn(id=new_id(), version=1, **vars(fields)))
    await repository.add_all(session, made)
    step = Change("register")
    await append_many(session, [Entry(_state(t, now), t.id, 1, actor, at=now, change=step) for t in made])
    return made


async def _check_grids(session: AsyncSession, wanted: Sequence[TurnFields]) -> None:
    """Raise `ResponsibilityGridUnknown`, `GridElsewhere`."""
    ids = {fields.responsibility_grid_id for fields in wanted} - {None}
    grids = {key: (await responsibilities.find(session, key)).grid for key in ids if key is not None}
    for place, fields in enumerate(wanted):
        grid = grids.get(fields.responsibility_grid_id) if fields.responsibility_grid_id else None
        if grid is not None and grid.area != fields.area:
            pointer = f"/items/{place}/responsibility_grid_id"
            raise GridElsewhere(grid=grid.name, area=grid.area, pointer=pointer)


async def _held(session: AsyncSession, wanted: Sequence[TurnFields]) -> Sequence[Turn]:
    """What stands at the same posts around the same time; nobody else fills them meanwhile."""
    await repository.lock_posts(session, {(fields.area, fields.role) for fields in wanted})
    since, until = min(one.starts_at for one in wanted), max(one.ends_at for one in wanted)
    return await repository.list_at_posts(session, {fields.area for fields in wanted}, since, until)


async def change(
    session: AsyncSession, turn: Turn, changes: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Turn:
    """Another person, other times or a substitute (调班), of a turn that `locked` has given.

    Raises `TurnEnded`, and what `register` raises.
    """
    _check_open(turn, now)
    before = TurnFields(**{name: getattr(turn, name) for name in _COLUMNS})
    after = replace(before, **changes)
    watches = (await rules.rules(session)).rosters
    check_turn(after, watches)
    held = [other for other in await _held(session, [after]) if other.id != turn.id]
    check_apart(after, held, watches[after.role])
    told = {}
    for name in changes:
        hidden = name in _UNTOLD
        told[name] = {} if hidden else {"from": getattr(before, name), "to": getattr(after, name)}
        setattr(turn, name, getattr(after, name))
    await record(session, turn, _state(turn, now), actor=actor, now=now, change=Change("change", fields=told))
    return turn


async def cancel(session: AsyncSession, turn: Turn, reason: str, *, actor: Actor, now: datetime) -> Turn:
    """Nobody has this turn any more (取消值班). Raises `TurnEnded`."""
    _check_open(turn, now)
    turn.cancelled_at = now
    step = Change("cancel", note=reason)
    await record(session, turn, _state(turn, now), actor=actor, now=now, change=step)
    return turn


def _check_open(turn: Turn, now: datetime) -> None:
    if turn.cancelled_at is not None or turn.ends_at <= now:
        raise TurnEnded


async def locked(session: AsyncSession, turn_id: UUID, viewer: Principal, expect: int) -> Turn:
    """The turn, its row locked, as the viewer had read it. Raises `TurnUnknown`, `Stale`."""
    turn = await repository.get_for_update(session, turn_id)
    if turn is None or not sees_area(viewer, turn.area):
        raise TurnUnknown
    check_version(turn, expect)
    return turn


async def on_duty(session: AsyncSession, area: str, at: datetime) -> list[OnDuty]:
    """Who is on duty for the area at the instant, by role; of the nearest area around it that has some.

    Raises `AreaCodeInvalid`.
    """
    watches = (await rules.rules(session)).rosters
    turns = await repository.list_on_duty(session, around(area), at)
    if level_of(area) is AreaLevel.UNIT_GRID:
        turns = in_grid(turns, await grid_of(session, area, at))
    return [OnDuty(role, watch, nearest(turns, role)) for role, watch in watches.items()]


async def grid_of(session: AsyncSession, area: str, at: datetime) -> UUID | None:
    """The responsibility grid to which a unit grid belongs at the instant; None for a wider area."""
    grid = await responsibilities.of_unit_grid(session, area, local_date(at))
    return grid.id if grid else None


async def unit_grid_at(session: AsyncSession, point: tuple[float, float, Crs], at: datetime) -> str:
    """The unit grid of a point. Raises `CoordinateInvalid`, `OutsideArea`, `GeographyMissing`."""
    return (await places.locate(session, *point, on=local_date(at))).unit_grid


async def turns_at(session: AsyncSession, areas: Collection[str], at: datetime) -> Sequence[Turn]:
    """Who has a turn at the instant for one of the areas or an area around it."""
    return await repository.list_on_duty(session, {code for area in areas for code in around(area)}, at)


async def list_gaps(session: AsyncSession, area: str, monday: date, *, above: bool) -> list[Gap]:
    """When nobody is on duty for the area in the seven days from the day on (值班空档检查), by role.

    With `above`, whoever is on duty for an area around it counts too. Raises `AreaCodeInvalid`.
    """
    begin, end = week_of(monday)
    watches = (await rules.rules(session)).rosters
    turns = await repository.list_at_posts(session, around(area) if above else [area], begin, end)
    return [
        Gap(role, *gap)
        for role in watches
        for gap in gaps([turn for turn in turns if turn.role == role], begin, end)
    ]


def around(area: str) -> tuple[str, ...]:
    """The area and those around it. Raises `AreaCodeInvalid`."""
    return with_ancestors(check_code(area))


async def reveal(session: AsyncSession, turn: Turn, reason: str, *, actor: Actor, now: datetime) -> Turn:
    """Name and telephone in full, with a recorded reason (查看完整信息)."""
    told = ReporterRevealed(
        happened_at=now, subject_type="roster", subject_id=turn.id, fields=("name", "telephone"),
        purpose="contact",
    )  # fmt: skip
    change = Change("reveal", note=reason, fields={"turn": turn.id})
    await record_access(session, told, actor=actor, now=now, change=change)
    return turn


async def restate_rosters(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next turns stand. Answers the last id, None at the end."""
    rows = await repository.list_after(session, after, limit)
    await append_many(session, [Entry(_state(t, utc_now()), t.id, t.version, GRID) for t in rows])
    return rows[-1].id if rows else None


def _state(turn: Turn, now: datetime) -> RosterChanged:
    return RosterChanged(
        happened_at=now, role=turn.role, area=turn.area, starts_at=turn.starts_at, ends_at=turn.ends_at,
        cancelled=turn.cancelled_at is not None,
    )  # fmt: skip
