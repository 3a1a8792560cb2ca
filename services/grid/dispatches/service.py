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
from libs.common.contracts.handover import Contents, MediaRef, Person, Place
from libs.common.handover import service as handovers
from libs.common.handover.domain import State as HandoverState
from libs.common.handover.models import OutgoingHandover
from libs.common.handover.orders import Order as HandoverOrder
from libs.common.handover.orders import Subject
from services.grid.cases import service as cases
from services.grid.cases.domain import Clock, deadline, limit_of
from services.grid.cases.service import By, Case, Reporter
from services.grid.catalogue import service as catalogue
from services.grid.dispatches import repository
from services.grid.dispatches.domain import (
    DispatchEnd,
    Order,
    Repair,
    check_order,
    default_level,
    tells_reporter,
    without_reporter,
)
from services.grid.dispatches.models import Dispatch as Dispatch
from services.grid.levels.domain import check_capable, higher
from services.grid.lifecycle.domain import CaseAction, CaseState, PhotoStage
from services.grid.routing import service as routing
from services.grid.routing.service import ProposedUnit
from services.grid.rules import service as rules
from services.grid.terms.service import terms

RETURNS_COUNTED = timedelta(days=365)


@dataclass(frozen=True)
class Proposed:
    """A proposed unit with what is known of its returns (拟派单位)."""

    unit: ProposedUnit
    returned_here: Sequence[Dispatch]
    returns_in_a_year: int


async def propose(session: AsyncSession, case_id: UUID, by: By) -> list[Proposed]:
    """The units that the duty list names for the case, with the rule and the returns."""
    assert by.viewer is not None, "a person asks"
    case = await cases.find(session, case_id, by.viewer)
    found = await routing.propose(session, case.category, case.area, local_date(by.now))
    past = await repository.list_of_case(session, case.id)
    unit_ids = [proposed.unit.id for proposed in found]
    counts = await repository.count_returns(session, case.category, unit_ids, by.now - RETURNS_COUNTED)
    return [
        Proposed(
            proposed,
            [d for d in past if d.unit_id == proposed.unit.id and d.end == DispatchEnd.RETURNED],
            counts.get(proposed.unit.id, 0),
        )
        for proposed in found
    ]


async def dispatch(session: AsyncSession, case_id: UUID, order: Order, *, by: By) -> Case:
    """Give the case to a unit or to the own squad (派遣).

    The clock starts here and only once in a round. A return that waits is agreed to first: the new handover
    names the old. Raises `UnitOrSquad`, `UnitUnknown`, `LevelUnknown`.
    """
    check_order(order)
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.DISPATCH, by)
    if step.before is CaseState.RETURNED:
        await agree_to_return(session, case, order.note or "另行派遣", by)
    await _assign(session, case, order, by)
    request = await _request(session, case, order) if order.unit_id else None
    facts = await send(session, case, order.kind, request, order.note, by)
    whom = {"unit_id": case.unit_id, "squad": case.squad, "handler": case.handler}
    fields: dict[str, Any] = {**whom, "due_at": case.due_at}
    if order.repair is not None:
        repair = await _note_repair(session, case, order.repair)
        fields, facts = {**fields, **repair}, {**facts, "repair": order.repair.urgency}
    return await cases.finish(session, step, CaseDispatched, note=order.note, fields=fields, facts=facts)


async def _note_repair(session: AsyncSession, case: Case, repair: Repair) -> dict[str, Any]:
    """Keep with the dispatch that it is a repair order; answers that for the history."""
    row = await repository.current(session, case.id)
    assert row is not None, "it has just been dispatched"
    row.repair, row.arrive_due_at = repair.urgency, repair.arrive_due_at
    return {"repair": repair.urgency, "arrive_due_at": repair.arrive_due_at}


async def send(
    session: AsyncSession, case: Case, kind: str, request: HandoverOrder | None, note: str | None, by: By
) -> dict[str, Any]:
    """Hand the case over, if another service is to have it, and note the dispatch. Answers both handovers.

    A new handover names the last one. Raises what `handovers.request` raises.
    """
    former = await repository.last_handover(session, case.id)
    case.handover_id = await _hand_over(session, case, kind, request, former, by) if request else None
    case.designated = False
    case.unsigned_at = case.unattended_at = case.checker = case.escalated_at = None
    row = Dispatch(
        case_id=case.id, round=case.round, category=case.category, area=case.area, unit_id=case.unit_id,
        handover_id=case.handover_id, squad=case.squad, level=case.level, note=note,
        dispatched_at=by.now, dispatched_by=by.actor.subject, due_at=case.due_at,
    )  # fmt: skip
    await repository.add(session, row)
    return {"handover_id": case.handover_id, "old_handover_id": former}


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


async def _hand_over(
    session: AsyncSession, case: Case, kind: str, request: HandoverOrder, former: UUID | None, by: By
) -> UUID:
    assert case.number is not None, "an accepted case has a number"
    subject = Subject(type="case", id=case.id, number=case.number)
    following = replace(request, area=case.area, replaces=former)
    made = await handovers.request(session, kind, subject, following, actor=by.actor, now=by.now)
    return made.id


async def _request(session: AsyncSession, case: Case, order: Order) -> HandoverOrder:
    limits = await rules.rules(session)
    known = await cases.reporter_of(session, case.id)
    if known is not None and await _kept_from(session, known, order.unit_id):
        order = replace(order, withhold_reporter=True)
    return HandoverOrder(
        contents=await _contents(session, case, order),
        unit_id=order.unit_id,
        due_at=case.due_at,
        late=True,
        reporter_withheld=order.withhold_reporter,
        extension_limit=limits.extension.most - case.extension_count,
        note=order.note or "",
    )


async def told(session: AsyncSession, case: Case) -> Contents:
    """What whoever is given the case must know of it: what and where, with the photos; no person."""
    standard = await _standard(session, case)
    category, _ = await catalogue.category(session, case.category, standard.effective_from)
    return Contents(
        title=category.name_zh,
        description=case.description,
        category=case.category,
        place=Place(
            area=case.area, address=case.address or "", lon=case.lon, lat=case.lat,
            crs="CGCS2000" if case.lon is not None else None, estate_id=case.estate_id,
        ),
        media=tuple(
            MediaRef(hash=photo.hash, purpose="before")
            for photo in await cases.photos_at(session, case, PhotoStage.BEFORE, PhotoStage.VERIFY)
        ),
        details={"source": case.channel, "round": case.round},
    )  # fmt: skip


async def _contents(session: AsyncSession, case: Case, order: Order) -> Contents:
    """What the unit must know to act, and no more."""
    standard, contents = await _standard(session, case), await told(session, case)
    details: dict[str, Any] = {
        "standard": standard.code,
        "condition": standard.condition_zh,
        "closing": standard.closing_zh,
        "limit_amount": standard.limit_amount,
        "limit_unit": standard.limit_unit,
        "photos_after": standard.photos_after,
    }
    if order.repair is not None:
        repair = order.repair
        details["repair"] = {"urgency": repair.urgency, "arrive_due_at": repair.arrive_due_at.isoformat()}
    known = await cases.reporter_of(session, case.id)
    spoken_to = case.channel in (await rules.rules(session)).sources.spoken_to
    added: dict[str, Any] = {"details": contents.details | details, "reporter": None}
    if known is not None and tells_reporter(spoken_to, known.secret, order.withhold_reporter):
        added["reporter"] = Person(name=known.name, phone=known.phone, role="reporter")
    elif known is not None:
        added["description"] = without_reporter(case.description, known.name)
    return contents.model_copy(update=added)


async def _standard(session: AsyncSession, case: Case) -> catalogue.Standard:
    assert case.standard_id is not None, "a filed case has a standard"
    return await catalogue.standard(session, case.standard_id)


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
    last = (await repository.list_of_case(session, case.id))[-1]
    last.ended_at = last.end = last.reason_code = last.reason = None
    last.designated_at = by.now


async def send_back(session: AsyncSession, case_id: UUID, *, reason: str, by: By) -> Case:
    """Not a matter to dispatch as filed: back to be filed anew (退回立案)."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.SEND_BACK, by)
    if step.before is CaseState.RETURNED:
        await agree_to_return(session, case, reason, by)
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
    """End what a unit, squad or mediation still has in hand; the handover is withdrawn."""
    row = await repository.current(session, case.id)
    if row is None:
        if case.state == CaseState.RETURNED:
            await agree_to_return(session, case, reason, by)
        return
    if row.handover_id is not None:
        await handovers.withdraw(session, row.handover_id, note=reason, actor=by.actor, now=by.now)
    row.ended_at, row.end, row.reason = by.now, end, reason


async def urge(session: AsyncSession, case_id: UUID, *, note: str, by: By) -> Case:
    """Urge who has it (催办)."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.URGE, by)
    case.urge_count += 1
    if case.handover_id is not None:
        told = await _for_unit(session, case, note)
        await handovers.urge(session, case.handover_id, note=told, actor=by.actor, now=by.now)
    return await cases.finish(session, step, CaseUrged, note=note)


async def _for_unit(session: AsyncSession, case: Case, text: str) -> str:
    """What may be said to who has the case: without the reporter, where they must not be known."""
    known = await cases.reporter_of(session, case.id)
    if known is None or not (known.secret or await _kept_from(session, known, case.unit_id)):
        return text
    return without_reporter(text, known.name)


async def _kept_from(session: AsyncSession, known: Reporter, unit_id: UUID | None) -> bool:
    """Whether the unit must never learn of this reporter: the complained-of one, or once dispatched to so."""
    if unit_id is None:
        return False
    return known.accused_unit_id == unit_id or await repository.withheld_from(session, known.case_id, unit_id)


async def supplement(
    session: AsyncSession, case_id: UUID, *, text: str, photos: Sequence[str], by: By
) -> Case:
    """Add what has become known (补充); who has it is told."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.SUPPLEMENT, by)
    await cases.add_photos(session, case, photos, PhotoStage.BEFORE, by)
    if case.handover_id is not None:
        media = tuple(MediaRef(hash=hash_, purpose="before") for hash_ in photos)
        await handovers.supplement(
            session,
            case.handover_id,
            note=await _for_unit(session, case, text),
            media=media,
            actor=by.actor,
            now=by.now,
        )
    return await cases.finish(session, step, CaseSupplemented, note=text, fields={"photos": len(photos)})


async def current(session: AsyncSession, case_id: UUID) -> Dispatch | None:
    """The dispatch that has not ended."""
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
