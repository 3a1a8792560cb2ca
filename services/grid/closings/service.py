"""Use cases of the end. Nothing here commits."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import Limit
from libs.common.contracts.cases import (
    CaseClosed,
    CaseFact,
    CaseForceClosed,
    CaseRecheckOrdered,
    CaseReopened,
    CaseVoided,
)
from libs.common.handover import service as handovers
from services.grid.appeals import service as appeals
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.catalogue import service as catalogue
from services.grid.checks import service as checks
from services.grid.dispatches import service as dispatches
from services.grid.dispatches.domain import DispatchEnd
from services.grid.levels.domain import check_capable, check_loop
from services.grid.lifecycle.domain import CaseAction
from services.grid.rules import service as rules
from services.grid.satisfactions import service as satisfactions
from services.grid.satisfactions.domain import Decision


@dataclass(frozen=True)
class Reason:
    """Why, as a code for counting and as text for people."""

    code: str
    text: str


async def close(session: AsyncSession, case_id: UUID, *, note: str | None, by: By) -> Case:
    """Close on a passed check (结案). A unit's answer is accepted in the same transaction."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.CLOSE, by)
    if case.level is not None:
        await _check_level(session, case, case.level)
    for row in await dispatches.having(session, case):
        if row.handover_id is not None:
            await handovers.accept(session, row.handover_id, note=note or "", actor=by.actor, now=by.now)
        row.ended_at, row.end = by.now, DispatchEnd.CLOSED
    facts = {"on_time": case.on_time, "outcome": case.outcome}
    return await cases.finish(session, step, CaseClosed, note=note, fields=facts, facts=facts)


async def _check_level(session: AsyncSession, case: Case, level: str) -> None:
    """Raise `LevelTooLow` or `LoopNotAllowed` if this level may not close it."""
    limits = await rules.rules(session)
    check_capable(limits, level, case.capable_level)
    if case.standard_id is not None:
        check_loop(limits, level, (await catalogue.standard(session, case.standard_id)).loops)


async def recheck(session: AsyncSession, case_id: UUID, *, reason: str, by: By) -> Case:
    """The duty chief does not trust the check (重新核查): another one is assigned."""
    step = cases.begin(await cases.locked(session, case_id, by), CaseAction.RECHECK, by)
    return await cases.finish(session, step, CaseRecheckOrdered, note=reason)


async def force_close(session: AsyncSession, case_id: UUID, why: Reason, *, by: By) -> Case:
    """Close by authority, without a passed check (强制结案)."""
    return await _stop(session, case_id, CaseAction.FORCE_CLOSE, CaseForceClosed, why, by)


async def void(session: AsyncSession, case_id: UUID, why: Reason, *, by: By) -> Case:
    """It should never have been a case (作废)."""
    return await _stop(session, case_id, CaseAction.VOID, CaseVoided, why, by)


async def _stop(
    session: AsyncSession,
    case_id: UUID,
    action: CaseAction,
    event: type[CaseFact],
    why: Reason,
    by: By,
) -> Case:
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, action, by)
    await dispatches.stop(session, case, DispatchEnd.STOPPED, why.text, by)
    await checks.take_away(session, case, by)
    if action is CaseAction.VOID:
        await appeals.lapse(session, case, every=True)
    said = {"reason_code": why.code}
    return await cases.finish(session, step, event, note=why.text, fields=said, facts=said)


async def reopen(
    session: AsyncSession, case_id: UUID, *, reason: str, by: By, limit: Limit | None = None
) -> Case:
    """A new round with its own limit (重新办理): the former verdicts stay with their dispatches.

    What was rejected goes back to the acceptor. `limit`: of this round, where who sends it back sets one.
    """
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.REOPEN, by)
    await appeals.lapse(session, case)
    await satisfactions.settle(session, case, Decision.REOPENED, by)
    case.round += 1
    case.rework_count = case.extension_count = case.suspension_count = 0
    case.clock_started_at = case.due_at = case.answered_at = case.overdue_at = None
    case.suspended_at = case.suspended_until = case.resumed_at = None
    case.pauses, case.interim_at = [], None
    case.on_time = case.outcome = None
    dispatches.release(case)
    case.designated, case.escalated_at = False, None
    if limit is not None and case.limit_amount is not None:
        case.limit_amount, case.limit_unit = limit.amount, limit.unit
    return await cases.finish(session, step, CaseReopened, note=reason)
