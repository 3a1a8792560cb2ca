"""What is read of a task beside its row, and personal data in full with a reason. Never commits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.handover import Contents
from libs.common.contracts.tasks import PersonalDataRevealed
from libs.common.events.record import Change, record
from libs.common.handover import repository as handover_repository
from libs.common.handover.models import IncomingHandover
from libs.common.handover.repository import Page
from libs.common.http.paging import Keyset, Paging, Slice
from services.tasks.dossiers import repository
from services.tasks.dossiers.domain import AccessTaken, HandlerOnly, WaitRead, masked
from services.tasks.dossiers.models import TaskAccess
from services.tasks.tasks.domain import TaskNotFound
from services.tasks.tasks.service import By, Task, own, tasks_of

BY_TIME_OUT = Keyset("waits-by-time-out", datetime, UUID)


async def contents(session: AsyncSession, task: Task) -> Contents | None:
    """What the sender told, masked; None for a direct task."""
    told = await _contents(session, task)
    return masked(told) if told else None


async def reveal(session: AsyncSession, task_id: UUID, access_id: UUID, purpose: str, by: By) -> Contents:
    """What the sender told, in full, for the assigned handler; the reason is recorded, once per access id.

    The sender leaves a withheld reporter out: it is never here. Raises `TaskNotFound`, `HandlerOnly`,
    `AccessTaken`.
    """
    task = await own(session, task_id, by)
    told = await _contents(session, task)
    if task.assignee != by.actor.subject:
        raise HandlerOnly
    if told is None:
        raise TaskNotFound
    access = await repository.find(session, access_id)
    if access is None:
        await _note_access(session, task, access_id, purpose, by)
    elif (access.task_id, access.subject) != (task.id, by.actor.subject):
        raise AccessTaken
    return told


async def _note_access(session: AsyncSession, task: Task, access_id: UUID, purpose: str, by: By) -> None:
    access = TaskAccess(
        id=access_id, version=0, task_id=task.id, subject=by.actor.subject, purpose=purpose, at=by.now
    )
    await repository.add(session, access)
    event = PersonalDataRevealed(
        happened_at=by.now, subject_type="task", subject_id=task.id, fields=("contents",), purpose="handle"
    )
    change = Change("reveal", note=purpose, fields={"task": task.id})
    await record(session, access, event, actor=by.actor, now=by.now, change=change)


async def _contents(session: AsyncSession, task: Task) -> Contents | None:
    if task.handover_id is None:
        return None
    handover = await session.get(IncomingHandover, task.handover_id)
    return Contents.model_validate(handover.contents) if handover else None


async def waits(session: AsyncSession, unit_id: UUID | None, paging: Paging) -> Slice[WaitRead]:
    """The unit's waits that ran out, longest first: its own, and those for the sender's decision."""
    if unit_id is None:
        raise TaskNotFound
    last = BY_TIME_OUT.after(paging)
    page = Page(after=(last[0], last[1]) if last else None, limit=paging.limit + 1)
    handovers = await handover_repository.list_timed_out_incoming(session, unit_id, page)
    found = await tasks_of(session, [handover.id for handover in handovers])
    rows = [_wait(handover, found[handover.id]) for handover in handovers]
    return BY_TIME_OUT.slice(rows, paging, lambda wait: (wait.timed_out_at, wait.handover_id))


def _wait(handover: IncomingHandover, task: Task) -> WaitRead:
    assert handover.timed_out_at is not None  # the list holds no other
    return WaitRead(
        handover_id=handover.id,
        task_id=task.id,
        number=task.number,
        title=task.title,
        waiting_for=handover.waiting_for,
        waiting_since=handover.waiting_since,
        timed_out_at=handover.timed_out_at,
    )
