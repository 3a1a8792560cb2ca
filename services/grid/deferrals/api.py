"""Routes of extension and suspension."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.route import command_router, permit
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.deferrals import service
from services.grid.deferrals.domain import DeferralKind
from services.grid.deferrals.schemas import (
    DeferralList,
    DeferralRead,
    Note,
    Reason,
)
from services.grid.deferrals.service import Asked
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing
from services.grid.requests import AskExtension, AskSuspension

router = command_router("/grid/v1/cases", tags=["deferrals 延期与挂账"])


def _by(call: CommandDep, version: int) -> By:
    return By(call.actor, call.now, call.principal, version)


async def _shown(call: CommandDep, case: Case) -> CaseRead:
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.get(
    "/{case_id}/deferrals",
    response_model=DeferralList,
    summary="延期挂账申请 Deferrals of a case",
    **permit("grid.case.follow"),
)
async def list_deferrals(case_id: UUID, call: QueryDep) -> DeferralList:
    """Every request, the first one first. 全部申请"""
    case = await cases.find(call.session, case_id, call.principal)
    rows = await service.deferrals_of(call.session, case)
    return DeferralList(items=[DeferralRead.model_validate(row) for row in rows])


@router.post(
    "/{case_id}/ask-extension",
    response_model=CaseRead,
    summary="申请延期 Ask for an extension",
    **permit("grid.deferral.ask"),
)
async def ask_extension(case_id: UUID, body: AskExtension, version: IfMatch, call: CommandDep) -> CaseRead:
    """Before the deadline: one original limit more, by two approvals. 超时前申请，两级审批"""
    asked = Asked(DeferralKind.EXTENSION, body.reason)
    return await _shown(call, await service.ask(call.session, case_id, asked, by=_by(call, version)))


@router.post(
    "/{case_id}/ask-suspension",
    response_model=CaseRead,
    summary="申请挂账 Ask for a suspension",
    **permit("grid.deferral.ask"),
)
async def ask_suspension(case_id: UUID, body: AskSuspension, version: IfMatch, call: CommandDep) -> CaseRead:
    """The clock stands until a day, by two approvals. 挂账期间停止计时，两级审批"""
    asked = Asked(DeferralKind.SUSPENSION, body.reason, body.until)
    return await _shown(call, await service.ask(call.session, case_id, asked, by=_by(call, version)))


@router.post(
    "/{case_id}/approve-deferral",
    response_model=CaseRead,
    summary="初审同意 First approval",
    **permit("grid.deferral.approve"),
)
async def approve(case_id: UUID, body: Note, version: IfMatch, call: CommandDep) -> CaseRead:
    """By the dispatcher. 派遣员初审"""
    by = _by(call, version)
    return await _shown(call, await service.approve(call.session, case_id, note=body.note, by=by))


@router.post(
    "/{case_id}/grant-deferral",
    response_model=CaseRead,
    summary="终审同意 Second approval",
    **permit("grid.deferral.grant"),
)
async def grant(case_id: UUID, body: Note, version: IfMatch, call: CommandDep) -> CaseRead:
    """By the duty chief, another person than the first: it takes effect. 值班长终审，即时生效"""
    by = _by(call, version)
    return await _shown(call, await service.grant(call.session, case_id, note=body.note, by=by))


@router.post(
    "/{case_id}/refuse-deferral",
    response_model=CaseRead,
    summary="不同意 Refuse",
    **permit("grid.deferral.refuse"),
)
async def refuse(case_id: UUID, body: Reason, version: IfMatch, call: CommandDep) -> CaseRead:
    """A refusal does not count towards the limit. 不同意不计次数"""
    by = _by(call, version)
    return await _shown(call, await service.refuse(call.session, case_id, reason=body.reason, by=by))


@router.post(
    "/{case_id}/resume",
    response_model=CaseRead,
    summary="恢复 Resume",
    **permit("grid.case.resume", example={"note": "材料已到场，提前恢复办理"}),
)
async def resume(case_id: UUID, body: Note, version: IfMatch, call: CommandDep) -> CaseRead:
    """Before its time is over; after that it resumes by itself. 提前恢复，到期自动恢复"""
    by = _by(call, version)
    return await _shown(call, await service.resume(call.session, case_id, note=body.note, by=by))
