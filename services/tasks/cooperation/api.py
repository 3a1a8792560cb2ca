"""Routes of the units beside the lead."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.route import command_router, permit
from services.tasks.cooperation import service
from services.tasks.cooperation.models import TaskLine
from services.tasks.cooperation.schemas import Chase, Feedback, LineList
from services.tasks.dossiers.domain import TaskRead
from services.tasks.tasks import service as tasks
from services.tasks.tasks.service import By, Task

router = command_router("/tasks/v1/tasks/{task_id}", tags=["cooperation 配合"])

READ = permit("tasks.task.read")
WORK = permit("tasks.task.work")
CHASE = permit("tasks.task.work", "tasks.task.assign")


@router.get("/lines", response_model=LineList, summary="配合反馈 Feedback lines", **READ)
async def list_lines(task_id: UUID, call: QueryDep) -> dict[str, list[TaskLine]]:
    """Each unit beside the lead with its own feedback. 各责任、配合单位的反馈"""
    task = await tasks.read(call.session, task_id, call.principal)
    return {"items": list(await service.lines(call.session, task.id))}


@router.post("/feedback", response_model=TaskRead, summary="提交配合反馈 Feed back", **WORK)
async def feed_back(task_id: UUID, body: Feedback, expect: IfMatch, call: CommandDep) -> Task:
    """The caller's unit feeds back on its own line. 本单位反馈"""
    by = By(call.actor, call.now, call.principal, expect)
    return await service.feed_back(call.session, task_id, body.note, body.photos, by)


@router.post("/chase", response_model=TaskRead, summary="催报 Chase a unit", **CHASE)
async def chase(task_id: UUID, body: Chase, expect: IfMatch, call: CommandDep) -> Task:
    """The lead unit or the assigner chases a unit for its feedback. 牵头单位或交办方催报"""
    by = By(call.actor, call.now, call.principal, expect)
    return await service.chase(call.session, task_id, body.unit_id, body.note, by)
