"""Routes of what could not be stopped."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.clocks import end_of_local_day, local_date, start_of_local_day
from libs.common.http.calls import CommandDep, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Day
from libs.common.policy import scoped_for
from services.grid.cases.service import By
from services.grid.dissuasions import service
from services.grid.dissuasions.schemas import (
    DissuasionRead,
    PunctualityRead,
    ReportDissuasion,
    dissuasion_read,
    punctuality_row,
)
from services.grid.dissuasions.service import Asked
from services.grid.fields import AREA

router = command_router("/grid/v1/dissuasions", tags=["dissuasions 劝阻无效报告"])
READ = permit(service.READ)
BY_TIME = Keyset("dissuasions-by-time", datetime, UUID)
BY_ESTATE = Keyset("dissuasions-by-estate", UUID)
AreaAsked = Annotated[str | None, Query(pattern=AREA, description="区划代码")]
EstateAsked = Annotated[UUID | None, Query(description="小区")]
Since = Annotated[Day | None, Query(description="报告日自；默认 30 天前")]
Until = Annotated[Day | None, Query(description="报告日至；默认今天")]


@router.get("", response_model=Page[DissuasionRead], summary="劝阻无效报告列表 List reports", **READ)
async def list_reports(
    call: QueryDep,
    paging: PageDep,
    area: AreaAsked = None,
    estate_id: EstateAsked = None,
    kind: Annotated[str | None, Query(pattern=r"^[a-z0-9_]{1,30}$", description="行为类别")] = None,
) -> Slice[DissuasionRead]:
    """The latest first, inside the caller's areas or estates. 最新在前，限本人区域或小区"""
    rows = await service.list_latest(
        call.session, scoped_for(call.principal, service.READ), Asked(area, estate_id, kind), call.now,
        after=BY_TIME.after(paging), limit=paging.limit + 1,
    )  # fmt: skip
    page = BY_TIME.slice(rows, paging, key=lambda row: (row.reported_at, row.id))
    return Slice([dissuasion_read(row) for row in page.items], page.next)


@router.post(
    "",
    response_model=DissuasionRead,
    status_code=201,
    summary="报告劝阻无效 Report what could not be stopped",
    **permit(service.REPORT),
)
async def report(body: ReportDissuasion, call: CommandDep) -> DissuasionRead:
    """A case at once, and its receipt; whether in time is told. 即时立为案件上报并给回执，告知是否按时"""
    by = By(call.actor, call.now, call.principal)
    row = await service.report(call.session, body.estate_id, body.act(), fingerprint=call.fingerprint, by=by)
    return dissuasion_read(row)


@router.get(
    "/punctuality", response_model=PunctualityRead, summary="报告及时率 Punctuality by estate", **READ
)
async def read_punctuality(
    call: QueryDep, paging: PageDep, area: AreaAsked = None, since: Since = None, until: Until = None
) -> PunctualityRead:
    """Of the reports of the days, both included, by estate, with the formula. 按小区统计，公布算式"""
    last = until or local_date(call.now)
    first = since or last - timedelta(days=30)
    asked = Asked(area, since=start_of_local_day(first), until=end_of_local_day(last))
    after = BY_ESTATE.after(paging)
    rows = await service.punctuality(
        call.session, scoped_for(call.principal, service.READ), asked, call.now,
        after=after[0] if after else None, limit=paging.limit + 1,
    )  # fmt: skip
    page = BY_ESTATE.slice(rows, paging, key=lambda row: (row.estate_id,))
    items = [punctuality_row(row) for row in page.items]
    return PunctualityRead(since=first, until=last, items=items, next=page.next)


@router.get(
    "/{dissuasion_id}", response_model=DissuasionRead, summary="查看劝阻无效报告 Read a report", **READ
)
async def read_report(dissuasion_id: UUID, call: QueryDep) -> DissuasionRead:
    """The report with its receipt. 报告及回执"""
    return dissuasion_read(await service.find(call.session, dissuasion_id, call.principal, call.now))
