"""Use cases of the estates: register, change, say who manages one, give it a wall. Nothing here commits.

What the office has changed is its own: it is no demonstration any more, and no loading puts it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.coordinates import Crs
from libs.common.events.models import History
from libs.common.events.record import Change, record
from libs.common.ids import new_id
from libs.common.policy import Actor, Principal, require_area
from libs.common.versions import check_version
from services.grid.addresses import service as addresses
from services.grid.estates import repository
from services.grid.estates.domain import (
    EstateFields,
    areas_of,
    check_estate,
    check_period,
    wall_of,
)
from services.grid.places import service as places
from services.grid.places.domain import ManagementMode, Period
from services.grid.places.service import Estate, EstateState
from services.grid.routing import service as routing


@dataclass(frozen=True)
class By:
    """Who asks, seeing what, when (UTC)."""

    actor: Actor
    viewer: Principal
    now: datetime

    @property
    def today(self) -> date:
        """The day in Shanghai."""
        return local_date(self.now)


async def register(session: AsyncSession, fields: EstateFields, mode: ManagementMode, by: By) -> EstateState:
    """A new estate (登记小区), managed in that mode from its first day.

    Raises `AreaCodeInvalid`, `EstateCoverTooWide`, `EstateDatesInverted`, `NotFound` outside one's area, and
    `AreaUnknown`, `UnitGridUnknown` for what it covers.
    """
    await _check(session, fields, by)
    estate = Estate(id=new_id(), version=0, mode=mode, demonstration=False, wall=None, wall_given=None)
    _put(estate, fields)
    session.add(estate)
    await session.flush()
    since = fields.valid_from or by.today
    await places.put_covers(session, estate.id, fields.covers, since=since)
    return await _told(session, estate, Change("register"), by)


async def change(
    session: AsyncSession, estate_id: UUID, changes: Mapping[str, Any], *, expect: int, by: By
) -> EstateState:
    """Another name, other addresses, another coverage from today on, or its end (变更小区).

    Raises `EstateUnknown`, `Stale`, and what `register` raises.
    """
    state = await locked(session, estate_id, expect, by)
    estate = state.estate
    before = fields_of(state, by.today)
    after = replace(before, **changes)
    await _check(session, after, by)
    _put(estate, after)
    if set(after.covers) != set(before.covers):
        await places.put_covers(session, estate.id, after.covers, since=by.today)
    if "valid_to" in changes and estate.wall is not None:
        await places.touch_walls(session)
    told = {name: {"from": getattr(before, name), "to": getattr(after, name)} for name in changes}
    return await _told(session, estate, Change("change", fields=told), by)


async def manage(
    session: AsyncSession, estate_id: UUID, period: Period, *, expect: int, by: By
) -> EstateState:
    """Say who manages it from a day on (变更管理状态): a firm takes over or leaves, nobody does.

    Raises `EstateUnknown`, `Stale`, `UnitUnknown`, `ManagementIncomplete`, `ManagementInFuture`,
    `ManagementNotLater`.
    """
    state = await locked(session, estate_id, expect, by)
    last = state.periods[-1]
    check_period(period, last, by.today)
    if period.fallback_unit_id is not None:
        units = [period.fallback_unit_id]
        await routing.check_in_force(session, units, by.today, "/fallback_unit_id")
    await places.put_period(session, state, period, now=by.now)
    fields = {"since": period.since, "from": last.mode, "to": period.mode, "firm": period.firm_name}
    step = Change("manage", note=period.reason, fields=fields)
    return await _told(session, state.estate, step, by)


async def put_wall(
    session: AsyncSession,
    estate_id: UUID,
    given: tuple[Sequence[tuple[float, float]], Crs] | None,
    *,
    expect: int,
    by: By,
) -> EstateState:
    """Say where the estate's wall is (围墙边界), or that nobody knows; what is located follows at once.

    Raises `EstateUnknown`, `Stale`, `WallInvalid`, `CoordinateInvalid`.
    """
    estate = (await locked(session, estate_id, expect, by)).estate
    estate.wall = wall_of(*given) if given else None
    estate.wall_given = {"ring": given[0], "crs": given[1]} if given else None
    await places.touch_walls(session)
    corners = len(estate.wall or ()) // 2
    return await _told(session, estate, Change("put-wall", fields={"corners": corners}), by)


async def history(session: AsyncSession, estate_id: UUID, viewer: Principal) -> Sequence[History]:
    """Every change of the estate. Raises `EstateUnknown`, `NotFound` outside one's area."""
    require_scope(viewer, await places.find_estate(session, estate_id))
    return await repository.list_history(session, estate_id)


async def locked(session: AsyncSession, estate_id: UUID, expect: int, by: By) -> EstateState:
    """The estate, its row locked, as the caller has read it. Raises `EstateUnknown`, `NotFound`, `Stale`."""
    state = await places.estate_for_update(session, estate_id)
    require_scope(by.viewer, state)
    check_version(state.estate, expect)
    return state


def require_scope(viewer: Principal, state: EstateState) -> None:
    """Raise `NotFound` unless all that the estate covers lies in the viewer's area."""
    for code in {row.area_code for row in state.covers if row.valid_to is None}:
        require_area(viewer, code)


async def _check(session: AsyncSession, fields: EstateFields, by: By) -> None:
    check_estate(fields)
    for code in fields.covers:
        require_area(by.viewer, code)
    await places.require_known(session, {*fields.covers, *areas_of(fields.covers)})


def fields_of(state: EstateState, on: date) -> EstateFields:
    """The estate as plain values, as it covers on the day or later."""
    estate = state.estate
    codes = {row.area_code for row in state.covers if row.valid_to is None or on <= row.valid_to}
    return EstateFields(
        estate.name, tuple(estate.aliases), tuple(sorted(codes)), estate.valid_from, estate.valid_to,
        estate.source,
    )  # fmt: skip


def _put(estate: Estate, fields: EstateFields) -> None:
    estate.name, estate.aliases, estate.source = fields.name, list(fields.aliases), fields.source
    estate.valid_from, estate.valid_to = fields.valid_from, fields.valid_to


async def _told(session: AsyncSession, estate: Estate, step: Change, by: By) -> EstateState:
    """Record the change, and let the estate be found by its names."""
    estate.demonstration = False
    names = [estate.name, *estate.aliases]
    await session.flush()
    await places.put_words(session, {estate.id: " ".join(names)})
    await addresses.keep(session, {estate.id: addresses.names_of_estate(estate.id, names)})
    (state,) = await places.with_states(session, [estate])
    await record(session, estate, places.state_told(state, by.now), actor=by.actor, now=by.now, change=step)
    return state
