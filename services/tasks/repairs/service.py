"""Use cases of repair orders: arrive, mark who has not come. Nothing here commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.handover import MediaRef
from libs.common.contracts.tasks import TaskArrivalOverdue, TaskArrived
from libs.common.events.record import Change
from libs.common.handover import service as handovers
from libs.common.handover.models import IncomingHandover
from libs.common.handover.orders import Progress
from libs.common.media.links import Purpose, Record, attach
from services.tasks.repairs import repository
from services.tasks.repairs.domain import came_late, check_arrival
from services.tasks.tasks.domain import Action
from services.tasks.tasks.service import TASKS, By, Task, advance, own, tell

SWEPT = 200


@dataclass(frozen=True)
class Arrival:
    """That somebody has come (到场): when (UTC), what they found, photos by hash."""

    at: datetime
    note: str
    media: tuple[str, ...] = ()


async def arrive(session: AsyncSession, task_id: UUID, told: Arrival, by: By) -> Task:
    """Tell that somebody is on site (到场登记); the grid is told in the same step.

    Who came in time and says so late is not late. Raises `TaskNotFound`, `NoRepairOrder`, `ArrivedAlready`,
    `RepairTimeImplausible`, `IllegalTransition`.
    """
    task = await own(session, task_id, by)
    check_arrival(task.repair, task.arrived_at, told.at, await _ordered_at(session, task), by.now)
    before = advance(task, Action.WORK)
    late = came_late(task.arrive_due_at, told.at)
    task.arrived_at = told.at
    task.arrival_overdue_at = (task.arrival_overdue_at or by.now) if late else None
    purpose = Purpose.EVIDENCE
    await attach(session, told.media, to=Record("task", task.id), purpose=purpose, actor=by.actor, now=by.now)
    if task.handover_id is not None:
        refs = tuple(MediaRef(hash=each, purpose=purpose) for each in told.media)
        progress = Progress(told.note, media=refs, arrived_at=told.at)
        await handovers.report_progress(session, task.handover_id, progress, actor=by.actor, now=by.now)
    fields = {"arrived_at": told.at, "due_at": task.arrive_due_at, "media": told.media}
    change = Change("arrive", before, task.state, told.note, fields)
    return await tell(session, task, TaskArrived, change, by, {"on_time": not late, "arrived_at": told.at})


async def _ordered_at(session: AsyncSession, task: Task) -> datetime:
    """When the grid asked for it: whoever was called may be there before the order's message is."""
    order = await session.get(IncomingHandover, task.handover_id) if task.handover_id else None
    return order.requested_at if order is not None else task.created_at


async def mark_absent(session: AsyncSession, now: datetime) -> int:
    """Mark the repair orders to which nobody has come in time (到场超时). Answers how many."""
    late = await repository.claim_absent(session, now, SWEPT)
    for task in late:
        task.arrival_overdue_at = now
        change = Change(
            "arrival-overdue", task.state, task.state, fields={"arrive_due_at": task.arrive_due_at}
        )
        await tell(session, task, TaskArrivalOverdue, change, By(TASKS, now))
    return len(late)
