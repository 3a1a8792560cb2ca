"""Use cases of routing: propose a unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.routing import repository
from services.grid.routing.domain import Proposal, Rule, UnitUnknown, in_force, proposals, scopes_of
from services.grid.routing.models import KnownUnit as KnownUnit


@dataclass(frozen=True)
class ProposedUnit:
    """A proposal with the unit's own state."""

    proposal: Proposal
    unit: KnownUnit


async def propose(session: AsyncSession, category: str, area: str, day: date) -> Sequence[ProposedUnit]:
    """The units that the duty list names for the category at the place on the day, best first."""
    rows = await repository.list_duties(session, category, scopes_of(area))
    rules = [
        Rule(
            duty_id=row.id,
            area=row.area,
            lead=tuple(row.lead_unit_ids),
            cooperating=tuple(row.cooperating_unit_ids),
            valid_from=row.valid_from,
            source=row.source,
            demonstration=row.demonstration,
        )
        for row in rows
        if in_force(row.valid_from, row.valid_to, day)
    ]
    units = await _units_in_force(session, {u for r in rules for u in (*r.lead, *r.cooperating)}, day)
    return [ProposedUnit(p, units[p.unit_id]) for p in proposals(rules, frozenset(units))]


async def unit_in_force(session: AsyncSession, unit_id: UUID, day: date) -> KnownUnit:
    """The unit that work may be given to. Raises `UnitUnknown`."""
    found = await find_in_force(session, unit_id, day)
    if found is None:
        raise UnitUnknown(unit_id=str(unit_id), pointer="/unit_id")
    return found


async def find_in_force(session: AsyncSession, unit_id: UUID, day: date) -> KnownUnit | None:
    """The same; None if there is none."""
    return (await _units_in_force(session, {unit_id}, day)).get(unit_id)


async def check_in_force(session: AsyncSession, unit_ids: Iterable[UUID], day: date, pointer: str) -> None:
    """Raise `UnitUnknown` for the first that work may not be given to."""
    wanted = list(unit_ids)
    found = await _units_in_force(session, set(wanted), day)
    for unit_id in wanted:
        if unit_id not in found:
            raise UnitUnknown(unit_id=str(unit_id), pointer=pointer)


async def nearest(session: AsyncSession, kinds: Sequence[str], area: str, day: date) -> UUID | None:
    """The unit in force of the first of these kinds that there is around the area, the narrowest one."""
    rows = await repository.list_of_kinds(session, kinds, scopes_of(area))
    there = [unit for unit in rows if in_force(unit.valid_from, unit.valid_to, day) and not unit.is_group]
    ranked = sorted(there, key=lambda unit: (kinds.index(unit.kind), -len(unit.area), unit.code))
    return ranked[0].id if ranked else None


async def names(session: AsyncSession, unit_ids: Iterable[UUID]) -> dict[UUID, KnownUnit]:
    """The units with these ids, ended or not."""
    return {unit.id: unit for unit in await repository.list_units(session, unit_ids)}


async def _units_in_force(session: AsyncSession, unit_ids: set[UUID], day: date) -> dict[UUID, KnownUnit]:
    rows = await repository.list_units(session, unit_ids) if unit_ids else []
    return {
        unit.id: unit for unit in rows if in_force(unit.valid_from, unit.valid_to, day) and not unit.is_group
    }
