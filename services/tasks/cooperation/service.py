"""Use cases of the units beside the lead: feedback, and being chased for it. Never commits."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.tasks import TaskChased, TaskCooperated
from libs.common.events.record import Change
from libs.common.ids import new_id
from libs.common.media.links import Purpose, Record, attach
from libs.common.policy import Role
from services.tasks.cooperation import repository
from services.tasks.cooperation.domain import LineNotFound, LineRole, TaskEnded
from services.tasks.cooperation.models import TaskLine
from services.tasks.tasks.domain import OPEN, State, TaskNotFound
from services.tasks.tasks.service import By, Task, locked, tell


async def open_lines(
    session: AsyncSession, task: Task, responsible: Sequence[UUID], cooperating: Sequence[UUID]
) -> None:
    """A line for each unit beside the lead."""
    roles = [(unit, LineRole.RESPONSIBLE) for unit in responsible]
    roles += [(unit, LineRole.COOPERATING) for unit in cooperating]
    lines = [
        TaskLine(id=new_id(), task_id=task.id, unit_id=unit, role=role, chases=0) for unit, role in roles
    ]
    await repository.add(session, lines)


async def lines(session: AsyncSession, task_id: UUID) -> Sequence[TaskLine]:
    """The lines of the task."""
    return await repository.of_task(session, task_id)


async def feed_back(session: AsyncSession, task_id: UUID, note: str, media: Sequence[str], by: By) -> Task:
    """The caller's unit feeds back (配合反馈); again replaces it. Raises `LineNotFound`, `TaskEnded`."""
    task = await locked(session, task_id, by)
    if by.actor.unit_id is None:
        raise LineNotFound
    line = await _open_line(session, task, by.actor.unit_id)
    await attach(
        session, media, to=Record("task", task.id), purpose=Purpose.EVIDENCE, actor=by.actor, now=by.now
    )
    line.feedback, line.feedback_at, line.feedback_by = note, by.now, by.actor.subject
    task.owing_ids = [unit for unit in task.owing_ids if unit != line.unit_id]
    change = Change("cooperate", task.state, task.state, note, {"unit": line.unit_id, "media": list(media)})
    return await tell(session, task, TaskCooperated, change, by, {"cooperating_unit_id": line.unit_id})


async def chase(session: AsyncSession, task_id: UUID, unit_id: UUID, note: str, by: By) -> Task:
    """The lead unit or the assigner chases a unit for its feedback (催报).

    Raises `TaskNotFound` for a clerk of another unit, `LineNotFound`, `TaskEnded`.
    """
    task = await locked(session, task_id, by)
    if by.actor.role == Role.UNIT_CLERK and by.actor.unit_id != task.unit_id:
        raise TaskNotFound
    line = await _open_line(session, task, unit_id)
    line.chases += 1
    line.chased_at = by.now
    change = Change("chase", task.state, task.state, note, {"unit": unit_id})
    return await tell(session, task, TaskChased, change, by, {"cooperating_unit_id": unit_id})


async def _open_line(session: AsyncSession, task: Task, unit_id: UUID) -> TaskLine:
    line = await repository.of_unit(session, task.id, unit_id)
    if line is None:
        raise LineNotFound
    if State(task.state) not in OPEN:
        raise TaskEnded
    return line
