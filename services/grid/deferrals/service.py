"""Use cases of extension and suspension. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import due_after_pause, is_overdue
from libs.common.clocks import extend as extended
from libs.common.contracts.cases import (
    CaseDeferralApproved,
    CaseDeferralRefused,
    CaseExtended,
    CaseExtensionAsked,
    CaseFact,
    CaseResumed,
    CaseSuspended,
    CaseSuspensionAsked,
)
from libs.common.handover import service as handovers
from libs.common.handover.orders import Amendment
from services.grid.calendars import service as calendars
from services.grid.cases import service as cases
from services.grid.cases.domain import limit_of
from services.grid.cases.service import By, Case
from services.grid.deferrals import repository
from services.grid.deferrals.domain import (
    LIFE,
    DeferralAction,
    DeferralKind,
    DeferralState,
    NothingAsked,
    SameApprover,
    Standing,
    check_ask,
)
from services.grid.deferrals.models import Deferral as Deferral
from services.grid.dispatches import service as dispatches
from services.grid.holdings import service as holdings
from services.grid.holdings.service import Told
from services.grid.lifecycle.domain import CaseAction
from services.grid.rules import service as rules

_ASK = {
    DeferralKind.EXTENSION: (CaseAction.ASK_EXTENSION, CaseExtensionAsked),
    DeferralKind.SUSPENSION: (CaseAction.ASK_SUSPENSION, CaseSuspensionAsked),
}


@dataclass(frozen=True)
class Asked:
    """What is asked for and why (申请). `handover_id`: of a unit that asks beside the lead."""

    kind: DeferralKind
    reason: str
    until: datetime | None = None
    handover_id: UUID | None = None


async def ask(session: AsyncSession, case_id: UUID, asked: Asked, *, by: By) -> Case:
    """The squad, or the dispatcher for it, asks (申请延期、挂账)."""
    return await ask_for(session, await cases.locked(session, case_id, by), asked, by)


async def ask_for(session: AsyncSession, case: Case, asked: Asked, by: By) -> Case:
    """The same for a locked case, by squad, dispatcher or unit. Raises what `check_ask` raises."""
    action, event = _ASK[asked.kind]
    step = cases.begin(case, action, by)
    standing = Standing(case.extension_count, case.suspension_count, case.due_at, case.deferral is not None)
    check_ask(asked.kind, asked.until, standing, await rules.rules(session), by.now)
    await _lapse(session, case)
    row = Deferral(
        case_id=case.id, kind=asked.kind, state=LIFE.initial, reason=asked.reason, until=asked.until,
        asked_by=by.actor.subject, asked_by_unit=by.viewer is None, asked_at=by.now, due_before=case.due_at,
        handover_id=asked.handover_id,
    )  # fmt: skip
    await repository.add(session, row)
    case.deferral = f"{asked.kind.value}:{row.state}"
    return await cases.finish(session, step, event, note=asked.reason, fields={"until": asked.until})


async def _lapse(session: AsyncSession, case: Case) -> None:
    """What was asked for before and never decided: the case went on without it."""
    for row in await repository.undecided(session, case.id):
        row.state = LIFE.after(DeferralState(row.state), DeferralAction.LAPSE)


async def lapse(session: AsyncSession, case: Case, handover_id: UUID | None) -> None:
    """Who has it by this handover beside the lead (None: the lead) is done: what they asked for lapses."""
    if case.deferral is None:
        return
    for row in await repository.undecided(session, case.id):
        if row.handover_id == handover_id:
            row.state = LIFE.after(DeferralState(row.state), DeferralAction.LAPSE)
            case.deferral = None


async def _pending(session: AsyncSession, case: Case) -> Deferral:
    rows = await repository.undecided(session, case.id) if case.deferral is not None else []
    if not rows:
        raise NothingAsked
    return rows[-1]


async def approve(session: AsyncSession, case_id: UUID, *, note: str | None, by: By) -> Case:
    """The dispatcher's approval, the first of two (初审同意)."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.APPROVE_DEFERRAL, by)
    row = await _pending(session, case)
    row.state = LIFE.after(DeferralState(row.state), DeferralAction.APPROVE)
    row.approved_by, row.approved_at, row.note = by.actor.subject, by.now, note
    case.deferral = f"{row.kind}:{row.state}"
    return await cases.finish(session, step, CaseDeferralApproved, note=note, facts={"kind": row.kind})


async def grant(session: AsyncSession, case_id: UUID, *, note: str | None, by: By) -> Case:
    """The duty chief's approval, the second of two (终审同意): it takes effect. Raises `SameApprover`."""
    case = await cases.locked(session, case_id, by)
    row = await _pending(session, case)
    kind = DeferralKind(row.kind)
    action = CaseAction.EXTEND if kind is DeferralKind.EXTENSION else CaseAction.SUSPEND
    step = cases.begin(case, action, by)
    row.state = LIFE.after(DeferralState(row.state), DeferralAction.GRANT)
    if row.approved_by == by.actor.subject:
        raise SameApprover
    row.decided_by, row.decided_at, row.note = by.actor.subject, by.now, note
    case.deferral = None
    if kind is DeferralKind.EXTENSION:
        await _extend(session, case, row, by)
        facts = {"extension_count": case.extension_count}
        return await _finish(session, step, CaseExtended, note, facts)
    await _suspend(session, case, row, by)
    return await _finish(session, step, CaseSuspended, note, {"until": case.suspended_until})


async def _finish(
    session: AsyncSession,
    step: cases.Step,
    event: type[CaseFact],
    note: str | None,
    facts: Mapping[str, int | datetime | None],
) -> Case:
    fields = {**facts, "due_at": step.case.due_at}
    return await cases.finish(session, step, event, note=note, fields=fields, facts=facts)


async def _extend(session: AsyncSession, case: Case, row: Deferral, by: By) -> None:
    """One original limit more than the deadline in force (延期)."""
    assert case.due_at is not None, "a dispatched case has a deadline"
    case.extension_count += 1
    limit, before = limit_of(case.limit_amount, case.limit_unit), case.due_at
    case.due_at = extended(case.due_at, limit, await calendars.calendar(session))
    row.due_after = case.due_at
    if not is_overdue(by.now, case.due_at):
        case.overdue_at = None
    note, asker = row.note or "", row.handover_id or case.handover_id
    if row.asked_by_unit and asker is not None:
        await handovers.grant_extension(
            session, asker, due_at=case.due_at, note=note, actor=by.actor, now=by.now
        )
    told = Told(Amendment(due_at=case.due_at, note=note), before, asker if row.asked_by_unit else None)
    await holdings.amend(session, case, told, by)


async def _suspend(session: AsyncSession, case: Case, row: Deferral, by: By) -> None:
    """The clock stands (挂账), at the unit too."""
    case.suspension_count += 1
    case.suspended_at, case.suspended_until, case.resumed_at = by.now, row.until, None
    for one in await dispatches.having(session, case):
        if one.handover_id is not None and one.answered_at is None and one.returned_at is None:
            await handovers.suspend(session, one.handover_id, note=row.reason, actor=by.actor, now=by.now)


async def refuse(session: AsyncSession, case_id: UUID, *, reason: str, by: By) -> Case:
    """Dispatcher or duty chief refuses (不同意); it does not count towards the limit."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.REFUSE_DEFERRAL, by)
    row = await _pending(session, case)
    row.state = LIFE.after(DeferralState(row.state), DeferralAction.REFUSE)
    row.decided_by, row.decided_at, row.note = by.actor.subject, by.now, reason
    case.deferral = None
    asker = row.handover_id or case.handover_id
    if row.asked_by_unit and asker is not None:
        await handovers.refuse_extension(session, asker, note=reason, actor=by.actor, now=by.now)
    return await cases.finish(session, step, CaseDeferralRefused, note=reason, facts={"kind": row.kind})


async def resume(session: AsyncSession, case_id: UUID, *, note: str | None, by: By) -> Case:
    """The clock runs on with what it had left (恢复)."""
    return await resume_locked(session, await cases.locked(session, case_id, by), note, by)


async def resume_locked(session: AsyncSession, case: Case, note: str | None, by: By) -> Case:
    """The same for a locked case."""
    step = cases.begin(case, CaseAction.RESUME, by)
    await end_pause(session, case, note, by)
    return await cases.finish(session, step, CaseResumed, note=note, fields={"due_at": case.due_at})


async def end_pause(session: AsyncSession, case: Case, note: str | None, by: By) -> None:
    """Let the clock of a suspended case run on, here and at the unit."""
    assert case.suspended_at is not None, "a suspended case says since when"
    pause = (case.suspended_at, by.now)
    await cases.end_pause(session, case, *pause)
    await dispatches.shift_arrival(session, case, by.now - case.suspended_at)
    case.resumed_at = by.now
    unit, calendar = limit_of(case.limit_amount, case.limit_unit).unit, await calendars.calendar(session)
    for row in await holdings.suspended(session, case):
        assert row.handover_id is not None, "a unit has it by a handover"
        due_at = case.due_at
        if not row.lead and row.due_at is not None:
            due_at = row.due_at = due_after_pause(row.due_at, pause, unit, calendar)
        await handovers.resume(
            session, row.handover_id, due_at=due_at, note=note or "", actor=by.actor, now=by.now
        )


async def resume_due(session: AsyncSession, now: datetime, limit: int = 100) -> int:
    """Resume what was suspended until now (挂账期满自动恢复). Answers how many."""
    due = await cases.to_resume(session, now, limit)
    for case in due:
        await resume_locked(session, case, None, By(cases.GRID, now))
    return len(due)


async def refuse_unit(session: AsyncSession, handover_id: UUID, note: str, by: By) -> None:
    """A unit's request that cannot be decided any more is refused at once: it is not left hanging."""
    await handovers.refuse_extension(session, handover_id, note=note, actor=by.actor, now=by.now)


async def deferrals_of(session: AsyncSession, case: Case) -> Sequence[Deferral]:
    """Every request of the case."""
    return await repository.list_of_case(session, case.id)
