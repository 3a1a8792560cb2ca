"""Use cases of who has a case: give it to one more, tell all of a change. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.handover import service as handovers
from libs.common.handover.models import OutgoingHandover
from libs.common.handover.orders import Amendment, Joint
from services.grid.cases.service import By, Case
from services.grid.dispatches import service as dispatches
from services.grid.dispatches.domain import HANDOVER_KIND, NotPartner, Order, UnitHasIt
from services.grid.dispatches.service import Dispatch
from services.grid.routing import service as routing


async def share(
    session: AsyncSession, case: Case, lead: Dispatch, order: Order, due_at: datetime | None, by: By
) -> Dispatch:
    """Give the case to one more unit beside the lead, by a handover of its own (会同处置).

    Raises `UnitUnknown`, `UnitHasIt`.
    """
    assert order.unit_id is not None, "who is beside the lead is a unit"
    await routing.unit_in_force(session, order.unit_id, local_date(by.now))
    if any(row.unit_id == order.unit_id for row in await dispatches.holders(session, case)):
        raise UnitHasIt(unit_id=str(order.unit_id), pointer="/unit_id")
    lead.joint_id = lead.joint_id or lead.handover_id or lead.id
    asked = await dispatches.request_of(session, case, order)
    request = replace(asked, due_at=due_at or case.due_at, joint=Joint(lead.joint_id, lead=False))
    handover_id = await dispatches.hand_over(session, case, HANDOVER_KIND, request, None, by)
    row = Dispatch(
        case_id=case.id, round=case.round, category=case.category, area=case.area, unit_id=order.unit_id,
        handover_id=handover_id, joint_id=lead.joint_id, lead=False, level=case.level, note=order.note,
        dispatched_at=by.now, dispatched_by=by.actor.subject, due_at=request.due_at,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


@dataclass(frozen=True)
class Told:
    """What has changed for those that have the case: the deadline was `before`; `but`: who knows already."""

    amendment: Amendment
    before: datetime | None
    but: UUID | None = None


async def amend(session: AsyncSession, case: Case, told: Told, by: By) -> None:
    """Tell every unit that works on it; who has a limit of its own beside the lead keeps it."""
    for row in await dispatches.holders(session, case):
        if row.unit_id is None or row.handover_id is None or row.answered_at is not None:
            continue
        knows = row.handover_id == told.but
        follows = knows or row.lead or row.due_at == told.before
        given = told.amendment if follows else replace(told.amendment, due_at=None)
        if not knows and (follows or given.category is not None):
            await handovers.change(session, row.handover_id, given, actor=by.actor, now=by.now)
        row.due_at = given.due_at or row.due_at


async def suspended(session: AsyncSession, case: Case) -> list[Dispatch]:
    """The units whose clock stands with the case's, the lead first."""
    found = []
    for row in await dispatches.holders(session, case):
        handover = await session.get(OutgoingHandover, row.handover_id) if row.handover_id else None
        if handover is not None and handover.suspended_at is not None:
            found.append(row)
    return found


async def has(session: AsyncSession, case: Case, unit_id: UUID | None) -> bool:
    """Whether the unit is one of those that have the case."""
    if unit_id is None:
        return False
    return any(row.unit_id == unit_id for row in await dispatches.having(session, case))


async def to_rework(session: AsyncSession, case: Case, unit_ids: Sequence[UUID]) -> list[Dispatch]:
    """Whose work it is that the check refused: these units', else the lead's. Raises `NotPartner`."""
    having_it = await dispatches.having(session, case)
    unknown = set(unit_ids) - {row.unit_id for row in having_it}
    if unknown:
        raise NotPartner(unit_id=str(min(unknown)), pointer="/unit_ids")
    return [row for row in having_it if (row.unit_id in unit_ids if unit_ids else row.lead)]
