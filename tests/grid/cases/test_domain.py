"""Guards, clocks and the queue, as tables."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from libs.common.calendar import WorkingCalendar
from libs.common.clocks import Limit, TimeUnit
from libs.common.errors import DomainError
from libs.common.policy import Actor
from services.grid.cases.domain import (
    Clock,
    check_person,
    clock_of,
    deadline,
    may,
    queue_reason,
    require_photos,
)
from services.grid.lifecycle.domain import CaseAction, CaseState, QueueReason, Verification

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
UNIT = UUID(int=5)


@dataclass(frozen=True)
class Known:
    """A case in plain values."""

    state: str = CaseState.HANDLING
    reported_by: str = "zhang"
    verification: str = Verification.NOT_NEEDED
    checker: str | None = None
    handler: str | None = None
    handlers: list[str] = field(default_factory=list)
    unit_id: UUID | None = None
    squad: str | None = None
    handover_id: UUID | None = None
    designated: bool = False
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    deferral: str | None = None
    rework_count: int = 0
    overdue_at: datetime | None = None
    unsigned_at: datetime | None = None
    unattended_at: datetime | None = None
    escalated_at: datetime | None = None
    joint_returned_at: datetime | None = None
    step_due_at: datetime | None = None


LI = Actor("li", "inspector")
_A = CaseAction


@pytest.mark.parametrize(
    "case, action, actor, code",
    [
        (Known(), _A.CORRECT, LI, "not-your-report"),
        (Known(), _A.WITHDRAW, LI, "not-your-report"),
        (Known(), _A.WITHDRAW, Actor("zhang", "inspector"), None),
        (Known(verification=Verification.NEEDED), _A.ACCEPT, LI, "verification-missing"),
        (Known(verification=Verification.REFUTED), _A.ACCEPT, LI, "verification-missing"),
        (Known(verification=Verification.CONFIRMED), _A.ACCEPT, LI, None),
        (Known(checker="wang"), _A.VERIFY, LI, "not-assigned-to-you"),
        (Known(checker="li", handlers=["li"]), _A.PASS_CHECK, LI, "checked-by-handler"),
        (Known(checker="li", handlers=["wang"]), _A.PASS_CHECK, LI, None),
        (Known(handlers=["li"]), _A.CLOSE, LI, "checked-by-handler"),
        (Known(unit_id=UNIT), _A.CLOSE, Actor("li", "duty_chief", UNIT), "checked-by-handler"),
        (Known(handover_id=UNIT), _A.ANSWER, LI, "handled-by-unit"),
        (Known(state=CaseState.CONVERTED, handover_id=UNIT), _A.RETURN, LI, "handled-by-unit"),
        (Known(state=CaseState.RETURNED, handover_id=UNIT), _A.DESIGNATE, LI, "nobody-to-designate"),
        (Known(state=CaseState.RETURNED, unit_id=UNIT), _A.DESIGNATE, LI, None),
        (Known(state=CaseState.RETURNED, squad="first"), _A.DESIGNATE, LI, None),
        (Known(handler="wang"), _A.START, LI, "not-your-case"),
        (Known(handler="wang"), _A.ASK_EXTENSION, LI, "not-your-case"),
        (Known(handler="wang"), _A.ASK_EXTENSION, Actor("li", "dispatcher"), None),
        (Known(state=CaseState.DISPATCHED, designated=True), _A.RETURN, LI, "designated-not-returnable"),
        (Known(state=CaseState.HANDLING), _A.RETURN, LI, "started-not-returnable"),
        (Known(state=CaseState.DISPATCHED), _A.RETURN, LI, None),
        (Known(claimed_by="wang", claimed_until=NOW + timedelta(minutes=1)), _A.FILE, LI, "case-claimed"),
        (Known(claimed_by="wang", claimed_until=NOW), _A.FILE, LI, None),
        (Known(claimed_by="li", claimed_until=NOW + timedelta(minutes=1)), _A.FILE, LI, None),
    ],
)
def test_who_may(case: Known, action: CaseAction, actor: Actor, code: str | None) -> None:
    if code is None:
        check_person(case, action, actor, NOW)
        return
    with pytest.raises(DomainError) as caught:
        check_person(case, action, actor, NOW)
    assert caught.value.code == code


def test_may_looks_at_the_state_too() -> None:
    assert may(Known(state=CaseState.ACCEPTED), _A.FILE, LI, NOW)
    assert not may(Known(state=CaseState.FILED), _A.FILE, LI, NOW)
    assert not may(Known(state=CaseState.REPORTED), _A.WITHDRAW, LI, NOW)


@pytest.mark.parametrize(
    "case, reason",
    [
        (Known(state=CaseState.REPORTED), QueueReason.TO_ACCEPT),
        (Known(state=CaseState.VERIFYING), None),
        (Known(state=CaseState.ACCEPTED), QueueReason.TO_FILE),
        (Known(state=CaseState.FILED), QueueReason.TO_DISPATCH),
        (Known(), None),
        (Known(rework_count=1), QueueReason.REWORK),
        (Known(overdue_at=NOW, rework_count=1), QueueReason.OVERDUE),
        (Known(overdue_at=NOW, escalated_at=NOW), QueueReason.ESCALATED),
        (Known(unsigned_at=NOW, state=CaseState.DISPATCHED), QueueReason.UNSIGNED),
        (Known(unattended_at=NOW, escalated_at=NOW), QueueReason.UNATTENDED),
        (Known(unattended_at=NOW, state=CaseState.VERIFYING), QueueReason.UNATTENDED),
        (Known(unattended_at=NOW, state=CaseState.CHECKING, checker="li"), QueueReason.UNATTENDED),
        (Known(unattended_at=NOW, deferral="extension:requested"), QueueReason.EXTENSION),
        (Known(deferral="extension:requested", overdue_at=NOW), QueueReason.EXTENSION),
        (Known(deferral="suspension:approved"), QueueReason.SUSPENSION),
        (Known(joint_returned_at=NOW, overdue_at=NOW), QueueReason.JOINT_RETURNED),
        (Known(joint_returned_at=NOW, state=CaseState.SUSPENDED), QueueReason.JOINT_RETURNED),
        (Known(joint_returned_at=NOW, state=CaseState.RETURNED), QueueReason.RETURNED),
        (Known(state=CaseState.RETURNED, overdue_at=NOW), QueueReason.RETURNED),
        (Known(state=CaseState.CHECKING), QueueReason.TO_CHECK),
        (Known(state=CaseState.CHECKING, checker="li"), None),
        (Known(state=CaseState.CHECKED), QueueReason.TO_CLOSE),
        (Known(state=CaseState.SUSPENDED), None),
        (Known(state=CaseState.CONVERTED, overdue_at=NOW), None),
        (Known(state=CaseState.CONVERTED, step_due_at=NOW), QueueReason.INTERIM_REPLY),
        (Known(state=CaseState.CONVERTED, step_due_at=NOW, unsigned_at=NOW), QueueReason.UNSIGNED),
        (Known(state=CaseState.CLOSED), None),
    ],
)
def test_why_it_is_on_the_queue(case: Known, reason: QueueReason | None) -> None:
    assert queue_reason(case) is reason


def test_the_deadline_starts_at_dispatch_and_grows_by_whole_limits() -> None:
    clock = Clock(NOW, Limit(1, TimeUnit.WORKING_DAYS))
    pause, later = (NOW, NOW + timedelta(days=7)), (NOW + timedelta(days=8), NOW + timedelta(days=9))
    days = [
        deadline(each, WorkingCalendar()).isoformat()[:10]
        for each in (
            clock, replace(clock, extensions=2), replace(clock, pauses=(pause,)),
            replace(clock, pauses=(pause, later)),
        )
    ]  # fmt: skip
    assert days == ["2026-11-24", "2026-11-26", "2026-12-01", "2026-12-02"]
    off = WorkingCalendar({date(2026, 11, 24): False})
    assert deadline(clock, off).isoformat() == "2026-11-25T15:59:59.999999+00:00"


@dataclass(frozen=True)
class Clocked:
    """What the clock reads."""

    clock_started_at: datetime | None = NOW
    limit_amount: int | None = 4
    limit_unit: str | None = "working_hours"
    extension_count: int = 0
    pauses: list[datetime] = field(default_factory=list)


def test_the_clock_of_a_case() -> None:
    assert clock_of(Clocked(clock_started_at=None)) is None
    clock = clock_of(Clocked())
    assert clock is not None
    assert clock.limit == Limit(4, TimeUnit.WORKING_HOURS)
    days = [NOW + timedelta(days=number) for number in range(4)]
    paused = clock_of(Clocked(pauses=days))
    assert paused is not None
    assert paused.pauses == ((days[0], days[1]), (days[2], days[3]))


def test_photos() -> None:
    require_photos("after", 1, 1)
    with pytest.raises(DomainError) as caught:
        require_photos("after", 2, 1)
    assert caught.value.code == "photos-missing"
