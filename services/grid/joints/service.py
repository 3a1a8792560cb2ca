"""Use cases of joint handling: give out, join, release, designate, and what units say. Nothing commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.cases import CaseCooperated
from libs.common.contracts.handover import Answered, FirstContactMade, Progressed
from libs.common.handover import service as handovers
from libs.common.handover.domain import State as HandoverState
from libs.common.handover.models import OutgoingHandover
from libs.common.ids import new_id
from services.grid.cases import service as cases
from services.grid.cases.domain import CaseNotFound
from services.grid.cases.service import By, Case
from services.grid.deferrals import service as deferrals
from services.grid.dispatches import service as dispatches
from services.grid.dispatches.domain import DispatchEnd, NotPartner, Order, complete
from services.grid.dispatches.service import Dispatch
from services.grid.disposals import service as disposals
from services.grid.disposals.domain import came_on_time
from services.grid.holdings import service as holdings
from services.grid.joints.domain import (
    NobodyLeads,
    PartAnswered,
    Partner,
    PartStep,
    check_limit,
    check_partners,
    first_return,
    said_of,
)
from services.grid.lifecycle.domain import LIFE, WITH_HANDLER, CaseAction, CaseState, PhotoStage

NOT_OUR_DUTY = "not-our-duty"
NOT_AT_WORK = (PartStep.ANSWERED, PartStep.RETURNED, PartStep.RELEASED)
"""After these the unit needs no more time: what it asked for lapses."""


async def dispatch(
    session: AsyncSession, case_id: UUID, order: Order, partners: Sequence[Partner], *, by: By
) -> Case:
    """Give the case to a lead and to units beside it, one handover each (会同派遣).

    Raises `PartnersWrong`, `PartLimitWrong`, and what dispatching raises.
    """
    check_partners(order.unit_id, partners)
    shared = replace(order, joint_id=new_id()) if partners and order.unit_id else order
    case = await dispatches.dispatch(session, case_id, shared, by=by)
    for partner in partners:
        await _join(session, case, partner, By(by.actor, by.now))
    return case


async def join(session: AsyncSession, case_id: UUID, partner: Partner, *, by: By) -> Case:
    """One more unit beside who leads (增加会同单位). Raises `NobodyLeads`, `UnitHasIt`, `PartLimitWrong`."""
    return await _join(session, await cases.locked(session, case_id, by), partner, by)


async def beside(session: AsyncSession, case: Case, unit_ids: Sequence[UUID], note: str, by: By) -> None:
    """Units beside who leads, where the service itself adds them (会商分工)."""
    there = {row.unit_id for row in await dispatches.having(session, case)}
    for unit_id in unit_ids:
        if unit_id not in there:
            await _join(session, case, Partner(unit_id, note=note), by)


async def _join(session: AsyncSession, case: Case, partner: Partner, by: By) -> Case:
    step = cases.begin(case, CaseAction.COOPERATE, by)
    lead = await dispatches.current(session, case.id)
    if lead is None or case.state not in WITH_HANDLER:
        raise NobodyLeads
    check_limit(partner.due_at, case.due_at, by.now)
    order = Order(unit_id=partner.unit_id, note=partner.note, withhold_reporter=partner.withhold_reporter)
    part = await holdings.share(session, case, lead, order, partner.due_at, by)
    return await _tell(session, step, part, PartStep.JOINED, partner.note)


async def _tell(
    session: AsyncSession, step: cases.Step, part: Dispatch, what: PartStep, note: str | None
) -> Case:
    """The step of one unit; it moves the case only when everybody who has it has answered."""
    case, by = step.case, step.by
    if what in NOT_AT_WORK:
        await deferrals.lapse(session, case, part.handover_id)
    having = await dispatches.having(session, case)
    case.joint_returned_at = first_return(having)
    said = {"of_unit_id": part.unit_id, "step": what.value}
    told = {"of_unit_id": str(part.unit_id), "step": what.value}
    await cases.finish(session, step, CaseCooperated, note=note, fields=told, facts=said)
    if case.state != CaseState.RETURNED and complete(having):
        await disposals.all_answered(session, case, by)
    return case


async def _part(session: AsyncSession, case: Case, unit_id: UUID) -> Dispatch:
    for row in await dispatches.having(session, case):
        if row.unit_id == unit_id and not row.lead:
            return row
    raise NotPartner(unit_id=str(unit_id), pointer="/unit_id")


async def release(session: AsyncSession, case_id: UUID, unit_id: UUID, *, reason: str, by: By) -> Case:
    """Take a unit beside the lead out of it, or agree to its return (会同单位退出).

    What it says after that is recorded, not applied. Raises `NotPartner`, `PartAnswered`.
    """
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.COOPERATE, by)
    part = await _part(session, case, unit_id)
    assert part.handover_id is not None, "a unit has it by a handover"
    if part.answered_at is not None:
        raise PartAnswered
    if part.returned_at is not None:
        await handovers.take_back(session, part.handover_id, note=reason, actor=by.actor, now=by.now)
        part.end = DispatchEnd.RETURNED
    else:
        await handovers.withdraw(session, part.handover_id, note=reason, actor=by.actor, now=by.now)
        part.end, part.reason = DispatchEnd.RECALLED, reason
    part.ended_at = by.now
    return await _tell(session, step, part, PartStep.RELEASED, reason)


async def designate(session: AsyncSession, case_id: UUID, unit_id: UUID, *, reason: str, by: By) -> Case:
    """A unit beside the lead must do its part and may not return it (again) (指定会同).

    Raises `NotPartner`, `PartAnswered`.
    """
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.COOPERATE, by)
    part = await _part(session, case, unit_id)
    assert part.handover_id is not None, "a unit has it by a handover"
    if part.answered_at is not None:
        raise PartAnswered
    row = await handovers.designate(session, part.handover_id, note=reason, actor=by.actor, now=by.now)
    if row.state == HandoverState.SIGNED and part.returned_at and row.extension_until is not None:
        await handovers.refuse_extension(
            session, row.id, note="指定处置，可重新申请延期", actor=by.actor, now=by.now
        )
    part.returned_at = part.reason_code = part.reason = None
    part.designated_at = by.now
    return await _tell(session, step, part, PartStep.DESIGNATED, reason)


async def _held(session: AsyncSession, handover: OutgoingHandover, by: By) -> tuple[Case, Dispatch] | None:
    """The case, locked, and the part that a unit beside the lead has of it by this handover."""
    try:
        case = await cases.locked(session, handover.subject_id, by)
    except CaseNotFound:
        return None
    part = await dispatches.of_handover(session, handover.id)
    fits = (CaseState(case.state), CaseAction.COOPERATE) in LIFE.table
    return (case, part) if part is not None and fits else None


async def signed(session: AsyncSession, handover: OutgoingHandover, by: By) -> None:
    """It has signed (签收)."""
    if (held := await _held(session, handover, by)) is None:
        return
    case, part = held
    part.signed_at, case.unsigned_at = by.now, None
    step = cases.begin(case, CaseAction.COOPERATE, by)
    await _tell(session, step, part, PartStep.SIGNED, None)


async def contacted(
    session: AsyncSession, handover: OutgoingHandover, event: FirstContactMade, by: By
) -> None:
    """It has spoken to the reporter, or has not (先行联系)."""
    await _progressed(session, handover, said_of(event), (), by)


async def progressed(session: AsyncSession, handover: OutgoingHandover, event: Progressed, by: By) -> None:
    """It says how far it is (进展)."""
    await _progressed(session, handover, event.note, tuple(ref.hash for ref in event.media), by)


async def _progressed(
    session: AsyncSession, handover: OutgoingHandover, note: str, photos: tuple[str, ...], by: By
) -> None:
    if (held := await _held(session, handover, by)) is None:
        return
    case, part = held
    step = cases.begin(case, CaseAction.COOPERATE, by)
    await cases.add_photos(session, case, photos, PhotoStage.AFTER, by)
    await _tell(session, step, part, PartStep.PROGRESSED, note)


async def returned(session: AsyncSession, handover: OutgoingHandover, note: str, by: By) -> None:
    """It returns its part (退单): the others go on, the dispatcher decides."""
    if (held := await _held(session, handover, by)) is None:
        return
    case, part = held
    step = cases.begin(case, CaseAction.COOPERATE, by)
    part.returned_at, part.reason_code, part.reason = by.now, NOT_OUR_DUTY, note
    await _tell(session, step, part, PartStep.RETURNED, note)


async def asking(session: AsyncSession, handover: OutgoingHandover, by: By) -> Case | None:
    """The case of a unit beside the lead that asks for more time, if that can be decided now."""
    held = await _held(session, handover, by)
    return held[0] if held is not None and held[0].state in WITH_HANDLER else None


async def answered(session: AsyncSession, handover: OutgoingHandover, event: Answered, by: By) -> None:
    """It answers (反馈): its own verdict by its own limit; the last of all brings the case to the check."""
    if (held := await _held(session, handover, by)) is None:
        return
    case, part = held
    step = cases.begin(case, CaseAction.COOPERATE, by)
    case.handlers = sorted({*case.handlers, event.by})
    photos = tuple(ref.hash for ref in event.outcome.media)
    await cases.add_photos(session, case, photos, PhotoStage.AFTER, by)
    part.answered_at = event.happened_at
    if handover.due_at is not None:
        part.due_at = handover.due_at
        part.on_time = came_on_time(event.happened_at, handover.due_at, handover.suspended_at)
    await _tell(session, step, part, PartStep.ANSWERED, event.outcome.summary)
