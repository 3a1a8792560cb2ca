"""Use cases of repair orders: who is proposed, send, list. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.rules.domain import RuleUnknown
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.catalogue import service as catalogue
from services.grid.dispatches import service as dispatches
from services.grid.dispatches.domain import Order, Repair
from services.grid.lifecycle.domain import CaseAction
from services.grid.places import service as places
from services.grid.repairs import repository
from services.grid.repairs.domain import (
    NobodyToRepair,
    Receiver,
    RepairGiven,
    arrival_due,
    class_of,
    fallback_unit,
    kinds_of,
    known_class,
    order_of,
)
from services.grid.repairs.repository import Open as Open
from services.grid.routing import service as routing
from services.grid.routing.service import KnownUnit
from services.grid.rules import service as rules
from services.grid.rules.domain import RepairClass, Repairing


@dataclass(frozen=True)
class Proposed:
    """A unit proposed for a repair, and as what (拟派承修单位)."""

    receiver: Receiver
    unit: KnownUnit


@dataclass(frozen=True)
class Proposal:
    """What the rules say of a repair (报修建议): its class, by when to come, how the estate is managed."""

    urgency: str
    found: RepairClass
    arrive_due_at: datetime
    mode: str | None
    units: Sequence[Proposed]


async def propose(session: AsyncSession, case_id: UUID, urgency: str | None, by: By) -> Proposal:
    """What the rules propose for the case, as if it were sent now. Raises `RepairClassUnknown`."""
    assert by.viewer is not None, "a person asks"
    return await _proposal(session, await cases.find(session, case_id, by.viewer), urgency, by.now)


async def _proposal(session: AsyncSession, case: Case, urgency: str | None, now: datetime) -> Proposal:
    told, classes = await _rules(session)
    name = urgency or class_of(told, case.category, await _standard(session, case))
    found = known_class(classes, name)
    mode = None
    if case.estate_id is not None:
        mode = (await places.find_estate(session, case.estate_id)).estate.mode
    units = [
        Proposed(receiver, unit)
        for receiver in order_of(told, found, mode)
        if (unit := await _unit_for(session, told, receiver, case.area, now)) is not None
    ]
    return Proposal(name, found, arrival_due(found, now), mode, units)


async def _rules(session: AsyncSession) -> tuple[Repairing, dict[str, RepairClass]]:
    in_force = await rules.rules(session)
    if in_force.repairing is None:
        raise RuleUnknown(key="repairing")
    return in_force.repairing, in_force.repairs


async def _standard(session: AsyncSession, case: Case) -> str:
    return (await catalogue.standard(session, case.standard_id)).code if case.standard_id else ""


async def _unit_for(
    session: AsyncSession, told: Repairing, receiver: Receiver, area: str, now: datetime
) -> KnownUnit | None:
    """The unit in force that stands for the receiver at the place; one that has ended gives way."""
    day = local_date(now)
    named = fallback_unit(told, area) if receiver is Receiver.FALLBACK else None
    nearest = await routing.nearest(session, kinds_of(told, receiver), area, day)
    for unit_id in (named, nearest):
        if unit_id is not None and (unit := await routing.find_in_force(session, unit_id, day)) is not None:
            return unit
    return None


async def send(session: AsyncSession, case_id: UUID, given: RepairGiven, *, by: By) -> Case:
    """Give the case to who repairs it (报修派单): the unit named, else the first one proposed by rule.

    A firm is never told who reported. Raises `NobodyToRepair`, `RepairClassUnknown`, `RuleUnknown`, and what
    a dispatch raises.
    """
    case = await cases.locked(session, case_id, by)
    cases.begin(case, CaseAction.DISPATCH, by)
    proposal = await _proposal(session, case, given.urgency, by.now)
    unit = await _chosen(session, given.unit_id, proposal, by.now)
    told, _ = await _rules(session)
    finish = proposal.found.finish
    order = Order(
        unit_id=unit.id, level=given.level, note=given.note,
        withhold_reporter=given.withhold_reporter or unit.kind in told.firms,
        repair=Repair(proposal.urgency, proposal.arrive_due_at, finish.limit if finish else None),
    )  # fmt: skip
    return await dispatches.dispatch(session, case_id, order, by=by)


async def _chosen(
    session: AsyncSession, unit_id: UUID | None, proposal: Proposal, now: datetime
) -> KnownUnit:
    if unit_id is not None:
        return await routing.unit_in_force(session, unit_id, local_date(now))
    if not proposal.units:
        raise NobodyToRepair
    return proposal.units[0].unit


list_open = repository.list_open
"""Statement that the routes need as it is."""
