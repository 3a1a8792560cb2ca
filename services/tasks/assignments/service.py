"""The steps of who gave the task, on a task that is locked already: the same for both ways. Never commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.handover import Contents
from libs.common.contracts.tasks import (
    TaskClosed,
    TaskDesignated,
    TaskExtensionRefused,
    TaskFact,
    TaskRealigned,
    TaskRescheduled,
    TaskResumed,
    TaskReworked,
    TaskSupplemented,
    TaskSuspended,
    TaskTakenBack,
    TaskUrged,
    TaskWithdrawn,
)
from libs.common.events.record import Change
from libs.common.handover.domain import State as HandoverState
from libs.common.handover.models import IncomingHandover
from libs.common.media.links import Record, expect
from services.tasks.assignments.domain import realigned_state
from services.tasks.repairs.domain import order_in
from services.tasks.tasks.domain import Action, Origin, ReturnReason, State, designated_state
from services.tasks.tasks.service import TASKS, By, Task, TaskDraft, advance, create, has_ended, set_due, tell
from services.tasks.units import service as units
from services.tasks.units.domain import UnitIsGroup, UnitNotFound, UnitNotInForce
from services.tasks.work.service import returned


async def receive(session: AsyncSession, handover: IncomingHandover, by: By) -> Task:
    """A case's task arrives with its handover (派单).

    `tasks` never re-routes: for a unit that it does not know, or that cannot be given work today, it asks the
    sender at once to take the task back, so that it shows on the dispatcher's list.
    """
    reason = await _unfit(session, handover.unit_id, by)
    told = Contents.model_validate(handover.contents)
    place = told.place
    draft = TaskDraft(
        origin=Origin.CASE,
        title=told.title,
        area=handover.area or (place.area if place else ""),
        unit_id=None if reason is ReturnReason.UNIT_UNKNOWN else handover.unit_id,
        due_at=handover.due_at,
        category=told.category,
        subject=(handover.subject_type, handover.subject_id, handover.subject_number),
        handover_id=handover.id,
        joint_id=handover.joint_id,
        lead=handover.lead,
        address=place.address if place else "",
    )
    if (order := order_in(told.details)) is not None:
        draft = replace(draft, repair=order.urgency, arrive_due_at=order.arrive_due_at)
    task = await create(session, draft, by)
    photos = [(ref.hash, ref.purpose) for ref in told.media]
    await expect(session, photos, to=Record("task", task.id), actor=by.actor, now=by.now)
    if reason is not None:
        await returned(session, task, reason, "", By(TASKS, by.now))
    return task


async def _unfit(session: AsyncSession, unit_id: UUID | None, by: By) -> ReturnReason | None:
    try:
        if unit_id is None:
            return ReturnReason.UNIT_UNKNOWN
        await units.read_for_work(session, unit_id, local_date(by.now))
    except UnitNotFound:
        return ReturnReason.UNIT_UNKNOWN
    except (UnitNotInForce, UnitIsGroup):
        return ReturnReason.UNIT_NOT_IN_FORCE
    return None


async def realign(session: AsyncSession, task: Task, handover: IncomingHandover, by: By) -> Task:
    """Follow what the sender has said again after a loss; nothing is told where all agrees."""
    before = {name: getattr(task, name) for name in _SHARED}
    stood = State(task.state)
    task.state = realigned_state(stood, HandoverState(handover.state))
    for name in _SHARED:
        setattr(task, name, getattr(handover, name))
    changed = {name: value for name, value in before.items() if value != getattr(task, name)}
    if task.state == stood and not changed:
        return task
    set_due(task, task.due_at, by.now)
    return await tell(session, task, TaskRealigned, Change("realign", stood, task.state, fields=changed), by)


_SHARED = (
    "due_at",
    "signed_at",
    "suspended_at",
    "designated",
    "extension_until",
    "extensions",
    "urges",
    "reworks",
    "answered_at",
    "on_time",
    "ended_at",
)
"""What a task and its handover both say."""


async def urge(session: AsyncSession, task: Task, note: str, by: By) -> Task:
    """Urge the unit (催办): it shows in the clerk's inbox."""
    task.urges += 1
    task.urged_at = by.now
    change = Change("urge", task.state, task.state, note or None)
    return await tell(session, task, TaskUrged, change, by, {"urged_count": task.urges})


async def supplement(session: AsyncSession, task: Task, note: str, by: By) -> Task:
    """Tell the unit more (补充)."""
    change = Change("supplement", task.state, task.state, note or None)
    return await tell(session, task, TaskSupplemented, change, by)


async def designate(session: AsyncSession, task: Task, note: str, by: By) -> Task:
    """Designate the unit (指定): it may not return the task any more."""
    before = State(task.state)
    task.state = designated_state(before, task.signed_at is not None)
    task.designated, task.return_reason = True, None
    return await tell(
        session, task, TaskDesignated, Change("designate", before, task.state, note or None), by
    )


async def take_back(session: AsyncSession, task: Task, note: str, by: By) -> Task:
    """Agree to the return (同意退单): the task ends; another try is a new task."""
    before = advance(task, Action.TAKE_BACK)
    return await ended(
        session, task, TaskTakenBack, Change("take-back", before, task.state, note or None), by
    )


async def withdraw(session: AsyncSession, task: Task, note: str, by: By) -> Task:
    """Withdraw the task (撤回)."""
    before = advance(task, Action.WITHDRAW)
    return await ended(session, task, TaskWithdrawn, Change("withdraw", before, task.state, note or None), by)


async def reschedule(session: AsyncSession, task: Task, due_at: datetime | None, note: str, by: By) -> Task:
    """Put another deadline in force (变更时限)."""
    before = task.due_at
    set_due(task, due_at, by.now)
    fields = {"due_at": {"from": before, "to": due_at}}
    change = Change("reschedule", task.state, task.state, note or None, fields)
    return await tell(session, task, TaskRescheduled, change, by)


async def grant_extension(session: AsyncSession, task: Task, due_at: datetime, note: str, by: By) -> Task:
    """Grant the extension asked for (同意延期)."""
    task.extension_until = None
    task.extensions += 1
    return await reschedule(session, task, due_at, note, by)


async def refuse_extension(session: AsyncSession, task: Task, note: str, by: By) -> Task:
    """Refuse the extension asked for (不予延期)."""
    task.extension_until = None
    change = Change("refuse-extension", task.state, task.state, note or None)
    return await tell(session, task, TaskExtensionRefused, change, by)


async def suspend(session: AsyncSession, task: Task, note: str, by: By) -> Task:
    """Let the clock stand still (挂账)."""
    task.suspended_at = by.now
    return await tell(
        session, task, TaskSuspended, Change("suspend", task.state, task.state, note or None), by
    )


async def resume(session: AsyncSession, task: Task, due_at: datetime | None, note: str, by: By) -> Task:
    """Let the clock run again (恢复), to the deadline that the sender has reckoned.

    Whoever was to come and has not come yet has what was left of that time too.
    """
    if task.suspended_at is not None and task.arrive_due_at is not None and task.arrived_at is None:
        task.arrive_due_at += by.now - task.suspended_at
    task.suspended_at = None
    set_due(task, due_at, by.now)
    return await tell(session, task, TaskResumed, Change("resume", task.state, task.state, note or None), by)


async def rework(session: AsyncSession, task: Task, note: str, by: By) -> Task:
    """The check failed (返工): same unit, counted, no fresh clock."""
    before = advance(task, Action.REWORK)
    task.reworks += 1
    task.answered_at = None
    return await tell(session, task, TaskReworked, Change("rework", before, task.state, note or None), by)


async def accept(session: AsyncSession, task: Task, on_time: bool | None, by: By) -> Task:
    """The grid's check has passed: the task closes, without a second verification (核查通过)."""
    before = advance(task, Action.ACCEPT)
    task.on_time = on_time
    return await ended(
        session, task, TaskClosed, Change("accept", before, task.state), by, {"on_time": on_time}
    )


async def ended(
    session: AsyncSession,
    task: Task,
    event: type[TaskFact],
    change: Change,
    by: By,
    facts: Mapping[str, Any] | None = None,
) -> Task:
    """Note the end of the task and tell it, also to the room that gave it out."""
    task.ended_at, task.extension_until = by.now, None
    await tell(session, task, event, change, by, facts)
    await has_ended(session, task, by)
    return task
