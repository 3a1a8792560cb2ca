"""Routes of filing."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch
from libs.common.http.route import command_router, permit
from services.grid.cases.service import By
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing
from services.grid.filings import service
from services.grid.filings.schemas import ChangeStandard, FileCase, RefuseFiling
from services.grid.filings.service import Choice

router = command_router("/grid/v1/cases", tags=["cases 案件"])


@router.post("/{case_id}/file", response_model=CaseRead, summary="立案 File", **permit("grid.case.file"))
async def file(case_id: UUID, body: FileCase, version: IfMatch, call: CommandDep) -> CaseRead:
    """Pick the standard: it gives the limit and the closing condition. 选定立案标准"""
    by = By(call.actor, call.now, call.principal, version)
    case = await service.file(call.session, case_id, Choice(body.standard, body.category, body.item), by=by)
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.post(
    "/{case_id}/refuse-filing",
    response_model=CaseRead,
    summary="不予立案 Refuse filing",
    **permit("grid.case.refuse_filing"),
)
async def refuse_filing(case_id: UUID, body: RefuseFiling, version: IfMatch, call: CommandDep) -> CaseRead:
    """Ends the case; the reporter sees why. 告知上报人理由"""
    by = By(call.actor, call.now, call.principal, version)
    case = await service.refuse(
        call.session, case_id, reason_code=body.reason_code, reason=body.reason, by=by
    )
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.post(
    "/{case_id}/change-standard",
    response_model=CaseRead,
    summary="调整类别或时限 Change the standard",
    **permit("grid.case.change_standard"),
)
async def change_standard(
    case_id: UUID, body: ChangeStandard, version: IfMatch, call: CommandDep
) -> CaseRead:
    """The deadline follows from the same start; the unit is told. 时限自首次派遣起重算"""
    by = By(call.actor, call.now, call.principal, version)
    choice = Choice(body.standard, body.category, body.item)
    case = await service.change_standard(call.session, case_id, choice, reason=body.reason, by=by)
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))
