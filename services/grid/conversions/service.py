"""Use cases of conversion: convert, reply in between, and what mediation says of it. Nothing here commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import is_overdue
from libs.common.contracts.cases import CaseConcluded, CaseConverted, CaseInterimReplied, CaseRecalled
from libs.common.contracts.handover import Answered, Contents, Outcome, Person, ReplyRestated, ReturnAsked
from libs.common.errors import NotFound
from libs.common.handover import service as handovers
from libs.common.handover.domain import State as HandoverState
from libs.common.handover.models import OutgoingHandover
from libs.common.handover.orders import Order
from services.grid.briefings import service as briefings
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case, Reporter
from services.grid.conversions.domain import KIND, OUTCOMES, SENT_BACK, Conversion, check_sides, consent_of
from services.grid.dispatches import service as dispatches
from services.grid.dispatches.domain import DispatchEnd
from services.grid.dispatches.domain import Order as Dispatching
from services.grid.disposals import service as disposals
from services.grid.disposals.domain import came_on_time
from services.grid.disposals.service import Return
from services.grid.lifecycle.domain import CaseAction
from services.grid.places import service as places
from services.grid.replies.service import by_of, case_for
from services.grid.reports.domain import PlaceUnknown
from services.grid.rules import service as rules


async def convert(session: AsyncSession, case_id: UUID, given: Conversion, *, by: By) -> Case:
    """Give the case to mediation with its parties (转人民调解); what has been told is not told again.

    Raises `SideMissing`, `ConsentAhead`, `ConsentMissing`, `PlaceUnknown`, and `PayloadTooLarge`.
    """
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.CONVERT, by)
    await dispatches.stop(session, case, DispatchEnd.RECALLED, given.note or "转人民调解", by)
    reporter = await cases.reporter_of(session, case.id)
    check_sides(given.parties, reporter_known=reporter is not None)
    ahead = timedelta(minutes=(await rules.rules(session)).report.ahead_minutes)
    consent_at = consent_of(reporter, given.consent_at, by.now, ahead)
    if reporter is not None:
        reporter.consent_at = reporter.consent_at or consent_at
    contents = await _contents(session, case, given, reporter)
    order = Order(contents=contents, consent_at=consent_at, note=given.note or "")
    dispatches.release(case)
    facts = await dispatches.send(session, case, KIND, order, Dispatching(note=given.note), by)
    fields = {"consent_at": consent_at, "parties": len(given.parties)}
    return await cases.finish(session, step, CaseConverted, note=given.note, fields=fields, facts=facts)


async def _contents(
    session: AsyncSession, case: Case, given: Conversion, reporter: Reporter | None
) -> Contents:
    """What a unit would be told, with the persons and what each of them is."""
    contents = await briefings.told(session, case)
    assert contents.place is not None, "a case lies somewhere"
    place = contents.place
    if given.estate_id is not None:
        await _require_estate(session, given.estate_id)
        place = place.model_copy(update={"estate_id": given.estate_id})
    told_by = Person(name=reporter.name, phone=reporter.phone, role="reporter") if reporter else None
    parties = tuple(
        Person(name=party.name, phone=party.phone, role=party.role, unit_id=party.unit_id)
        for party in given.parties
    )
    details = {**contents.details, "party_kinds": [party.kind.value for party in given.parties]}
    added = {"place": place, "reporter": told_by, "parties": parties, "details": details}
    return contents.model_copy(update=added)


async def _require_estate(session: AsyncSession, estate_id: UUID) -> None:
    try:
        await places.find_estate(session, estate_id)
    except NotFound:
        raise PlaceUnknown(place=str(estate_id), pointer="/estate_id") from None


async def reply(session: AsyncSession, case_id: UUID, *, note: str, by: By) -> Case:
    """The reporter was told that mediation has the case (阶段性答复)."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.INTERIM_REPLY, by)
    on_time = None if case.step_due_at is None else not is_overdue(by.now, case.step_due_at)
    case.interim_at, case.step_due_at = case.interim_at or by.now, None
    said = {"on_time": on_time}
    return await cases.finish(session, step, CaseInterimReplied, note=note, fields=said, facts=said)


async def returned(
    session: AsyncSession, handover: OutgoingHandover, event: ReturnAsked, now: datetime
) -> None:
    """Mediation returns it before it is classified (退回): to the dispatcher's queue."""
    await _give_back(session, handover, event.note, by_of(handover, event, now))


async def _give_back(session: AsyncSession, handover: OutgoingHandover, note: str, by: By) -> None:
    case = await case_for(session, handover, CaseAction.RETURN, by)
    if case is not None:
        await disposals.given_back(session, case, Return(SENT_BACK, note), by)


async def answered(session: AsyncSession, handover: OutgoingHandover, event: Answered, now: datetime) -> None:
    """The mediation has ended, and the case with it (调解结束)."""
    by = by_of(handover, event, now)
    case = await case_for(session, handover, CaseAction.CONCLUDE, by)
    if case is not None:
        await _conclude(session, case, event.outcome, event.happened_at, by)


async def _conclude(session: AsyncSession, case: Case, ended: Outcome, answered_at: datetime, by: By) -> Case:
    """Close it as solved or explained; on time if it was not late when mediation took it."""
    step = cases.begin(case, CaseAction.CONCLUDE, by)
    case.answered_at, case.outcome = answered_at, OUTCOMES[ended.result]
    case.on_time = None
    if case.due_at is not None:
        case.on_time = came_on_time(answered_at, case.due_at, case.converted_at)
        case.overdue_at = None if case.on_time else case.overdue_at or case.due_at
    row = await dispatches.current(session, case.id)
    if row is not None:
        row.answered_at, row.on_time = answered_at, case.on_time
        row.ended_at, row.end = by.now, DispatchEnd.CLOSED
    facts = {"on_time": case.on_time, "outcome": case.outcome}
    told = {"result": ended.result, "body": ended.body, "remedies": list(ended.remedies)}
    return await cases.finish(session, step, CaseConcluded, fields=facts | told, facts=facts)


async def restated(
    session: AsyncSession, handover: OutgoingHandover, event: ReplyRestated, now: datetime
) -> None:
    """Mediation says again how the handover stands after a loss: the case follows, where it had not."""
    by = by_of(handover, event, now)
    match HandoverState(handover.state):
        case HandoverState.SIGNED:
            await _sign_once(session, handover, by)
        case HandoverState.RETURN_REQUESTED:
            await _give_back(session, handover, event.note, by)
        case HandoverState.ANSWERED | HandoverState.ACCEPTED:
            await _answer_again(session, handover, by)
        case HandoverState.RETURNED | HandoverState.WITHDRAWN:
            await _let_go(session, handover, by)


async def _sign_once(session: AsyncSession, handover: OutgoingHandover, by: By) -> None:
    case = await case_for(session, handover, CaseAction.START, by)
    row = await dispatches.current(session, case.id) if case is not None else None
    if case is not None and row is not None and row.signed_at is None:
        await disposals.signed(session, case, by)


async def _answer_again(session: AsyncSession, handover: OutgoingHandover, by: By) -> None:
    case = await case_for(session, handover, CaseAction.CONCLUDE, by)
    assert handover.answer is not None, "what was answered says how"
    if case is not None:
        ended = Outcome.model_validate(handover.answer)
        await _conclude(session, case, ended, handover.answered_at or by.now, by)
    if handover.state == HandoverState.ANSWERED:
        await handovers.accept(session, handover.id, actor=cases.GRID, now=by.now)


async def _let_go(session: AsyncSession, handover: OutgoingHandover, by: By) -> None:
    """The grid had ended it and forgotten that: back to the dispatcher."""
    case = await case_for(session, handover, CaseAction.RECALL, by)
    if case is None:
        return
    step = cases.begin(case, CaseAction.RECALL, by)
    row = await dispatches.current(session, case.id)
    if row is not None:
        row.ended_at, row.end = by.now, DispatchEnd.RECALLED
    dispatches.release(case)
    await cases.finish(session, step, CaseRecalled)
