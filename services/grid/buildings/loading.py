"""Fill demonstration estates with addresses, buildings, walls and firms (演示), and let all estates be found.

Repeatable; what the office has entered stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.events.record import Change, Entry, append_many
from libs.common.policy import system_actor
from services.grid.addresses import service as addresses
from services.grid.buildings import generation, repository
from services.grid.buildings.generation import Made, Making
from services.grid.buildings.models import Building
from services.grid.buildings.service import state_of
from services.grid.places import service as places
from services.grid.places.domain import identity
from services.grid.places.service import EstateFilter, EstateState

ACTOR = system_actor("grid")
MOST = 10_000
"""Estates of one township at most."""


async def load_estates(session: AsyncSession, folder: Path) -> str:
    """The service's loader."""
    making = Making.model_validate(yaml.safe_load((folder / "estates.yaml").read_text("utf-8")))
    return await fill_estates(session, making, now=utc_now())


async def fill_estates(session: AsyncSession, making: Making, *, now: datetime) -> str:
    """Fill those of the townships that are not filled yet, and keep the names of all. `now` is UTC."""
    await places.allow_long_work(session)
    named = await places.names_of_estates(session)
    names = {key: addresses.names_of_estate(key, told) for key, told in named.items()}
    await addresses.keep(session, names)
    filled = 0
    for township in making.townships:
        wanted = EstateFilter(township, local_date(now))
        states = await places.list_estates(session, wanted, after=None, limit=MOST)
        fresh = [state for state in states if state.estate.demonstration and not state.estate.aliases]
        filled += await _fill(session, fresh, making, now)
    return f"{len(named)} estates can be found by name; {filled} (演示) filled with buildings and walls"


async def _fill(session: AsyncSession, states: Sequence[EstateState], making: Making, now: datetime) -> int:
    codes = [min(row.area_code for row in state.covers) for state in states]
    rings = await places.rings_of(session, codes, on=local_date(now))
    made = {
        state.estate.id: (state, generation.fill(code, state.estate.mode, rings[code], number, making))
        for number, (state, code) in enumerate(zip(states, codes, strict=True))
        if code in rings
    }
    for state, told in made.values():
        await _estate(session, state, told, making, now)
    if made:
        await _tell_estates(session, made, now)
        await _buildings(session, made, making, now)
        await places.touch_walls(session)
    return len(made)


async def _estate(
    session: AsyncSession, state: EstateState, told: Made, making: Making, now: datetime
) -> None:
    estate = state.estate
    estate.aliases, estate.wall = [told.alias], list(told.wall)
    if told.firm is not None:
        first = generation.managed_by(told.firm, state.periods[0], making.source)
        await places.put_first_period(session, estate.id, first, now=now)


async def _tell_estates(
    session: AsyncSession, made: Mapping[UUID, tuple[EstateState, Made]], now: datetime
) -> None:
    """One more version, history row and event for each."""
    rows = [state.estate for state, _ in made.values()]
    for estate in rows:
        estate.version += 1
    await session.flush()
    await places.put_words(session, {row.id: " ".join([row.name, *row.aliases]) for row in rows})
    names = {row.id: addresses.names_of_estate(row.id, [row.name, *row.aliases]) for row in rows}
    await addresses.keep(session, names)
    states = await places.with_states(session, rows)
    step = Change("load")
    await append_many(
        session,
        [
            Entry(places.state_told(s, now), s.estate.id, s.estate.version, ACTOR, at=now, change=step)
            for s in states
        ],
    )


async def _buildings(
    session: AsyncSession, made: Mapping[UUID, tuple[EstateState, Made]], making: Making, now: datetime
) -> None:
    rows = [
        Building(
            id=identity("building", f"{state.estate.id}/{one.number}"), version=1, estate_id=state.estate.id,
            number=one.number, aliases=list(one.aliases), floors=one.floors,
            has_lift=one.floors >= generation.LIFT_FROM, lon=one.point[0], lat=one.point[1],
            valid_from=state.estate.valid_from, source=making.source, demonstration=True,
        )
        for state, told in made.values()
        for one in told.buildings
    ]  # fmt: skip
    held = await repository.known(session, [row.id for row in rows])
    fresh = [row for row in rows if row.id not in held]
    await repository.add_all(session, fresh)
    names = {
        row.id: addresses.names_of_building(row.id, row.estate_id, row.number, row.aliases, None)
        for row in fresh
    }
    await addresses.keep(session, names)
    step = Change("load")
    entries = [Entry(state_of(row, now), row.id, 1, ACTOR, at=now, change=step) for row in fresh]
    for start in range(0, len(entries), 1_000):
        await append_many(session, entries[start : start + 1_000])
