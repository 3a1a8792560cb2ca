"""Routes of satisfaction."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.grid.cases import service as cases
from services.grid.cases.service import By
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.domain import CaseRead
from services.grid.dossiers.service import Viewing
from services.grid.fields import AREA
from services.grid.satisfactions import service
from services.grid.satisfactions.schemas import (
    KeepClosed,
    RateByReceipt,
    RateCase,
    RatingList,
    RatingRead,
    RatingReceipt,
    RatingToDecide,
)
from services.grid.satisfactions.service import Rating

router = command_router("/grid/v1", tags=["satisfactions 满意度评价"])
DECIDE = permit("grid.case.keep_closed")
WAITING = Keyset("dissatisfied-by-time", datetime, UUID)


@router.get("/ratings", response_model=Page[RatingToDecide], summary="不满意待复核 Dissatisfied", **DECIDE)
async def list_dissatisfied(
    call: QueryDep,
    paging: PageDep,
    area: Annotated[str | None, Query(pattern=AREA, description="区划代码")] = None,
) -> Slice[RatingToDecide]:
    """Whose case is reopened or stays closed: the longest waiting first. 先评价的在前"""
    rows = await service.dissatisfied(
        call.session, call.principal, asked=area, after=WAITING.after(paging), limit=paging.limit + 1
    )
    page = WAITING.slice(rows, paging, key=lambda row: (row.rated_at, row.id))
    pairs = await dossiers.with_cases(call.session, page.items, Viewing(call.principal, call.now))
    told = [RatingToDecide(rating=RatingRead.model_validate(row), case=item) for row, item in pairs]
    return Slice(told, page.next)


@router.post(
    "/ratings",
    response_model=RatingReceipt,
    summary="凭回执号评价 Rate by receipt number",
    **permit("grid.case.rate_by_receipt"),
)
async def rate_by_receipt(body: RateByReceipt, call: CommandDep) -> Rating:
    """By who holds the number and knows the telephone; through the public's system. 回执号和电话后四位"""
    by = By(call.actor, call.now, call.principal)
    return await service.rate_by_receipt(
        call.session, body.receipt_number, body.phone_tail, body.told(), by=by
    )


@router.get(
    "/cases/{case_id}/ratings",
    response_model=RatingList,
    summary="评价记录 Ratings of a case",
    **permit("grid.case.follow"),
)
async def list_ratings_of_case(case_id: UUID, call: QueryDep) -> RatingList:
    """Of every round, of its reporter and of those merged into it. 全部评价"""
    case = await cases.find(call.session, case_id, call.principal)
    rows = await service.ratings_of(call.session, case)
    return RatingList(items=[RatingRead.model_validate(row) for row in rows])


@router.post(
    "/cases/{case_id}/rate", response_model=CaseRead, summary="满意度评价 Rate", **permit("grid.case.rate")
)
async def rate(case_id: UUID, body: RateCase, version: IfMatch, call: CommandDep) -> CaseRead:
    """Once a round, by who reported it or the officer who called them back. 上报人评价，或回访代录"""
    by = By(call.actor, call.now, call.principal, version)
    case = await service.rate(call.session, case_id, body.told(), by=by)
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))


@router.post(
    "/cases/{case_id}/keep-closed", response_model=CaseRead, summary="维持结案 Keep it closed", **DECIDE
)
async def keep_closed(case_id: UUID, body: KeepClosed, version: IfMatch, call: CommandDep) -> CaseRead:
    """The reporter is dissatisfied, and it is not reopened. 不满意复核，不重新办理"""
    by = By(call.actor, call.now, call.principal, version)
    case = await service.keep_closed(call.session, case_id, note=body.note, by=by)
    return await dossiers.view(call.session, case, Viewing(call.principal, call.now))
