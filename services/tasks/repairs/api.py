"""Route of repair orders: all their other steps are those of a task."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch
from libs.common.http.route import command_router, permit
from services.tasks.dossiers.domain import TaskRead
from services.tasks.repairs import service
from services.tasks.repairs.schemas import Arrive
from services.tasks.tasks.service import By, Task

router = command_router("/tasks/v1/tasks/{task_id}", tags=["repairs 报修"])


@router.post("/arrive", response_model=TaskRead, summary="到场 Arrive on site", **permit("tasks.task.work"))
async def arrive(task_id: UUID, body: Arrive, expect: IfMatch, call: CommandDep) -> Task:
    """Of a repair order: when somebody came; the arrival clock runs day and night. 到场时限昼夜连续计算"""
    by = By(call.actor, call.now, call.principal, expect)
    return await service.arrive(call.session, task_id, body.told(), by)
