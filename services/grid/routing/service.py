"""Use cases of routing: propose a unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.routing import repository
from services.grid.routing.domain import (
    Place,
    Proposal,
    RelationUnknown,
    Rule,
    UnitUnknown,
    fits,
    in_force,
    proposals,
    scopes_of,
)
from services.grid.routing.models import KnownDuty
from services.grid.routing.models import KnownUnit as KnownUnit
from services.grid.rules import service as rules


@dataclass(frozen=True)
class ProposedUnit:
    """A proposal with the unit's own state."""

    proposal: Proposal
    unit: KnownUnit


async def propose(session: AsyncSession, place: Place, day: date) -> Sequence[ProposedUnit]:
    """The units that the duty list names for the place on the day, best first; the police last where they
    support it (公安配合). Nothing, if no row fits: then the dispatcher decides."""
    rows = await repository.list_duties(session, place.categories, scopes_of(place.area))
    found = [rule for rule in _rules(rows, day) if fits(rule, place)]
    units = await _units_in_force(session, {u for r in found for u in (*r.lead, *r.cooperating)}, day)
    proposed = [ProposedUnit(p, units[p.unit_id]) for p in proposals(found, frozenset(units))]
    return [*proposed, *await _police(session, proposed, place.area, day)]


async def _police(
    session: AsyncSession, proposed: Sequence[ProposedUnit], area: str, day: date
) -> Sequence[ProposedUnit]:
    """The nearest police unit, if the rule wants it and does not name it itself."""
    kinds = (await rules.rules(session)).sharing.police_units
    if not proposed or not kinds or not proposed[0].proposal.rule.police_support:
        return []
    if any(each.unit.kind in kinds for each in proposed):
        return []
    unit_id = await nearest(session, kinds, area, day)
    if unit_id is None:
        return []
    unit = (await names(session, [unit_id]))[unit_id]
    return [ProposedUnit(Proposal(unit_id, "cooperating", proposed[0].proposal.rule), unit)]


async def relation_name(session: AsyncSession, relation: str | None) -> str | None:
    """What people call the relation; None for none. Raises `RelationUnknown`."""
    if relation is None:
        return None
    known = (await rules.rules(session)).relations
    if relation not in known:
        raise RelationUnknown(relation=relation, pointer="/relation")
    return known[relation].zh


def _rules(rows: Sequence[KnownDuty], day: date) -> list[Rule]:
    return [
        Rule(
            duty_id=row.id,
            category=row.category,
            area=row.area,
            lead=tuple(row.lead_unit_ids),
            cooperating=tuple(row.cooperating_unit_ids),
            valid_from=row.valid_from,
            source=row.source,
            demonstration=row.demonstration,
            relation=row.relation,
            police_support=row.police_support,
        )
        for row in rows
        if in_force(row.valid_from, row.valid_to, day)
    ]


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
