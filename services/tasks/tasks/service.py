"""What every room does with a task: find it, lock it, take a step and tell it. Never commits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.contracts.tasks import TaskAssigned, TaskCount, TaskFact, TaskOverdue, TaskRestated
from libs.common.events.models import History
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.handover import repository as handover_repository
from libs.common.handover.models import IncomingHandover
from libs.common.http.paging import Keyset, Paging, Slice
from libs.common.ids import new_id
from libs.common.numbering import matter_number
from libs.common.policy import Actor, Principal, system_actor
from libs.common.search import tsvector_text
from libs.common.text import mask_address
from libs.common.versions import check_version
from services.tasks.tasks import repository
from services.tasks.tasks.domain import (
    LIFE,
    Action,
    Origin,
    State,
    TaskNotFound,
)
from services.tasks.tasks.models import Task as Task
from services.tasks.tasks.models import in_states as in_states
from services.tasks.tasks.repository import Show as Show
from services.tasks.tasks.repository import TaskFilter as TaskFilter

TASKS = system_actor("tasks")
PREFIX = "T"
"""First letter of a task number (任务编号)."""
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
BY_TIME = Keyset("tasks-by-time", datetime, UUID)
BY_DUE = Keyset("tasks-by-due", datetime, UUID)
OVERDUE_BATCH = 200


@dataclass(frozen=True)
class By:
    """Who takes a step and when (UTC). `version` is what they had read.

    `viewer` is None for the service's own steps and for those that arrive through a handover.
    """

    actor: Actor
    now: datetime
    viewer: Principal | None = None
    version: int | None = None


@dataclass(frozen=True)
class TaskDraft:
    """What a new task is (任务要素)."""

    origin: Origin
    title: str
    area: str
    unit_id: UUID | None
    due_at: datetime | None = None
    category: str | None = None
    description: str | None = None
    subject: tuple[str, UUID, str] | None = None
    handover_id: UUID | None = None
    joint_id: UUID | None = None
    lead: bool = True
    replaces_id: UUID | None = None
    address: str = ""
    partner_ids: tuple[UUID, ...] = field(default=())
    measure_id: UUID | None = None
    counts: tuple[TaskCount, ...] = ()
    repair: str | None = None
    arrive_due_at: datetime | None = None


Follower = Callable[[AsyncSession, Task, By], Awaitable[None]]
_FOLLOWERS: dict[str, Follower] = {}


def follow(subject_type: str, follower: Follower) -> None:
    """Let a room hear, in the same transaction, of the end of the tasks that it gave out as a subject."""
    _FOLLOWERS[subject_type] = follower


async def has_ended(session: AsyncSession, task: Task, by: By) -> None:
    """Tell the follower of the task's subject, if there is one, that the task has ended."""
    follower = _FOLLOWERS.get(task.subject_type or "")
    if follower is not None:
        await follower(session, task, by)


async def create(session: AsyncSession, draft: TaskDraft, by: By) -> Task:
    """A new task, waiting to be signed for."""
    serial = await repository.next_serial(session)
    number = matter_number(PREFIX, local_date(by.now), draft.area, serial)
    kind, subject_id, subject_number = draft.subject or (None, None, None)
    task = Task(
        id=new_id(),
        version=0,
        serial=serial,
        number=number,
        origin=draft.origin,
        handover_id=draft.handover_id,
        joint_id=draft.joint_id,
        lead=draft.lead,
        subject_type=kind,
        subject_id=subject_id,
        subject_number=subject_number,
        replaces_id=draft.replaces_id,
        measure_id=draft.measure_id,
        counts=told_counts(draft.counts),
        repair=draft.repair,
        arrive_due_at=draft.arrive_due_at,
        title=draft.title,
        description=draft.description,
        category=draft.category,
        area=draft.area,
        unit_id=draft.unit_id,
        partner_ids=list(draft.partner_ids),
        owing_ids=list(draft.partner_ids),
        state=LIFE.initial,
        assigner=by.actor.subject,
        created_at=by.now,
        first_due_at=draft.due_at,
        **_NOTHING_YET,
        words=_words(draft, number, subject_number),
    )
    set_due(task, draft.due_at, by.now)
    await repository.add(session, task)
    return await tell(session, task, TaskAssigned, Change("assign", None, task.state), by)


_NOTHING_YET: Mapping[str, Any] = {"designated": False, "extensions": 0, "urges": 0, "reworks": 0}


def _words(draft: TaskDraft, number: str, subject_number: str | None) -> str:
    told = (number, subject_number, draft.title, mask_address(draft.address))
    return tsvector_text(" ".join(part for part in told if part))


async def locked(session: AsyncSession, task_id: UUID, by: By) -> Task:
    """The task, locked behind its handover, as the messages lock them. Raises `TaskNotFound`, `Stale`."""
    if by.viewer is not None:
        await read(session, task_id, by.viewer)
    handover_id = await repository.handover_of(session, task_id)
    if handover_id is not None:
        await handover_repository.find_for_update(session, IncomingHandover, handover_id)
    task = await repository.lock(session, task_id)
    if task is None:
        raise TaskNotFound
    if by.version is not None:
        check_version(task, by.version)
    return task


async def own(session: AsyncSession, task_id: UUID, by: By) -> Task:
    """The task of the caller's own unit, locked. Raises `TaskNotFound` for another unit's, `Stale`."""
    task = await locked(session, task_id, by)
    if task.unit_id is None or task.unit_id != by.actor.unit_id:
        raise TaskNotFound
    return task


async def of_handover(session: AsyncSession, handover_id: UUID) -> Task | None:
    """The task of a handover, locked; the handover's row is locked already."""
    return await repository.lock_of_handover(session, handover_id)


async def tasks_of(session: AsyncSession, handover_ids: Collection[UUID]) -> Mapping[UUID, Task]:
    """The tasks of the handovers, by handover."""
    return {
        task.handover_id: task
        for task in await repository.of_handovers(session, handover_ids)
        if task.handover_id
    }


def advance(task: Task, action: Action) -> State:
    """Put the task into its next state; answers the state before. Raises `IllegalTransition`."""
    before = State(task.state)
    task.state = LIFE.after(before, action)
    return before


async def tell(
    session: AsyncSession,
    task: Task,
    event: type[TaskFact],
    change: Change,
    by: By,
    facts: Mapping[str, Any] | None = None,
) -> Task:
    """Write the step into history and log."""
    told = event(**facts_of(task, by.now), **(facts or {}))
    await record(session, task, told, actor=by.actor, now=by.now, change=change)
    return task


def facts_of(task: Task, now: datetime) -> dict[str, Any]:
    """What every event of the task carries."""
    return {
        "happened_at": now,
        "number": task.number,
        "origin": task.origin,
        "unit_id": task.unit_id,
        "area": task.area,
        "category": task.category,
        "subject_type": task.subject_type,
        "subject_id": task.subject_id,
        "status": task.state,
        "due_at": task.due_at,
        "rework_count": task.reworks,
        "repair": task.repair,
    }


def told_counts(counts: Sequence[TaskCount]) -> list[dict[str, Any]]:
    """What the task counts for, as the row keeps it."""
    return [each.model_dump(mode="json") for each in counts]


def counts_of(task: Task) -> tuple[TaskCount, ...]:
    """What the task counts for once it is verified."""
    return tuple(TaskCount.model_validate(each) for each in task.counts)


def set_due(task: Task, due_at: datetime | None, now: datetime) -> None:
    """Put a deadline in force; one that lies ahead lifts the mark of having passed."""
    task.due_at = due_at
    task.due_order = due_at or END_OF_TIME
    if due_at is None or due_at > now:
        task.overdue_at = None


async def read(session: AsyncSession, task_id: UUID, viewer: Principal) -> Task:
    """The task, if the viewer may see it. Raises `TaskNotFound`."""
    task = await repository.visible(session, task_id, viewer)
    if task is None:
        raise TaskNotFound
    return task


async def may_read(session: AsyncSession, task_id: UUID, viewer: Principal) -> bool:
    """Whether the viewer may see the task."""
    return await repository.visible(session, task_id, viewer) is not None


async def list_tasks(
    session: AsyncSession, narrow: TaskFilter, viewer: Principal, paging: Paging, now: datetime
) -> Slice[Task]:
    """Newest first, inside the viewer's scope."""
    rows = repository.narrowed(narrow, viewer, now)
    page = await repository.by_time(session, rows, paging.limit + 1, BY_TIME.after(paging))
    total = await repository.count(session, rows) if paging.total else None
    return BY_TIME.slice(page, paging, lambda task: (task.created_at, task.id), total)


async def inbox(session: AsyncSession, unit_id: UUID | None, paging: Paging) -> Slice[Task]:
    """The unit's one inbox by deadline. Raises `TaskNotFound` for a caller without a unit."""
    return await _by_due(session, repository.inbox(_unit(unit_id)), paging)


async def sign_offs(session: AsyncSession, unit_id: UUID | None, paging: Paging) -> Slice[Task]:
    """What waits for the unit's leader, by deadline."""
    return await _by_due(session, repository.sign_offs(_unit(unit_id)), paging)


def _unit(unit_id: UUID | None) -> UUID:
    if unit_id is None:
        raise TaskNotFound
    return unit_id


async def _by_due(session: AsyncSession, rows: Select[Task], paging: Paging) -> Slice[Task]:
    page = await repository.by_due(session, rows, paging.limit + 1, BY_DUE.after(paging))
    total = await repository.count(session, rows) if paging.total else None
    return BY_DUE.slice(page, paging, lambda task: (task.due_order, task.id), total)


async def history(session: AsyncSession, task: Task) -> Sequence[History]:
    """The task's steps, oldest first."""
    return await repository.history(session, task.id)


async def joint(session: AsyncSession, task: Task) -> Sequence[Task]:
    """The other tasks of the same joint handling, the lead first (会同处置)."""
    shared = task.joint_id or task.handover_id
    if shared is None:
        return []
    return [other for other in await repository.joint(session, shared) if other.id != task.id]


async def restate_tasks(session: AsyncSession, limit: int, last: UUID | None) -> UUID | None:
    """Say again how the next tasks stand."""
    found = await repository.after(session, limit, last)
    now = utc_now()
    said = [Entry(TaskRestated(**facts_of(task, now)), task.id, task.version, TASKS) for task in found]
    await append_many(session, said)
    return found[-1].id if len(found) == limit else None


async def mark_overdue(session: AsyncSession, now: datetime) -> int:
    """Mark tasks whose deadline in force has passed unanswered; a suspended clock stands still."""
    late = await repository.claim_overdue(session, now, OVERDUE_BATCH)
    for task in late:
        task.overdue_at = now
        change = Change("overdue", task.state, task.state, fields={"due_at": task.due_at})
        await tell(session, task, TaskOverdue, change, By(TASKS, now))
    return len(late)


def doers(task: Task) -> Collection[str]:
    """Who did the work: they do not verify it."""
    return {subject for subject in (task.assignee, task.answer_by) if subject is not None}
