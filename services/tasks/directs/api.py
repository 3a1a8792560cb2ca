"""Routes of direct tasks: entering, steering, verifying, closing. A case's task is steered by grid: 409."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch
from libs.common.http.route import command_router, permit
from services.tasks.directs import service
from services.tasks.directs.schemas import Deadline, Reason, TaskCreate, Verification, Word
from services.tasks.dossiers.domain import TaskRead
from services.tasks.tasks.service import By, Task

router = command_router("/tasks/v1/tasks", tags=["directs 直接交办"])

ASSIGN = permit("tasks.task.assign")
VERIFY = permit("tasks.task.verify")


def _by(call: CommandDep, version: int | None = None) -> By:
    return By(call.actor, call.now, call.principal, version)


@router.post("", response_model=TaskRead, status_code=201, summary="交办 Enter a task", **ASSIGN)
async def enter_task(body: TaskCreate, call: CommandDep) -> Task:
    """Give a unit a task, with responsible and cooperating units beside it. 直接交办"""
    return await service.enter(call.session, body.assignment(), _by(call))


@router.post(
    "/{task_id}/urge",
    response_model=TaskRead,
    summary="催办 Urge",
    **permit("tasks.task.assign", example={"note": "时限将至，请尽快办结"}),
)
async def urge(task_id: UUID, body: Word, expect: IfMatch, call: CommandDep) -> Task:
    """It shows in the clerk's inbox. 进入承办人收件箱"""
    return await service.urge(call.session, task_id, body.note or "", _by(call, expect))


@router.post("/{task_id}/designate", response_model=TaskRead, summary="指定 Designate", **ASSIGN)
async def designate(task_id: UUID, body: Reason, expect: IfMatch, call: CommandDep) -> Task:
    """The unit may not return it any more. 指定后不得退单"""
    return await service.designate(call.session, task_id, body.note, _by(call, expect))


@router.post(
    "/{task_id}/take-back",
    response_model=TaskRead,
    summary="同意退单 Take back",
    **permit("tasks.task.assign", example={"note": "退单理由成立，另行交办"}),
)
async def take_back(task_id: UUID, body: Reason, expect: IfMatch, call: CommandDep) -> Task:
    """The task ends; another try is a new task. 任务结束，可另行交办"""
    return await service.take_back(call.session, task_id, body.note, _by(call, expect))


@router.post(
    "/{task_id}/withdraw",
    response_model=TaskRead,
    summary="撤回 Withdraw",
    **permit("tasks.task.assign", example={"note": "已并入专项整治统一办理"}),
)
async def withdraw(task_id: UUID, body: Reason, expect: IfMatch, call: CommandDep) -> Task:
    """The task ends. 撤回任务"""
    return await service.withdraw(call.session, task_id, body.note, _by(call, expect))


@router.post("/{task_id}/reschedule", response_model=TaskRead, summary="变更时限 Reschedule", **ASSIGN)
async def reschedule(task_id: UUID, body: Deadline, expect: IfMatch, call: CommandDep) -> Task:
    """Put another deadline in force. 变更时限"""
    return await service.reschedule(call.session, task_id, body.due_at, body.note, _by(call, expect))


@router.post(
    "/{task_id}/extension/grant", response_model=TaskRead, summary="同意延期 Grant an extension", **ASSIGN
)
async def grant_extension(task_id: UUID, body: Deadline, expect: IfMatch, call: CommandDep) -> Task:
    """Grant what was asked for, or another date. 同意延期"""
    return await service.grant_extension(call.session, task_id, body.due_at, body.note, _by(call, expect))


@router.post(
    "/{task_id}/extension/refuse",
    response_model=TaskRead,
    summary="不予延期 Refuse an extension",
    **permit("tasks.task.assign", example={"note": "时限内可以完成"}),
)
async def refuse_extension(task_id: UUID, body: Reason, expect: IfMatch, call: CommandDep) -> Task:
    """The deadline in force stays. 时限不变"""
    return await service.refuse_extension(call.session, task_id, body.note, _by(call, expect))


@router.post(
    "/{task_id}/suspend",
    response_model=TaskRead,
    summary="挂账 Suspend",
    **permit("tasks.task.assign", example={"note": "等待消防验收，暂缓办理"}),
)
async def suspend(task_id: UUID, body: Reason, expect: IfMatch, call: CommandDep) -> Task:
    """The clock stands still. 时钟停走"""
    return await service.suspend(call.session, task_id, body.note, _by(call, expect))


@router.post(
    "/{task_id}/resume",
    response_model=TaskRead,
    summary="恢复 Resume",
    **permit("tasks.task.assign", example={"note": "验收已完成，恢复办理"}),
)
async def resume(task_id: UUID, body: Word, expect: IfMatch, call: CommandDep) -> Task:
    """The clock runs again with the time that was left. 剩余时间不变"""
    return await service.resume(call.session, task_id, body.note or "", _by(call, expect))


@router.post(
    "/{task_id}/rework",
    response_model=TaskRead,
    summary="返工 Demand rework",
    **permit("tasks.task.verify", example={"note": "现场抽查仍有两处堆物，请返工"}),
)
async def rework(task_id: UUID, body: Reason, expect: IfMatch, call: CommandDep) -> Task:
    """Same unit, counted, no fresh clock. 同一单位返工，时限不重新计算"""
    return await service.rework(call.session, task_id, body.note, _by(call, expect))


@router.post("/{task_id}/verify", response_model=TaskRead, summary="核验 Verify", **VERIFY)
async def verify(task_id: UUID, body: Verification, expect: IfMatch, call: CommandDep) -> Task:
    """By a person other than the doer, with the quantities found. 由办理人以外的人员核验并核定数量"""
    return await service.verify(call.session, task_id, body.note or "", _by(call, expect), body.links())


@router.post(
    "/{task_id}/close",
    response_model=TaskRead,
    summary="办结 Close",
    **permit("tasks.task.assign", example={"note": "核验通过，予以办结"}),
)
async def close(task_id: UUID, body: Word, expect: IfMatch, call: CommandDep) -> Task:
    """Close a verified task. 办结销号"""
    return await service.close(call.session, task_id, body.note or "", _by(call, expect))
