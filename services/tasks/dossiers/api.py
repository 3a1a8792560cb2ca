"""Routes of reading tasks."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from libs.common.http.calls import CommandDep, QueryDep
from libs.common.http.paging import Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Instant
from libs.common.media.links import attachments
from services.tasks.dossiers import service
from services.tasks.dossiers.domain import AttachmentRead, StepRead, TaskDetail, TaskRead, WaitRead, allowed
from services.tasks.dossiers.schemas import Reveal, Revealed, StepList, TaskList
from services.tasks.tasks import service as tasks
from services.tasks.tasks.domain import State
from services.tasks.tasks.service import By, Show, Task, TaskFilter

router = command_router("/tasks/v1/tasks", tags=["tasks 任务"])

READ = permit("tasks.task.read")
REVEAL = permit("tasks.task.reveal")


async def _narrow(
    show: Annotated[Show, Query(description="列表范围")] = Show.ALL,
    unit_id: Annotated[UUID | None, Query(description="承办单位")] = None,
    state: Annotated[State | None, Query(description="状态")] = None,
    area: Annotated[str | None, Query(pattern=r"^[0-9]{2,15}$", description="区划代码前缀")] = None,
    due_before: Annotated[Instant | None, Query(description="时限早于")] = None,
    q: Annotated[str | None, Query(max_length=100, description="编号、标题、地址检索")] = None,
) -> TaskFilter:
    return TaskFilter(show, unit_id, state, area, due_before, q)


@router.get("", response_model=Page[TaskRead], summary="任务列表 List tasks", **READ)
async def list_tasks(
    call: QueryDep,
    paging: PageDep,
    narrow: Annotated[TaskFilter, Depends(_narrow)],
    measure_id: Annotated[UUID | None, Query(description="所属举措")] = None,
) -> Slice[Task]:
    """Newest first: a unit's own and those it takes part in, for others their area. 最新在前"""
    narrow = replace(narrow, measure_id=measure_id)
    return await tasks.list_tasks(call.session, narrow, call.principal, paging, call.now)


@router.get("/inbox", response_model=Page[TaskRead], summary="收件箱 The unit's inbox", **READ)
async def inbox(call: QueryDep, paging: PageDep) -> Slice[Task]:
    """Everything that the unit has open, by deadline, with what it owes as a partner. 按时限排序"""
    return await tasks.inbox(call.session, call.principal.unit_id, paging)


@router.get("/sign-offs", response_model=Page[TaskRead], summary="待签发 Awaiting sign-off", **READ)
async def sign_offs(call: QueryDep, paging: PageDep) -> Slice[Task]:
    """What waits for the unit's leader, by deadline. 待负责人签发"""
    return await tasks.sign_offs(call.session, call.principal.unit_id, paging)


@router.get("/timed-out", response_model=Page[WaitRead], summary="超时等待 Waits that ran out", **READ)
async def timed_out(call: QueryDep, paging: PageDep) -> Slice[WaitRead]:
    """What the unit has let wait, and what it waits for: a mark that ends nothing. 超时只作标记"""
    return await service.waits(call.session, call.principal.unit_id, paging)


@router.get("/{task_id}", response_model=TaskDetail, summary="查看任务 Read a task", **READ)
async def read_task(task_id: UUID, call: QueryDep) -> TaskDetail:
    """One task with what must be known to act; persons are masked. 个人信息脱敏"""
    task = await tasks.read(call.session, task_id, call.principal)
    contents = await service.contents(call.session, task)
    photos = (await attachments(call.session, "task", [task.id]))[task.id]
    shown = [AttachmentRead.model_validate(photo) for photo in photos]
    return TaskDetail.model_validate(task).model_copy(
        update={"contents": contents, "photos": shown, "allowed_actions": allowed(State(task.state))}
    )


@router.get("/{task_id}/history", response_model=StepList, summary="操作历史 History", **READ)
async def read_history(task_id: UUID, call: QueryDep) -> StepList:
    """Who did what and when. 操作历史"""
    task = await tasks.read(call.session, task_id, call.principal)
    steps = await tasks.history(call.session, task)
    return StepList(items=[StepRead.model_validate(step) for step in steps])


@router.get("/{task_id}/joint", response_model=TaskList, summary="会同处置 Joint handling", **READ)
async def read_joint(task_id: UUID, call: QueryDep) -> TaskList:
    """The other units' tasks of the same joint handling, the lead first. 会同处置的其他单位"""
    task = await tasks.read(call.session, task_id, call.principal)
    others = await tasks.joint(call.session, task)
    return TaskList(items=[TaskRead.model_validate(other) for other in others])


@router.put(
    "/{task_id}/accesses/{access_id}",
    response_model=Revealed,
    summary="查看完整信息 Read personal data in full",
    **REVEAL,
)
async def reveal(task_id: UUID, access_id: UUID, body: Reveal, call: CommandDep) -> Revealed:
    """For the assigned handler alone; the reason is recorded under the client's id. 查看理由留痕"""
    by = By(call.actor, call.now, call.principal)
    told = await service.reveal(call.session, task_id, access_id, body.reason, by)
    return Revealed(contents=told)
