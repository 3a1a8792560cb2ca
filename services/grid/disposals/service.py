"""Use cases of who handles a case. Nothing here commits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.cases import (
    CaseAnswered,
    CaseCooperated,
    CaseProgressed,
    CaseReturned,
    CaseStarted,
)
from services.grid.cases import service as cases
from services.grid.cases.domain import require_photos
from services.grid.cases.service import By, Case
from services.grid.deferrals import service as deferrals
from services.grid.dispatches import service as dispatches
from services.grid.dispatches.domain import DispatchEnd, outstanding
from services.grid.disposals.domain import Answer, came_on_time
from services.grid.lifecycle.domain import CaseAction, CaseState, PhotoStage


@dataclass(frozen=True)
class Return:
    """Why it is returned (退单理由)."""

    reason_code: str
    reason: str


async def start(session: AsyncSession, case_id: UUID, *, by: By) -> Case:
    """The squad begins (开始处置): who begins has it from now on."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.START, by)
    case.handler = by.actor.subject
    case.handlers = sorted({*case.handlers, by.actor.subject})
    return await _started(session, step)


async def signed(session: AsyncSession, case: Case, by: By) -> Case:
    """The unit has signed for it (签收)."""
    return await _started(session, cases.begin(case, CaseAction.START, by))


async def _started(session: AsyncSession, step: cases.Step) -> Case:
    step.case.unsigned_at = None
    row = await dispatches.current(session, step.case.id)
    if row is not None:
        row.signed_at = step.by.now
    return await cases.finish(session, step, CaseStarted)


async def progress(
    session: AsyncSession, case_id: UUID, *, note: str, photos: tuple[str, ...], by: By
) -> Case:
    """The squad says how far it is (进展)."""
    case = await cases.locked(session, case_id, by)
    case.unattended_at = None
    return await progressed(session, case, note, photos, by)


async def progressed(session: AsyncSession, case: Case, note: str, photos: tuple[str, ...], by: By) -> Case:
    """Progress or first contact, by squad or unit."""
    step = cases.begin(case, CaseAction.PROGRESS, by)
    await cases.add_photos(session, case, photos, PhotoStage.AFTER, by)
    return await cases.finish(session, step, CaseProgressed, note=note, fields={"photos": len(photos)})


async def give_back(session: AsyncSession, case_id: UUID, given: Return, *, by: By) -> Case:
    """The squad returns it: not its duty (退单). Raises `DesignatedNotReturnable`, `StartedNotReturnable`."""
    return await given_back(session, await cases.locked(session, case_id, by), given, by)


async def given_back(session: AsyncSession, case: Case, given: Return, by: By) -> Case:
    """A return, by squad or unit: the dispatcher sends it elsewhere, designates, or sends it back."""
    step = cases.begin(case, CaseAction.RETURN, by)
    case.return_count += 1
    row = await dispatches.current(session, case.id)
    if row is not None:
        row.ended_at, row.end = by.now, DispatchEnd.RETURNED
        row.reason_code, row.reason = given.reason_code, given.reason
    if step.before is CaseState.SUSPENDED:
        await deferrals.end_pause(session, case, None, by)
    said = {"reason_code": given.reason_code}
    return await cases.finish(session, step, CaseReturned, note=given.reason, fields=said, facts=said)


async def answer(session: AsyncSession, case_id: UUID, given: Answer, *, by: By) -> Case:
    """The squad answers with its evidence (处置反馈). Raises `PhotosMissing`."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.ANSWER, by)
    case.handlers = sorted({*case.handlers, by.actor.subject})
    await _take_answer(session, case, given, by)
    taken = await cases.photos_at(session, case, PhotoStage.AFTER)
    require_photos("after", case.photos_after, len(taken))
    return await _answered(session, step, given)


async def answered(session: AsyncSession, case: Case, given: Answer, by: By) -> Case:
    """The unit's answer (反馈). Too few photos are for the check to judge: nothing that came is lost."""
    step = cases.begin(case, CaseAction.ANSWER, by)
    await _take_answer(session, case, given, by)
    return await _answered(session, step, given)


async def _take_answer(session: AsyncSession, case: Case, given: Answer, by: By) -> None:
    """The lead's, or the only one's: judged by the case's deadline at the moment that it was submitted."""
    await cases.add_photos(session, case, given.photos, PhotoStage.AFTER, by)
    case.outcome = given.outcome
    case.checker = None
    row = await dispatches.current(session, case.id)
    if row is not None:
        row.answered_at, row.due_at = given.submitted_at, case.due_at
        row.on_time = _on_time(case, given.submitted_at)


def _on_time(case: Case, submitted_at: datetime) -> bool:
    assert case.due_at is not None, "a dispatched case has a deadline"
    suspended_at = case.suspended_at if case.state == CaseState.SUSPENDED else None
    return came_on_time(submitted_at, case.due_at, suspended_at)


async def _answered(session: AsyncSession, step: cases.Step, given: Answer) -> Case:
    """On to the check, unless others still work on it (会同处置): then it stays where it is."""
    if outstanding(await dispatches.having(session, step.case)):
        await deferrals.lapse(session, step.case, None)
        said = {"of_unit_id": step.case.unit_id, "step": "answered"}
        stays = replace(step, after=step.before)
        return await cases.finish(session, stays, CaseCooperated, note=given.summary, fields=said, facts=said)
    return await _all_answered(session, step, given.submitted_at, given.summary)


async def all_answered(session: AsyncSession, case: Case, by: By) -> Case:
    """The last of several has answered, or has left (会同处置完毕): on to the check."""
    step = cases.begin(case, CaseAction.ANSWER, By(by.actor, by.now))
    return await _all_answered(session, step, None, None)


async def _all_answered(
    session: AsyncSession, step: cases.Step, submitted_at: datetime | None, note: str | None
) -> Case:
    """The clock stops at the moment that the last feedback was submitted."""
    case = step.case
    given = [row.answered_at for row in await dispatches.having(session, case) if row.answered_at is not None]
    case.answered_at = max(given + ([submitted_at] if submitted_at is not None else []))
    case.on_time = _on_time(case, case.answered_at)
    case.overdue_at = None if case.on_time else case.overdue_at or case.due_at
    if step.before is CaseState.SUSPENDED and step.by.viewer is None:
        await deferrals.end_pause(session, case, None, step.by)
    facts = {"on_time": case.on_time, "outcome": case.outcome}
    return await cases.finish(session, step, CaseAnswered, note=note, fields=facts, facts=facts)
