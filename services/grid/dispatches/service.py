"""Use cases of the command hand: propose, dispatch, designate, take back, urge. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.cases import (
    CaseDesignated,
    CaseDispatched,
    CaseRecalled,
    CaseSentBack,
    CaseStarted,
    CaseSupplemented,
    CaseUrged,
)
from libs.common.contracts.handover import MediaRef
from libs.common.handover import service as handovers
from libs.common.handover.domain import State as HandoverState
from libs.common.handover.models import OutgoingHandover
from libs.common.handover.orders import Joint, Subject
from libs.common.handover.orders import Order as HandoverOrder
from services.grid.briefings import service as briefings
from services.grid.briefings.service import Asked
from services.grid.cases import service as cases
from services.grid.cases.domain import Clock, deadline, limit_of
from services.grid.cases.service import By, Case
from services.grid.dispatches import repository
from services.grid.dispatches.domain import (
    DispatchEnd,
    Order,
    Repair,
    StudyNeeded,
    UnitHasIt,
    check_order,
    default_level,
)
from services.grid.dispatches.models import Dispatch as Dispatch
from services.grid.levels.domain import check_capable, higher
from services.grid.lifecycle.domain import CaseAction, CaseState, PhotoStage
from services.grid.places import service as places
from services.grid.routing import service as routing
from services.grid.routing.domain import Place, relations_of, words
from services.grid.routing.service import ProposedUnit
from services.grid.rules import service as rules
from services.grid.terms.service import terms

RETURNS_COUNTED = timedelta(days=365)
MOST_REASONS = 3


@dataclass(frozen=True)
class Proposed:
    """A proposed unit with what is known of its returns (拟派单位)."""

    unit: ProposedUnit
    words: str
    returned_here: Sequence[Dispatch]
    returns_in_a_year: int


@dataclass(frozen=True)
class Returns:
    """What a unit returned of a category around here (同类退单)."""

    unit_id: UUID
    unit_zh: str
    count: int
    last_at: datetime
    reasons: Sequence[str | None]


async def propose(session: AsyncSession, case: Case, relation: str | None, now: datetime) -> list[Proposed]:
    """The units that the duty list names for the case, with the rule and the returns.

    `relation`: what the dispatcher knows beyond wall and estate, else what the last dispatch was given with.
    Raises `RelationUnknown`.
    """
    await routing.relation_name(session, relation)
    mode = (await places.find_estate(session, case.estate_id)).estate.mode if case.estate_id else None
    past = await repository.list_of_case(session, case.id)
    known = relation or next((row.relation for row in reversed(past) if row.relation), None)
    place = Place(case.category, case.area, relations_of(case.inside_wall, mode, known))
    found = await routing.propose(session, place, local_date(now))
    unit_ids = [proposed.unit.id for proposed in found]
    counts = await repository.count_returns(session, case.category, unit_ids, now - RETURNS_COUNTED)
    return [
        Proposed(
            proposed,
            await _words(session, proposed),
            [d for d in past if d.unit_id == proposed.unit.id and d.end == DispatchEnd.RETURNED],
            counts.get(proposed.unit.id, 0),
        )
        for proposed in found
    ]


async def _words(session: AsyncSession, proposed: ProposedUnit) -> str:
    rule = proposed.proposal.rule
    known = (await rules.rules(session)).relations.get(rule.relation or "")
    return words(rule, known.zh if known else None)


async def returns_here(session: AsyncSession, case: Case, now: datetime) -> Sequence[Returns]:
    """Which units returned cases of this category around here in a year, the most often first (退单情况)."""
    rows = await repository.list_returns(session, case.category, case.area[:9], now - RETURNS_COUNTED)
    units = await routing.names(session, [row.unit_id for row in rows])
    return [
        Returns(row.unit_id, units[row.unit_id].name_zh, row.number, row.last_at, row.reasons[:MOST_REASONS])
        for row in rows
        if row.unit_id in units
    ]


async def dispatch(session: AsyncSession, case_id: UUID, order: Order, *, by: By) -> Case:
    """Give the case to a unit or to the own squad (派遣).

    The clock starts here and only once in a round. A return that waits is agreed to first: the new handover
    names the old. Raises `UnitOrSquad`, `UnitUnknown`, `LevelUnknown`, `RelationUnknown`, and `StudyNeeded`
    after so many returns that a joint study or an authority decides.
    """
    check_order(order)
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.DISPATCH, by)
    await routing.relation_name(session, order.relation)
    if step.before is CaseState.RETURNED:
        await _check_studied(session, case, by)
        await agree_to_return(session, case, order.note or "另行派遣", by)
    await _assign(session, case, order, by)
    request = await request_of(session, case, order) if order.unit_id else None
    facts = await send(session, case, order.kind, request, order, by)
    whom = {"unit_id": case.unit_id, "squad": case.squad, "handler": case.handler}
    fields: dict[str, Any] = {**whom, "due_at": case.due_at}
    if order.repair is not None:
        repair = await _note_repair(session, case, order.repair)
        fields, facts = {**fields, **repair}, {**facts, "repair": order.repair.urgency}
    return await cases.finish(session, step, CaseDispatched, note=order.note, fields=fields, facts=facts)


async def _check_studied(session: AsyncSession, case: Case, by: By) -> None:
    """What a study has decided is carried out by the service itself, and so passes here."""
    most = (await rules.rules(session)).sharing.returns_before_study
    if by.viewer is None or not most:
        return
    past = await repository.list_of_case(session, case.id)
    ends = [row.end for row in past if row.lead and row.round == case.round]
    if ends.count(DispatchEnd.RETURNED) >= most:
        raise StudyNeeded(most=most)


async def _note_repair(session: AsyncSession, case: Case, repair: Repair) -> dict[str, Any]:
    """Keep with the dispatch that it is a repair order; answers that for the history."""
    row = await repository.current(session, case.id)
    assert row is not None, "it has just been dispatched"
    row.repair, row.arrive_due_at = repair.urgency, repair.arrive_due_at
    return {"repair": repair.urgency, "arrive_due_at": repair.arrive_due_at}


async def send(
    session: AsyncSession, case: Case, kind: str, request: HandoverOrder | None, order: Order, by: By
) -> dict[str, Any]:
    """Hand the case over, if another service is to have it, and note the dispatch. Answers both handovers.

    A new handover names the last one. Raises what `handovers.request` raises.
    """
    former = await repository.last_handover(session, case.id)
    joint_id = await _joint_of(session, case, request)
    if request is not None and joint_id is not None:
        request = replace(request, joint=Joint(joint_id, lead=True))
    case.handover_id = await hand_over(session, case, kind, request, former, by) if request else None
    case.designated = False
    case.unsigned_at = case.unattended_at = case.checker = case.escalated_at = None
    row = Dispatch(
        case_id=case.id, round=case.round, category=case.category, area=case.area, unit_id=case.unit_id,
        handover_id=case.handover_id, joint_id=joint_id, squad=case.squad, level=case.level,
        relation=order.relation, note=order.note, dispatched_at=by.now, dispatched_by=by.actor.subject,
        due_at=case.due_at,
    )  # fmt: skip
    await repository.add(session, row)
    return {"handover_id": case.handover_id, "old_handover_id": former}


async def _joint_of(session: AsyncSession, case: Case, request: HandoverOrder | None) -> UUID | None:
    """Under which id others have it beside the new lead: they went on when the last one returned it."""
    asked = request.joint.id if request is not None and request.joint is not None else None
    if case.state != CaseState.RETURNED:
        return asked
    others = [row for row in await repository.holders(session, case) if not row.lead]
    for row in others:
        if row.unit_id == case.unit_id:
            raise UnitHasIt(unit_id=str(row.unit_id), pointer="/unit_id")
    return others[0].joint_id if others else asked


async def _assign(session: AsyncSession, case: Case, order: Order, by: By) -> None:
    found = await terms(session)
    unit_area = None
    if order.unit_id is not None:
        unit_area = (await routing.unit_in_force(session, order.unit_id, local_date(by.now))).area
    level = order.level or higher(found.rules, default_level(found.rules, unit_area), case.level)
    check_capable(found.rules, level, case.capable_level)
    case.level, case.loop = found.rules.level_and_loop(level)
    case.unit_id, case.squad, case.handler = order.unit_id, order.squad, order.handler
    if case.clock_started_at is None:
        case.clock_started_at = by.now
        limit = limit_of(case.limit_amount, case.limit_unit)
        case.due_at = deadline(Clock(by.now, limit), found.calendar)
        if order.repair is not None and order.repair.finish is not None:
            finish = order.repair.finish
            if (sooner := found.due(by.now, finish)) < case.due_at:
                case.limit_amount, case.limit_unit, case.due_at = finish.amount, finish.unit, sooner


async def request_of(session: AsyncSession, case: Case, order: Order) -> HandoverOrder:
    asked = Asked(order.unit_id, order.note or "", order.withhold_reporter)
    request = await briefings.order_for(session, case, asked)
    if order.repair is not None:
        told = {"urgency": order.repair.urgency, "arrive_due_at": order.repair.arrive_due_at.isoformat()}
        details = request.contents.details | {"repair": told}
        request = replace(request, contents=request.contents.model_copy(update={"details": details}))
    return replace(request, joint=Joint(order.joint_id, lead=True) if order.joint_id else None)


async def hand_over(
    session: AsyncSession, case: Case, kind: str, request: HandoverOrder, former: UUID | None, by: By
) -> UUID:
    assert case.number is not None, "an accepted case has a number"
    subject = Subject(type="case", id=case.id, number=case.number)
    following = replace(request, area=case.area, replaces=former)
    made = await handovers.request(session, kind, subject, following, actor=by.actor, now=by.now)
    return made.id


async def agree_to_return(session: AsyncSession, case: Case, note: str, by: By) -> None:
    """End a handover whose return waits for a decision (同意退单)."""
    if case.handover_id is not None:
        await handovers.take_back(session, case.handover_id, note=note, actor=by.actor, now=by.now)


async def designate(session: AsyncSession, case_id: UUID, *, reason: str, by: By) -> Case:
    """The same unit or squad must do it and may not return it again (指定处置); the handover goes on."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.DESIGNATE, by)
    case.designated = True
    signed = False
    if case.handover_id is not None:
        row = await handovers.designate(session, case.handover_id, note=reason, actor=by.actor, now=by.now)
        signed = row.state == HandoverState.SIGNED
        if signed and row.extension_until is not None:  # asked for before the return; it lapsed with it
            await handovers.refuse_extension(
                session, row.id, note="指定处置，可重新申请延期", actor=by.actor, now=by.now
            )
    await _reopen_last(session, case, by)
    await cases.finish(session, step, CaseDesignated, note=reason)
    if signed:  # its signature holds
        again = cases.begin(case, CaseAction.START, By(cases.GRID, by.now))
        await cases.finish(session, again, CaseStarted)
    return case


async def _reopen_last(session: AsyncSession, case: Case, by: By) -> None:
    last = [row for row in await repository.list_of_case(session, case.id) if row.lead][-1]
    last.ended_at = last.end = last.reason_code = last.reason = None
    last.designated_at = by.now


async def send_back(session: AsyncSession, case_id: UUID, *, reason: str, by: By) -> Case:
    """Not a matter to dispatch as filed: back to be filed anew (退回立案)."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.SEND_BACK, by)
    await stop(session, case, DispatchEnd.RECALLED, reason, by)
    release(case)
    return await cases.finish(session, step, CaseSentBack, note=reason)


async def recall(session: AsyncSession, case_id: UUID, *, reason: str, by: By) -> Case:
    """Take it back from unit, squad or mediation (撤回派遣), or agree to a return: to be dispatched anew.

    What they answer after that is recorded, not applied.
    """
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.RECALL, by)
    await stop(session, case, DispatchEnd.RECALLED, reason, by)
    release(case)
    return await cases.finish(session, step, CaseRecalled, note=reason)


def release(case: Case) -> None:
    """Nobody has it: neither unit nor squad, by no handover."""
    case.unit_id = case.squad = case.handler = case.handover_id = None


async def stop(session: AsyncSession, case: Case, end: DispatchEnd, reason: str, by: By) -> None:
    """End what units, squad or mediation still have in hand; the handovers are withdrawn."""
    if case.state == CaseState.RETURNED:
        await agree_to_return(session, case, reason, by)
    case.joint_returned_at = None
    for row in await having(session, case):
        if row.handover_id is not None:
            await handovers.withdraw(session, row.handover_id, note=reason, actor=by.actor, now=by.now)
        row.ended_at, row.end, row.reason = by.now, end, reason


async def urge(session: AsyncSession, case_id: UUID, *, note: str, by: By) -> Case:
    """Urge who has it (催办)."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.URGE, by)
    case.urge_count += 1
    for row in await having(session, case):
        if row.handover_id is not None and row.answered_at is None and row.returned_at is None:
            told = await briefings.for_unit(session, case, row.unit_id, note)
            await handovers.urge(session, row.handover_id, note=told, actor=by.actor, now=by.now)
    return await cases.finish(session, step, CaseUrged, note=note)


async def supplement(
    session: AsyncSession, case_id: UUID, *, text: str, photos: Sequence[str], by: By
) -> Case:
    """Add what has become known (补充); who has it is told."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.SUPPLEMENT, by)
    await cases.add_photos(session, case, photos, PhotoStage.BEFORE, by)
    media = tuple(MediaRef(hash=hash_, purpose="before") for hash_ in photos)
    for row in await repository.holders(session, case):
        if row.handover_id is not None:
            told = await briefings.for_unit(session, case, row.unit_id, text)
            await handovers.supplement(
                session, row.handover_id, note=told, media=media, actor=by.actor, now=by.now
            )
    return await cases.finish(session, step, CaseSupplemented, note=text, fields={"photos": len(photos)})


async def having(session: AsyncSession, case: Case) -> list[Dispatch]:
    """Who has the case now, the lead first."""
    return [row for row in await repository.holders(session, case) if row.ended_at is None]


async def current(session: AsyncSession, case_id: UUID) -> Dispatch | None:
    """The dispatch that has not ended; of several at once the lead's."""
    return await repository.current(session, case_id)


async def arrived(session: AsyncSession, case: Case, at: datetime) -> None:
    """The repairers have come (到场), on time or not by their deadline. What was said first counts."""
    row = await repository.current(session, case.id)
    if row is not None and row.arrive_due_at is not None and row.arrived_at is None:
        row.arrived_at, row.arrived_on_time = at, at <= row.arrive_due_at


async def shift_arrival(session: AsyncSession, case: Case, pause: timedelta) -> None:
    """Whoever has not come yet has what was left before the clock stood (挂账)."""
    row = await repository.current(session, case.id)
    if row is not None and row.arrive_due_at is not None and row.arrived_at is None:
        row.arrive_due_at += pause


of_handover = repository.of_handover
holders = repository.holders
"""Statements that other rooms need as they are."""


async def dispatches_of(session: AsyncSession, case: Case) -> Sequence[Dispatch]:
    """Every dispatch of the case."""
    return await repository.list_of_case(session, case.id)


async def handover_of(session: AsyncSession, case: Case) -> OutgoingHandover | None:
    """The handover that is open for the case, if a unit has it."""
    row = await repository.current(session, case.id)
    if row is None or row.handover_id is None:
        return None
    return await session.get(OutgoingHandover, row.handover_id)


async def mark_unsigned(session: AsyncSession, now: datetime, limit: int = 200) -> int:
    """Put cases that no unit signed for in time on the dispatcher's list; it ends nothing."""
    rows = await repository.list_unsigned(session, limit)
    for case in rows:
        case.unsigned_at = now
        cases.requeue(case, now)
    return len(rows)
