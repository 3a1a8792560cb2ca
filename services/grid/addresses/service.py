"""Use cases of the addresses: keep what is known, find what a text means. Nothing here commits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.areas import with_ancestors
from services.grid.addresses import repository
from services.grid.addresses.domain import (
    LONGEST_KEY,
    SHORTEST_KEY,
    Candidate,
    Named,
    best_names,
    certainty,
    house_after,
    keys_in,
    normal,
    normal_number,
    ranked,
)
from services.grid.places import service as places

keep = repository.replace_names
"""Let each estate or building have exactly these names."""


def names_of_estate(estate_id: UUID, names: Iterable[str]) -> list[Named]:
    """What an estate is found by."""
    return [Named(key, estate_id, estate_id) for key in _keys(names)]


def names_of_building(
    building_id: UUID, estate_id: UUID, number: str, aliases: Iterable[str], area: str | None
) -> list[Named]:
    """What a building is found by: its number behind any name of its estate, and addresses of its own.

    `area`: the unit grid in which it stands, if that is known.
    """
    keys = [f"#{building_id}", *_keys(aliases)]  # the first occurs in no text: found by the number alone
    return [Named(key, building_id, estate_id, normal_number(number), area) for key in keys]


def _keys(names: Iterable[str]) -> list[str]:
    keys = {normal(name): None for name in names}
    return [key for key in keys if SHORTEST_KEY <= len(key) <= LONGEST_KEY]


async def find(session: AsyncSession, text: str, *, on: date) -> list[Candidate]:
    """The estates and buildings in force that an address may mean, the surest first; there may be none."""
    said = normal(text)
    names = best_names(await repository.list_named(session, keys_in(said)))
    states = {
        state.estate.id: state
        for state in await places.estates_in_force(session, [name.estate_id for name in names], on=on)
    }
    there = [name for name in names if name.estate_id in states]
    buildings = await _buildings(session, said, there)
    found = []
    for name in there:
        meant, state = buildings.get(name.estate_id, name), states[name.estate_id]
        area = meant.area or state.neighbourhood(on)
        if area is not None:
            found.append(
                Candidate(
                    meant.estate_id, state.estate.name, area, certainty(meant),
                    meant.target_id if meant.number else None, meant.number,
                )
            )  # fmt: skip
    return ranked(found, await _named_around(session, said, found))


async def _buildings(session: AsyncSession, said: str, names: Sequence[Named]) -> Mapping[UUID, Named]:
    """The building that the text names behind an estate's name, by the estate."""
    wanted = {
        (name.estate_id, house)
        for name in names
        if name.number is None and (house := house_after(said, name.key)) is not None
    }
    return {one.estate_id: one for one in await repository.list_buildings(session, wanted)}


async def _named_around(session: AsyncSession, said: str, found: Collection[Candidate]) -> list[UUID]:
    """The estates around which the text names an area, such as their district."""
    codes = {code for one in found for code in with_ancestors(one.area[:12]) if len(code) > 4}
    names = {area.code: normal(area.name) for area in await places.areas_with(session, codes)}
    spoken = {code for code, name in names.items() if name in said}
    return [one.estate_id for one in found if spoken & set(with_ancestors(one.area[:12]))]


async def resolve(session: AsyncSession, text: str, *, on: date) -> Candidate | None:
    """The one place that an address means, if it is as sure as the geography asks for; None otherwise."""
    found = await find(session, text, on=on)
    if not found or found[0].confidence < await places.address_least(session):
        return None
    return found[0]
