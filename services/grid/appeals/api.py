"""Routes of appeals."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.grid.appeals import service
from services.grid.appeals.schemas import AppealList, AppealRead, AppealToDecide, AskAppeal, DecideAppeal
from services.grid.appeals.service import Appeal, Grounds
from services.grid.cases import service as cases
from services.grid.cases.service import By
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing
from services.grid.fields import AREA

router = command_router("/grid/v1", tags=["appeals 超时申诉"])
DECIDE = permit("grid.appeal.decide")
WAITING = Keyset("appeals-by-time", datetime, UUID)


def _by(call: CommandDep, version: int) -> By:
    return By(call.actor, call.now, call.principal, version)


@router.get("/appeals", response_model=Page[AppealToDecide], summary="待复核申诉 Appeals to decide", **DECIDE)
async def list_appeals(
    call: QueryDep,
    paging: PageDep,
    area: Annotated[str | None, Query(pattern=AREA, description="区划代码")] = None,
) -> Slice[AppealToDecide]:
    """What waits for a decision in the caller's area, the longest first. 先申诉的在前"""
    rows = await service.to_decide(
        call.session, call.principal, asked=area, after=WAITING.after(paging), limit=paging.limit + 1
    )
    page = WAITING.slice(rows, paging, key=lambda row: (row.asked_at, row.id))
    pairs = await dossiers.with_cases(call.session, page.items, Viewing(call.principal, call.now))
    told = [AppealToDecide(appeal=AppealRead.model_validate(row), case=item) for row, item in pairs]
    return Slice(told, page.next)


@router.get(
    "/cases/{case_id}/appeals",
    response_model=AppealList,
    summary="申诉记录 Appeals of a case",
    **permit("grid.case.follow"),
)
async def list_appeals_of_case(case_id: UUID, call: QueryDep) -> AppealList:
    """Every appeal, the first one first. 全部申诉"""
    case = await cases.find(call.session, case_id, call.principal)
    rows = await service.appeals_of(call.session, case)
    return AppealList(items=[AppealRead.model_validate(row) for row in rows])


@router.post(
    "/cases/{case_id}/ask-appeal",
    response_model=CaseRead,
    summary="超时申诉 Appeal against an overdue mark",
    **permit("grid.appeal.ask"),
)
async def ask_appeal(case_id: UUID, body: AskAppeal, version: IfMatch, call: CommandDep) -> CaseRead:
    """Once per mark, by who handles it or the dispatcher for its unit. 每次超时限申诉一次"""
    given = Grounds(body.reason_code, body.note, tuple(body.photos))
    case = await service.ask(call.session, case_id, given, by=_by(call, version))
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.post(
    "/cases/{case_id}/grant-appeal", response_model=AppealRead, summary="申诉成立 Excuse it", **DECIDE
)
async def grant_appeal(case_id: UUID, body: DecideAppeal, version: IfMatch, call: CommandDep) -> Appeal:
    """The mark stays seen and leaves the rates; by another person. 超时记录保留，不计入按期率"""
    return await service.grant(call.session, case_id, note=body.note, by=_by(call, version))


@router.post(
    "/cases/{case_id}/refuse-appeal", response_model=AppealRead, summary="申诉不成立 Refuse it", **DECIDE
)
async def refuse_appeal(case_id: UUID, body: DecideAppeal, version: IfMatch, call: CommandDep) -> Appeal:
    """The mark counts as before. 超时照计"""
    return await service.refuse(call.session, case_id, note=body.note, by=_by(call, version))
