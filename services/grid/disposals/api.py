"""Routes of the own squad's work."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch
from libs.common.http.route import command_router, permit
from services.grid.cases.service import By, Case
from services.grid.disposals import service
from services.grid.disposals.domain import Answer
from services.grid.disposals.service import Return
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing
from services.grid.requests import AnswerGiven, ProgressGiven, ReturnGiven

router = command_router("/grid/v1/cases", tags=["cases 案件"])
HANDLE = permit("grid.case.handle")


def _by(call: CommandDep, version: int) -> By:
    return By(call.actor, call.now, call.principal, version)


async def _shown(call: CommandDep, case: Case) -> CaseRead:
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.post("/{case_id}/start", response_model=CaseRead, summary="开始处置 Start", **HANDLE)
async def start(case_id: UUID, version: IfMatch, call: CommandDep) -> CaseRead:
    """Who begins has the case from now on. 自有队伍签收处置"""
    return await _shown(call, await service.start(call.session, case_id, by=_by(call, version)))


@router.post("/{case_id}/progress", response_model=CaseRead, summary="进展 Progress", **HANDLE)
async def progress(case_id: UUID, body: ProgressGiven, version: IfMatch, call: CommandDep) -> CaseRead:
    """Say how far it is. 报告进展"""
    case = await service.progress(
        call.session, case_id, note=body.note, photos=tuple(body.photos), by=_by(call, version)
    )
    return await _shown(call, case)


@router.post("/{case_id}/return", response_model=CaseRead, summary="退单 Return", **HANDLE)
async def give_back(case_id: UUID, body: ReturnGiven, version: IfMatch, call: CommandDep) -> CaseRead:
    """Before work has begun, and not if designated. 开始处置前可退单，指定处置不得退单"""
    given = Return(body.reason_code, body.reason)
    return await _shown(call, await service.give_back(call.session, case_id, given, by=_by(call, version)))


@router.post("/{case_id}/answer", response_model=CaseRead, summary="处置反馈 Answer", **HANDLE)
async def answer(case_id: UUID, body: AnswerGiven, version: IfMatch, call: CommandDep) -> CaseRead:
    """Submitted now: the handling clock stops, another person checks. 反馈后转核查"""
    given = Answer(body.outcome, body.summary, tuple(body.photos), call.now)
    return await _shown(call, await service.answer(call.session, case_id, given, by=_by(call, version)))
