"""Routes of the acceptor."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.route import command_router, permit
from services.grid.acceptances import service
from services.grid.acceptances.schemas import Duplicate, DuplicateList, MergeCase, RejectCase
from services.grid.cases import service as cases
from services.grid.cases.service import By
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing

router = command_router("/grid/v1/cases", tags=["cases 案件"])


@router.post(
    "/{case_id}/accept", response_model=CaseRead, summary="受理 Accept", **permit("grid.case.accept")
)
async def accept(case_id: UUID, version: IfMatch, call: CommandDep) -> CaseRead:
    """Gives the case its case number. 生成案件编号"""
    case = await service.accept(call.session, case_id, by=By(call.actor, call.now, call.principal, version))
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.post(
    "/{case_id}/reject", response_model=CaseRead, summary="不予受理 Reject", **permit("grid.case.reject")
)
async def reject(case_id: UUID, body: RejectCase, version: IfMatch, call: CommandDep) -> CaseRead:
    """Ends the case; the reporter sees why. 告知上报人理由"""
    by = By(call.actor, call.now, call.principal, version)
    case = await service.reject(
        call.session, case_id, reason_code=body.reason_code, reason=body.reason, by=by
    )
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.post("/{case_id}/merge", response_model=CaseRead, summary="合并 Merge", **permit("grid.case.merge"))
async def merge(case_id: UUID, body: MergeCase, version: IfMatch, call: CommandDep) -> CaseRead:
    """This case ends, the other goes on. 并入另一案件"""
    by = By(call.actor, call.now, call.principal, version)
    case = await service.merge(call.session, case_id, body.into, reason=body.reason, by=by)
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.get(
    "/{case_id}/possible-duplicates",
    response_model=DuplicateList,
    summary="疑似重复 Possible duplicates",
    **permit("grid.case.follow"),
)
async def possible_duplicates(case_id: UUID, call: QueryDep) -> DuplicateList:
    """The same category, near in place and time, the nearest first; a person decides. 由人判断"""
    case = await cases.find(call.session, case_id, call.principal)
    near = await service.possible_duplicates(call.session, case, call.principal)
    shown = await dossiers.items(
        call.session, [other for other, _ in near], Viewing(call.principal, call.now)
    )
    pairs = zip(shown, near, strict=True)
    return DuplicateList(items=[Duplicate(case=item, distance_m=round(far)) for item, (_, far) in pairs])
