"""Routes of the unit's steps. A foreign unit's task is 404."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch
from libs.common.http.route import command_router, permit
from services.tasks.dossiers.domain import TaskRead
from services.tasks.tasks.service import By, Task
from services.tasks.work import service
from services.tasks.work.schemas import Answer, Extension, FirstContact, Note, Progress, Return, Staff

router = command_router("/tasks/v1/tasks/{task_id}", tags=["work 办理"])

WORK = permit("tasks.task.work")
SIGN_OFF = permit("tasks.task.sign_off")


def _by(call: CommandDep, version: int) -> By:
    return By(call.actor, call.now, call.principal, version)


@router.post("/sign", response_model=TaskRead, summary="签收 Sign for the task", **WORK)
async def sign(task_id: UUID, expect: IfMatch, call: CommandDep) -> Task:
    """The unit has it. 签收"""
    return await service.sign(call.session, task_id, _by(call, expect))


@router.post("/staff", response_model=TaskRead, summary="内部分派 Assign inside the unit", **WORK)
async def staff(task_id: UUID, body: Staff, expect: IfMatch, call: CommandDep) -> Task:
    """Put a section and a person on it, or take them off. 指定或取消经办科室、经办人"""
    return await service.staff(call.session, task_id, body.section, body.assignee, _by(call, expect))


@router.post("/first-contact", response_model=TaskRead, summary="先行联系 First contact", **WORK)
async def first_contact(task_id: UUID, body: FirstContact, expect: IfMatch, call: CommandDep) -> Task:
    """When and with whom, or why not. 已联系的时间和人员，或未联系的原因"""
    return await service.first_contact(call.session, task_id, body.contact(), _by(call, expect))


@router.post("/progress", response_model=TaskRead, summary="进展 Report progress", **WORK)
async def report_progress(task_id: UUID, body: Progress, expect: IfMatch, call: CommandDep) -> Task:
    """Progress, or an interim reply. 进展或阶段性答复"""
    return await service.report(call.session, task_id, body.report(), _by(call, expect))


@router.post("/extension", response_model=TaskRead, summary="申请延期 Ask for an extension", **WORK)
async def ask_extension(task_id: UUID, body: Extension, expect: IfMatch, call: CommandDep) -> Task:
    """The sender decides. 由交办方审批"""
    by = _by(call, expect)
    return await service.ask_extension(call.session, task_id, body.until, body.reason, by)


@router.post("/return", response_model=TaskRead, summary="退单 Return the task", **WORK)
async def give_back(task_id: UUID, body: Return, expect: IfMatch, call: CommandDep) -> Task:
    """While no person is assigned and the unit was not designated. 未指定经办人且未被指定处置时可退单"""
    return await service.give_back(call.session, task_id, body.reason, body.note, _by(call, expect))


@router.post("/submit", response_model=TaskRead, summary="报签 Submit for sign-off", **WORK)
async def submit(task_id: UUID, body: Answer, expect: IfMatch, call: CommandDep) -> Task:
    """Lay the answer before the leader. 答复报负责人签发"""
    return await service.submit(call.session, task_id, body.told(), _by(call, expect))


@router.post("/approve", response_model=TaskRead, summary="签发 Sign off", **SIGN_OFF)
async def approve(task_id: UUID, expect: IfMatch, call: CommandDep) -> Task:
    """The leader or a named deputy lets the answer out. 负责人或代签人签发"""
    return await service.approve(call.session, task_id, _by(call, expect))


@router.post("/send-back", response_model=TaskRead, summary="签发退回 Send the answer back", **SIGN_OFF)
async def send_back(task_id: UUID, body: Note, expect: IfMatch, call: CommandDep) -> Task:
    """To be written anew. 退回重拟"""
    return await service.send_back(call.session, task_id, body.note, _by(call, expect))


@router.post("/answer", response_model=TaskRead, summary="反馈 Answer", **WORK)
async def answer(task_id: UUID, body: Answer, expect: IfMatch, call: CommandDep) -> Task:
    """The result with its photos; the clock stops. 提交办理结果，时钟停止"""
    return await service.answer(call.session, task_id, body.told(), _by(call, expect))
