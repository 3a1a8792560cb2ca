"""Routes of joint handling. Who has the case, and who leads, is in its dispatches."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch
from libs.common.http.route import command_router, permit
from services.grid.cases.service import By, Case
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing
from services.grid.joints import service
from services.grid.joints.schemas import DispatchJointly, PartnerNamed
from services.grid.requests import PartnerGiven

router = command_router("/grid/v1/cases", tags=["joints 会同处置"])
DISPATCH = permit("grid.case.dispatch")


def _by(call: CommandDep, version: int) -> By:
    return By(call.actor, call.now, call.principal, version)


async def _shown(call: CommandDep, case: Case) -> CaseRead:
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.post(
    "/{case_id}/dispatch-jointly", response_model=CaseRead, summary="会同派遣 Dispatch jointly", **DISPATCH
)
async def dispatch_jointly(
    case_id: UUID, body: DispatchJointly, version: IfMatch, call: CommandDep
) -> CaseRead:
    """To a lead and units beside it at once; checked when all have answered. 牵头与会同单位同时派遣"""
    partners = [given.partner() for given in body.partners]
    by = _by(call, version)
    return await _shown(call, await service.dispatch(call.session, case_id, body.order(), partners, by=by))


@router.post("/{case_id}/add-partner", response_model=CaseRead, summary="增加会同单位 Add a unit", **DISPATCH)
async def add_partner(case_id: UUID, body: PartnerGiven, version: IfMatch, call: CommandDep) -> CaseRead:
    """One more unit beside who leads, such as the police. 请公安等单位配合"""
    case = await service.join(call.session, case_id, body.partner(), by=_by(call, version))
    return await _shown(call, case)


@router.post(
    "/{case_id}/release-partner", response_model=CaseRead, summary="会同单位退出 Release a unit", **DISPATCH
)
async def release_partner(case_id: UUID, body: PartnerNamed, version: IfMatch, call: CommandDep) -> CaseRead:
    """Out of the case, or its return is agreed to; the others go on. 撤回会同或同意其退单，其余单位继续"""
    by = _by(call, version)
    case = await service.release(call.session, case_id, body.unit_id, reason=body.reason, by=by)
    return await _shown(call, case)


@router.post(
    "/{case_id}/designate-partner",
    response_model=CaseRead,
    summary="指定会同 Designate a unit",
    **permit("grid.case.designate"),
)
async def designate_partner(
    case_id: UUID, body: PartnerNamed, version: IfMatch, call: CommandDep
) -> CaseRead:
    """It must do its part and may not return it again. 指定后不得再次退单"""
    by = _by(call, version)
    case = await service.designate(call.session, case_id, body.unit_id, reason=body.reason, by=by)
    return await _shown(call, case)
