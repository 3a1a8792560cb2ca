"""Direct tasks: entered here by an assigner, verified by another than the doer. Never commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.areas import check_code
from libs.common.clocks import TimeUnit, due_after_pause, local_date
from libs.common.contracts.tasks import TaskClosed, TaskVerified
from libs.common.events.record import Change
from libs.common.policy import require_area
from services.tasks.assignments import service as steps
from services.tasks.calendars import service as calendars
from services.tasks.cooperation import service as cooperation
from services.tasks.cooperation.domain import check_partners
from services.tasks.directs.domain import check_clock, check_extension, check_with_unit
from services.tasks.duties import service as duties
from services.tasks.measures import service as measures
from services.tasks.measures.domain import Link
from services.tasks.tasks.domain import (
    Action,
    Origin,
    State,
    check_direct,
    check_later,
    check_verifier,
)
from services.tasks.tasks.service import (
    By,
    Task,
    TaskDraft,
    advance,
    counts_of,
    create,
    doers,
    locked,
    tell,
    told_counts,
)
from services.tasks.units import service as units


@dataclass(frozen=True)
class Assignment:
    """A direct task to be entered (直接交办).

    `counts`: what it brings to targets, over what its measure's links say. `subject`: type, id and number of
    what it is about, where a room of this service gives it out.
    """

    title: str
    description: str
    unit_id: UUID
    area: str | None = None
    responsible_unit_ids: tuple[UUID, ...] = ()
    cooperating_unit_ids: tuple[UUID, ...] = ()
    due_at: datetime | None = None
    category: str | None = None
    replaces_id: UUID | None = None
    measure_id: UUID | None = None
    counts: tuple[Link, ...] = ()
    subject: tuple[str, UUID, str] | None = None


async def enter(session: AsyncSession, given: Assignment, by: By) -> Task:
    """Give a unit a task (交办). Raises what its units, category, area and deadline are refused for.

    A task of a measure takes the measure's links to targets; see `measures.service.counts_for`.
    """
    day = local_date(by.now)
    partners = given.responsible_unit_ids + given.cooperating_unit_ids
    check_partners(given.unit_id, partners)
    check_later(given.due_at, by.now)
    lead = await units.read_for_work(session, given.unit_id, day)
    for partner in partners:
        await units.read_for_work(session, partner, day)
    area = check_code(given.area or lead.area)
    if by.viewer is not None:
        require_area(by.viewer, area)
    if given.category is not None:
        await duties.require_category(session, given.category, day)
    draft = TaskDraft(
        origin=Origin.DIRECT,
        title=given.title,
        description=given.description,
        area=area,
        unit_id=lead.id,
        due_at=given.due_at,
        category=given.category,
        replaces_id=given.replaces_id,
        partner_ids=partners,
        subject=given.subject,
        measure_id=given.measure_id,
        counts=await measures.counts_for(session, given.measure_id, given.counts),
    )
    task = await create(session, draft, by)
    await cooperation.open_lines(session, task, given.responsible_unit_ids, given.cooperating_unit_ids)
    return task


async def urge(session: AsyncSession, task_id: UUID, note: str, by: By) -> Task:
    """Urge the unit (催办). Raises `NotWithUnit`, as every step here raises what `_direct` raises."""
    return await steps.urge(session, await _at_work(session, task_id, by), note, by)


async def designate(session: AsyncSession, task_id: UUID, note: str, by: By) -> Task:
    """Answer a return by designating the unit (指定)."""
    return await steps.designate(session, await _direct(session, task_id, by), note, by)


async def take_back(session: AsyncSession, task_id: UUID, note: str, by: By) -> Task:
    """Answer a return by taking the task back (同意退单)."""
    return await steps.take_back(session, await _direct(session, task_id, by), note, by)


async def withdraw(session: AsyncSession, task_id: UUID, note: str, by: By) -> Task:
    """Withdraw the task (撤回)."""
    return await steps.withdraw(session, await _direct(session, task_id, by), note, by)


async def reschedule(
    session: AsyncSession, task_id: UUID, due_at: datetime | None, note: str, by: By
) -> Task:
    """Put another deadline in force (变更时限). Raises `DeadlineNotLater`, `NotWithUnit`."""
    check_later(due_at, by.now)
    return await steps.reschedule(session, await _at_work(session, task_id, by), due_at, note, by)


async def grant_extension(session: AsyncSession, task_id: UUID, due_at: datetime, note: str, by: By) -> Task:
    """Grant the extension asked for (同意延期). Raises `ExtensionPending`, `DeadlineNotLater`."""
    task = await _at_work(session, task_id, by)
    check_extension(task.extension_until)
    check_later(due_at, by.now, task.due_at)
    return await steps.grant_extension(session, task, due_at, note, by)


async def refuse_extension(session: AsyncSession, task_id: UUID, note: str, by: By) -> Task:
    """Refuse the extension asked for (不予延期). Raises `ExtensionPending`."""
    task = await _at_work(session, task_id, by)
    check_extension(task.extension_until)
    return await steps.refuse_extension(session, task, note, by)


async def suspend(session: AsyncSession, task_id: UUID, note: str, by: By) -> Task:
    """Let the clock stand still (挂账). Raises `ClockState`."""
    task = await _at_work(session, task_id, by)
    check_clock(task.suspended_at, suspended=False)
    return await steps.suspend(session, task, note, by)


async def resume(session: AsyncSession, task_id: UUID, note: str, by: By) -> Task:
    """Let the clock run again (恢复); the deadline keeps the time that was left. Raises `ClockState`."""
    task = await _direct(session, task_id, by)
    since = check_clock(task.suspended_at, suspended=True)
    due = task.due_at
    if due is not None and since is not None:
        days = await calendars.calendar(session)
        due = due_after_pause(due, (since, by.now), TimeUnit.NATURAL_HOURS, days)
    return await steps.resume(session, task, due, note, by)


async def rework(session: AsyncSession, task_id: UUID, note: str, by: By) -> Task:
    """The verification failed (返工): same unit, counted, no fresh clock. Raises `OwnWork`."""
    task = await _direct(session, task_id, by)
    check_verifier(by.actor.subject, by.actor.unit_id, doers(task), task.unit_id)
    return await steps.rework(session, task, note, by)


async def verify(
    session: AsyncSession, task_id: UUID, note: str, by: By, given: tuple[Link, ...] = ()
) -> Task:
    """Someone other than the doer finds the work done (核验), `given` so much of it. Raises `OwnWork`.

    What is given replaces what the task was to bring to that target.
    Raises `TargetTwice`, `TargetUnknown`, `UnitsDiffer`.
    """
    task = await _direct(session, task_id, by)
    check_verifier(by.actor.subject, by.actor.unit_id, doers(task), task.unit_id)
    before = advance(task, Action.VERIFY)
    task.verified_at = by.now
    task.counts = told_counts(await measures.recount(session, counts_of(task), given))
    change = Change("verify", before, task.state, note or None, {"counts": task.counts})
    facts = {
        "on_time": task.on_time,
        "measure_id": task.measure_id,
        "evidence_count": len((task.answer or {}).get("media", ())),
        "counts": counts_of(task),
    }
    return await tell(session, task, TaskVerified, change, by, facts)


async def close(session: AsyncSession, task_id: UUID, note: str, by: By) -> Task:
    """Close a verified task (办结销号)."""
    task = await _direct(session, task_id, by)
    before = advance(task, Action.CLOSE)
    change = Change("close", before, task.state, note or None)
    return await steps.ended(session, task, TaskClosed, change, by, {"on_time": task.on_time})


async def _direct(session: AsyncSession, task_id: UUID, by: By) -> Task:
    """Raises `TaskNotFound`, `Stale`, `CheckedByGrid`."""
    task = await locked(session, task_id, by)
    check_direct(task.origin)
    return task


async def _at_work(session: AsyncSession, task_id: UUID, by: By) -> Task:
    task = await _direct(session, task_id, by)
    check_with_unit(State(task.state))
    return task
