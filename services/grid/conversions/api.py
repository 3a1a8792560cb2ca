"""Routes of conversion."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch
from libs.common.http.route import command_router, permit
from services.grid.cases.service import By, Case
from services.grid.conversions import service
from services.grid.conversions.schemas import ConvertCase, InterimReply
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing

router = command_router("/grid/v1/cases", tags=["conversions 转调解"])


def _by(call: CommandDep, version: int) -> By:
    return By(call.actor, call.now, call.principal, version)


async def _shown(call: CommandDep, case: Case) -> CaseRead:
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.post(
    "/{case_id}/convert",
    response_model=CaseRead,
    summary="转人民调解 Convert into a dispute",
    **permit("grid.case.convert"),
)
async def convert(case_id: UUID, body: ConvertCase, version: IfMatch, call: CommandDep) -> CaseRead:
    """Only with the reporter's consent to be named; the clock stands meanwhile. 须反映人同意，其间停止计时"""
    by = _by(call, version)
    return await _shown(call, await service.convert(call.session, case_id, body.plain(), by=by))


@router.post(
    "/{case_id}/interim-reply",
    response_model=CaseRead,
    summary="阶段性答复 Interim reply",
    **permit("grid.case.interim_reply"),
)
async def interim_reply(case_id: UUID, body: InterimReply, version: IfMatch, call: CommandDep) -> CaseRead:
    """The reporter was told that mediation has the case. 记录已告知反映人"""
    by = _by(call, version)
    return await _shown(call, await service.reply(call.session, case_id, note=body.note, by=by))
