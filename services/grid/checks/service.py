"""Use cases of verifying and checking. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.cases import (
    CaseCheckAssigned,
    CaseChecked,
    CaseVerificationRequested,
    CaseVerified,
)
from libs.common.contracts.handover import MediaRef
from libs.common.handover import service as handovers
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.checks import repository
from services.grid.checks.domain import CheckKind, Finding, HandlerAsChecker, check_assignee
from services.grid.checks.models import Check as Check
from services.grid.holdings import service as holdings
from services.grid.lifecycle.domain import CaseAction, PhotoStage, Verification
from services.grid.terms.service import terms


async def request_verification(session: AsyncSession, case_id: UUID, inspector: str, *, by: By) -> Case:
    """Have an inspector verify the report on site (要求核实). Asked again, another inspector has it."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.REQUEST_VERIFICATION, by)
    await _give(session, case, CheckKind.VERIFY, inspector, by)
    case.verification = Verification.PENDING
    return await cases.finish(session, step, CaseVerificationRequested, fields={"inspector": inspector})


async def verify(session: AsyncSession, case_id: UUID, found: Finding, *, by: By) -> Case:
    """What the inspector found on site (核实). The acceptor decides on it."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.VERIFY, by)
    await _done(session, case, found, PhotoStage.VERIFY, by)
    case.verification = Verification.CONFIRMED if found.good else Verification.REFUTED
    said = {"confirmed": found.good}
    return await cases.finish(session, step, CaseVerified, note=found.note, fields=said, facts=said)


async def assign(session: AsyncSession, case_id: UUID, inspector: str, *, by: By) -> Case:
    """Give the check to an inspector who did not handle it (派核查). Raises `HandlerAsChecker`."""
    case = await cases.locked(session, case_id, by)
    step = cases.begin(case, CaseAction.ASSIGN_CHECK, by)
    await _give(session, case, CheckKind.CHECK, check_assignee(inspector, case.handlers), by)
    return await cases.finish(session, step, CaseCheckAssigned, fields={"inspector": inspector})


async def check(session: AsyncSession, case_id: UUID, found: Finding, *, by: By) -> Case:
    """What the inspector found of the result (核查); failed = rework by who had it (返工)."""
    case = await cases.locked(session, case_id, by)
    action = CaseAction.PASS_CHECK if found.good else CaseAction.FAIL_CHECK
    step = cases.begin(case, action, by)
    if await holdings.has(session, case, by.actor.unit_id):
        raise HandlerAsChecker
    await _done(session, case, found, PhotoStage.CHECK, by)
    if not found.good:
        await _demand_rework(session, case, found, by)
    said = {"passed": found.good, "mode": found.mode.value}
    return await cases.finish(session, step, CaseChecked, note=found.note, fields=said, facts=said)


async def _demand_rework(session: AsyncSession, case: Case, found: Finding, by: By) -> None:
    """The same handover, the same unit, the deadline in force (返工): counted, never a fresh clock.

    Of several units only those named; the others' answers stand (会同处置). Raises `NotPartner`.
    """
    again = await holdings.to_rework(session, case, found.rework_unit_ids)
    case.rework_count += 1
    case.answered_at = case.on_time = None
    if not again or any(row.lead for row in again):
        case.outcome = None
    media = tuple(MediaRef(hash=hash_, purpose="evidence") for hash_ in found.photos)
    for row in again:
        row.answered_at = row.on_time = None
        if row.handover_id is not None:
            await handovers.demand_rework(
                session, row.handover_id, note=found.note, media=media, actor=by.actor, now=by.now
            )


async def _give(session: AsyncSession, case: Case, kind: CheckKind, inspector: str, by: By) -> None:
    """Who had it before has it no more."""
    former = await repository.current(session, case.id)
    if former is not None:
        former.done_at = by.now
        await session.flush()
    found = await terms(session)
    due_at = found.due(by.now, found.rules.stage(kind.value))
    row = Check(
        case_id=case.id, kind=kind.value, round=case.round, rework=case.rework_count, inspector=inspector,
        assigned_by=by.actor.subject, assigned_at=by.now, due_at=due_at,
    )  # fmt: skip
    await repository.add(session, row)
    case.checker, case.unattended_at = inspector, None


async def hand_on(session: AsyncSession, taken: Mapping[UUID, str], by: By) -> None:
    """Give what is open of these cases to the inspectors named, with the deadline that it has (交接班)."""
    rows = await repository.list_current(session, taken.keys())
    for row in rows:
        row.done_at = by.now
    await session.flush()
    same = ("case_id", "kind", "round", "rework", "due_at")
    made = [
        Check(
            **{name: getattr(row, name) for name in same}, inspector=taken[row.case_id],
            assigned_by=by.actor.subject, assigned_at=by.now,
        )
        for row in rows
    ]  # fmt: skip
    await repository.add_all(session, made)


async def _done(session: AsyncSession, case: Case, found: Finding, stage: PhotoStage, by: By) -> None:
    await cases.add_photos(session, case, found.photos, stage, by)
    row = await repository.current(session, case.id)
    if row is not None:
        row.done_at, row.good, row.mode, row.note = by.now, found.good, found.mode.value, found.note
    case.checker = None


async def take_away(session: AsyncSession, case: Case, by: By) -> None:
    """Nobody has to check the case any more."""
    row = await repository.current(session, case.id)
    if row is not None:
        row.done_at = by.now
    case.checker = None


async def open_of(
    session: AsyncSession, inspector: str, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Check]:
    """What the inspector has to verify and check, by deadline."""
    return await repository.list_open(session, inspector, after=after, limit=limit)


async def checks_of(session: AsyncSession, case: Case) -> Sequence[Check]:
    """Every verification and check of the case."""
    return await repository.list_of_case(session, case.id)
