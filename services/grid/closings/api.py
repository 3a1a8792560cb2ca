"""Routes of the end of a case."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch
from libs.common.http.route import command_router, permit
from services.grid.cases.service import By, Case
from services.grid.closings import service
from services.grid.closings.schemas import ForceClose, Note, Reason, VoidCase
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing

router = command_router("/grid/v1/cases", tags=["cases 案件"])


def _by(call: CommandDep, version: int) -> By:
    return By(call.actor, call.now, call.principal, version)


async def _shown(call: CommandDep, case: Case) -> CaseRead:
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.post("/{case_id}/close", response_model=CaseRead, summary="结案 Close", **permit("grid.case.close"))
async def close(case_id: UUID, body: Note, version: IfMatch, call: CommandDep) -> CaseRead:
    """On a passed check; a unit's answer is accepted with it. 核查通过后结案"""
    by = _by(call, version)
    return await _shown(call, await service.close(call.session, case_id, note=body.note, by=by))


@router.post(
    "/{case_id}/recheck", response_model=CaseRead, summary="重新核查 Recheck", **permit("grid.case.recheck")
)
async def recheck(case_id: UUID, body: Reason, version: IfMatch, call: CommandDep) -> CaseRead:
    """Another check is assigned. 退回重新派核查"""
    by = _by(call, version)
    return await _shown(call, await service.recheck(call.session, case_id, reason=body.reason, by=by))


@router.post(
    "/{case_id}/force-close",
    response_model=CaseRead,
    summary="强制结案 Force close",
    **permit("grid.case.force_close"),
)
async def force_close(case_id: UUID, body: ForceClose, version: IfMatch, call: CommandDep) -> CaseRead:
    """Without a passed check; what a unit has is withdrawn. 值班长依职权结案"""
    why = service.Reason(body.reason_code, body.reason)
    return await _shown(call, await service.force_close(call.session, case_id, why, by=_by(call, version)))


@router.post("/{case_id}/void", response_model=CaseRead, summary="作废 Void", **permit("grid.case.void"))
async def void(case_id: UUID, body: VoidCase, version: IfMatch, call: CommandDep) -> CaseRead:
    """It should never have been a case; what a unit has is withdrawn. 误报等"""
    why = service.Reason(body.reason_code, body.reason)
    return await _shown(call, await service.void(call.session, case_id, why, by=_by(call, version)))


@router.post(
    "/{case_id}/reopen",
    response_model=CaseRead,
    summary="重新办理 Reopen",
    **permit("grid.case.reopen", example={"reason": "反映人称三日后再次堆物"}),
)
async def reopen(case_id: UUID, body: Reason, version: IfMatch, call: CommandDep) -> CaseRead:
    """A new round with its own limit; the first verdict stays. 另计时限，原结论保留"""
    by = _by(call, version)
    return await _shown(call, await service.reopen(call.session, case_id, reason=body.reason, by=by))
