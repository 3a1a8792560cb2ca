"""Decisions about a case: who may take which step, its clocks, what it waits for. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from libs.common.calendar import WorkingCalendar
from libs.common.clocks import Limit, TimeUnit, due_after_pause, due_at, extend
from libs.common.errors import DomainError
from libs.common.policy import Actor, Role
from services.grid.cases.refusals import (
    CaseClaimed,
    CheckedByHandler,
    DesignatedNotReturnable,
    HandledByUnit,
    NobodyToDesignate,
    NotAssignedToYou,
    NotYourCase,
    NotYourReport,
    PhotosMissing,
    StartedNotReturnable,
    VerificationMissing,
)
from services.grid.cases.refusals import CaseNotFound as CaseNotFound
from services.grid.lifecycle.domain import LIFE, WAITS, CaseAction, CaseState, QueueReason, Verification


class CaseLike(Protocol):
    """What the decisions read of a case."""

    @property
    def state(self) -> str: ...
    @property
    def reported_by(self) -> str: ...
    @property
    def verification(self) -> str: ...
    @property
    def checker(self) -> str | None: ...
    @property
    def handler(self) -> str | None: ...
    @property
    def handlers(self) -> list[str]: ...
    @property
    def unit_id(self) -> Any: ...
    @property
    def squad(self) -> str | None: ...
    @property
    def handover_id(self) -> Any: ...
    @property
    def designated(self) -> bool: ...
    @property
    def claimed_by(self) -> str | None: ...
    @property
    def claimed_until(self) -> datetime | None: ...
    @property
    def deferral(self) -> str | None: ...
    @property
    def rework_count(self) -> int: ...
    @property
    def overdue_at(self) -> datetime | None: ...
    @property
    def unsigned_at(self) -> datetime | None: ...
    @property
    def unattended_at(self) -> datetime | None: ...
    @property
    def escalated_at(self) -> datetime | None: ...
    @property
    def joint_returned_at(self) -> datetime | None: ...
    @property
    def step_due_at(self) -> datetime | None: ...


def _own_report(case: CaseLike, actor: Actor, now: datetime) -> None:
    if case.reported_by != actor.subject:
        raise NotYourReport


def _verified(case: CaseLike, actor: Actor, now: datetime) -> None:
    if case.verification not in (Verification.NOT_NEEDED, Verification.CONFIRMED):
        raise VerificationMissing(verification=case.verification)


def _assigned(case: CaseLike, actor: Actor, now: datetime) -> None:
    if case.checker != actor.subject:
        raise NotAssignedToYou


def _not_handler(case: CaseLike, actor: Actor, now: datetime) -> None:
    own_unit = case.unit_id is not None and case.unit_id == actor.unit_id
    if actor.subject in case.handlers or own_unit:
        raise CheckedByHandler


def _squads(case: CaseLike, actor: Actor, now: datetime) -> None:
    if case.handover_id is not None:
        raise HandledByUnit
    if case.handler not in (None, actor.subject):
        raise NotYourCase


def _squads_or_dispatcher(case: CaseLike, actor: Actor, now: datetime) -> None:
    if actor.role != Role.DISPATCHER:
        _squads(case, actor, now)


def _returnable(case: CaseLike, actor: Actor, now: datetime) -> None:
    if case.designated:
        raise DesignatedNotReturnable
    if case.state != CaseState.DISPATCHED:
        raise StartedNotReturnable


def _had_handler(case: CaseLike, actor: Actor, now: datetime) -> None:
    if case.unit_id is None and case.squad is None:
        raise NobodyToDesignate


def check_claim(case: CaseLike, actor: Actor, now: datetime) -> None:
    """Raise `CaseClaimed` while a colleague has the case in hand."""
    held = case.claimed_by if case.claimed_until is not None and now < case.claimed_until else None
    if held not in (None, actor.subject):
        raise CaseClaimed(holder=held, until=case.claimed_until)


Guard = Callable[[CaseLike, Actor, datetime], None]
_A = CaseAction
_DESK: tuple[CaseAction, ...] = (
    _A.REQUEST_VERIFICATION, _A.REJECT, _A.MERGE, _A.FILE, _A.REFUSE_FILING, _A.DISPATCH, _A.CONVERT,
    _A.SEND_BACK, _A.RECALL, _A.CHANGE_STANDARD, _A.APPROVE_DEFERRAL, _A.REFUSE_DEFERRAL, _A.EXTEND,
    _A.SUSPEND, _A.RESUME, _A.ASSIGN_CHECK, _A.RECHECK, _A.FORCE_CLOSE, _A.VOID, _A.STUDY, _A.DECIDE,
)  # fmt: skip
GUARDS: Mapping[CaseAction, tuple[Guard, ...]] = {
    **dict.fromkeys((*_DESK, _A.COOPERATE), (check_claim,)),
    _A.DESIGNATE: (check_claim, _had_handler),
    _A.CORRECT: (_own_report,),
    _A.WITHDRAW: (_own_report,),
    _A.ACCEPT: (check_claim, _verified),
    _A.VERIFY: (_assigned,),
    **dict.fromkeys((_A.START, _A.PROGRESS, _A.ANSWER), (_squads,)),
    _A.RETURN: (_squads, _returnable),
    **dict.fromkeys(
        (_A.ASK_EXTENSION, _A.ASK_SUSPENSION, _A.ESCALATE, _A.HOLD_MEETING), (_squads_or_dispatcher,)
    ),
    _A.PASS_CHECK: (_assigned, _not_handler),
    _A.FAIL_CHECK: (_assigned, _not_handler),
    **dict.fromkeys((_A.CLOSE, _A.FORCE_CLOSE, _A.VOID), (check_claim, _not_handler)),
}
"""What else must hold for a person who asks over REST. Replies of units come through the handover."""


def check_person(case: CaseLike, action: CaseAction, actor: Actor, now: datetime) -> None:
    """Raise what stands against the person's taking the step."""
    for guard in GUARDS.get(action, ()):
        guard(case, actor, now)


def may(case: CaseLike, action: CaseAction, actor: Actor, now: datetime) -> bool:
    """Whether the person may take the step in the present state."""
    try:
        LIFE.after(CaseState(case.state), action)
        check_person(case, action, actor, now)
    except DomainError:
        return False
    return True


def queue_reason(case: CaseLike) -> QueueReason | None:
    """Why the case is on the one queue, the most pressing reason first; None if it waits for another."""
    state = CaseState(case.state)
    if case.unattended_at is not None and case.deferral is None:
        return QueueReason.UNATTENDED
    if case.joint_returned_at is not None and state is not CaseState.RETURNED:
        return QueueReason.JOINT_RETURNED
    if state in (CaseState.DISPATCHED, CaseState.HANDLING):
        if case.deferral is not None:
            return QueueReason(case.deferral.partition(":")[0])
        if case.escalated_at is not None:
            return QueueReason.ESCALATED
        if case.overdue_at is not None:
            return QueueReason.OVERDUE
        if case.unsigned_at is not None:
            return QueueReason.UNSIGNED
        return QueueReason.REWORK if case.rework_count else None
    if state is CaseState.CONVERTED and (case.unsigned_at or case.step_due_at):
        return QueueReason.UNSIGNED if case.unsigned_at else QueueReason.INTERIM_REPLY
    if state is CaseState.CHECKING and case.checker is None:
        return QueueReason.TO_CHECK
    return WAITS.get(state)


@dataclass(frozen=True)
class Clock:
    """What a case's handling deadline follows from (处置时钟)."""

    started_at: datetime
    limit: Limit
    extensions: int = 0
    pauses: tuple[tuple[datetime, datetime], ...] = ()


def deadline(clock: Clock, calendar: WorkingCalendar) -> datetime:
    """The deadline, UTC: from dispatch, plus one limit per extension, past every pause."""
    due = due_at(clock.started_at, clock.limit, calendar)
    for _ in range(clock.extensions):
        due = extend(due, clock.limit, calendar)
    for pause in clock.pauses:
        due = due_after_pause(due, pause, clock.limit.unit, calendar)
    return due


def limit_of(amount: int | None, unit: str | None) -> Limit:
    """The limit that a filed case keeps."""
    assert amount is not None, "a filed case has a limit"
    assert unit is not None, "a filed case has a limit"
    return Limit(amount, TimeUnit(unit))


def require_photos(stage: str, needed: int, given: int) -> None:
    """Raise `PhotosMissing` if the standard wants more."""
    if given < needed:
        stage_zh = {"before": "处置前", "after": "处置后"}[stage]
        raise PhotosMissing(stage=stage, stage_zh=stage_zh, needed=needed, given=given, pointer="/photos")


class ClockLike(Protocol):
    """What the handling clock reads of a case."""

    @property
    def clock_started_at(self) -> datetime | None: ...
    @property
    def limit_amount(self) -> int | None: ...
    @property
    def limit_unit(self) -> str | None: ...
    @property
    def extension_count(self) -> int: ...
    @property
    def pauses(self) -> list[datetime]: ...


def clock_of(case: ClockLike) -> Clock | None:
    """The handling clock of a dispatched case; None before its first dispatch."""
    if case.clock_started_at is None:
        return None
    limit = limit_of(case.limit_amount, case.limit_unit)
    pauses = tuple(zip(case.pauses[::2], case.pauses[1::2], strict=True))
    return Clock(case.clock_started_at, limit, case.extension_count, pauses)
