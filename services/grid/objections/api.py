"""Routes of objections."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.http.calls import Caller, CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.grid.cases import service as cases
from services.grid.cases.service import By
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.service import Viewing
from services.grid.fields import AREA
from services.grid.objections import service
from services.grid.objections.domain import ObjectionAction
from services.grid.objections.schemas import (
    AskObjection,
    DecideObjection,
    ObjectionList,
    ObjectionRead,
    ObjectionToDecide,
    objection_read,
)
from services.grid.objections.service import Objection

router = command_router("/grid/v1", tags=["objections 异议"])
DECIDE = permit("grid.objection.decide")
BY_LIMIT = Keyset("objections-by-limit", datetime, UUID)


def _shown(row: Objection, call: Caller, *, inside: bool) -> ObjectionRead:
    return objection_read(row, call.now, inside=inside, reader=call.principal.subject)


@router.get(
    "/objections", response_model=Page[ObjectionToDecide], summary="待复核异议 Objections to decide", **DECIDE
)
async def list_objections(
    call: QueryDep,
    paging: PageDep,
    area: Annotated[str | None, Query(pattern=AREA, description="区划代码")] = None,
) -> Slice[ObjectionToDecide]:
    """What waits for a decision, the earliest limit first, with its case. 按复核时限排列"""
    rows = await service.to_decide(
        call.session, call.principal, asked=area, after=BY_LIMIT.after(paging), limit=paging.limit + 1
    )
    page = BY_LIMIT.slice(rows, paging, key=lambda row: (row.due_at, row.id))
    pairs = await dossiers.with_cases(call.session, page.items, Viewing(call.principal, call.now))
    items = [ObjectionToDecide(objection=_shown(row, call, inside=True), case=it) for row, it in pairs]
    return Slice(items, page.next)


@router.get(
    "/cases/{case_id}/objections",
    response_model=ObjectionList,
    summary="异议记录 Objections to a case",
    **permit("grid.case.read"),
)
async def list_of_case(case_id: UUID, call: QueryDep) -> ObjectionList:
    """Every objection with what was decided, the first one first. 全部异议及复核结果"""
    case = await cases.find_to_read(call.session, case_id, call.principal, call.now)
    inside = Viewing(call.principal, call.now).inside(case.area)
    rows = await service.objections_to(call.session, case, inside=inside)
    return ObjectionList(items=[_shown(row, call, inside=inside) for row in rows])


@router.post(
    "/cases/{case_id}/objections",
    response_model=ObjectionRead,
    status_code=201,
    summary="提出异议 Object",
    **permit(service.ASK),
)
async def ask_objection(case_id: UUID, body: AskObjection, call: CommandDep) -> ObjectionRead:
    """To the facts, or to whose it is; the case stays as it is. 对事实或责任归属提出异议"""
    by = By(call.actor, call.now, call.principal)
    return _shown(await service.ask(call.session, case_id, body.grounds(), by=by), call, inside=False)


@router.post(
    "/objections/{objection_id}/uphold",
    response_model=ObjectionRead,
    summary="异议成立 Uphold an objection",
    **DECIDE,
)
async def uphold(
    objection_id: UUID, body: DecideObjection, version: IfMatch, call: CommandDep
) -> ObjectionRead:
    """By another person; told beside the case, which stays. 由他人复核，案件记录保留"""
    return await _decided(objection_id, ObjectionAction.UPHOLD, body, version, call)


@router.post(
    "/objections/{objection_id}/refuse",
    response_model=ObjectionRead,
    summary="异议不成立 Refuse an objection",
    **DECIDE,
)
async def refuse(
    objection_id: UUID, body: DecideObjection, version: IfMatch, call: CommandDep
) -> ObjectionRead:
    """By another person. 由他人复核"""
    return await _decided(objection_id, ObjectionAction.REFUSE, body, version, call)


async def _decided(
    objection_id: UUID, action: ObjectionAction, body: DecideObjection, version: int, call: CommandDep
) -> ObjectionRead:
    by = By(call.actor, call.now, call.principal, version)
    row = await service.decide(call.session, objection_id, action, body.note, by=by)
    return _shown(row, call, inside=True)
