"""Routes of removals."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from libs.common.clocks import end_of_local_day, local_date, start_of_local_day
from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Day, HistoryStep
from libs.common.policy import scoped_for
from services.grid.cases.service import By
from services.grid.fields import AREA
from services.grid.removals import service
from services.grid.removals.schemas import (
    CancelRemoval,
    OnTimeRead,
    OrderRemoval,
    PointChange,
    PointCreate,
    PointHistory,
    PointRead,
    RecordRemoval,
    RemovalFilter,
    RemovalRead,
    on_time_row,
    point_read,
    removal_read,
)
from services.grid.removals.service import Asked

router = command_router("/grid/v1", tags=["removals 清运"])
READ, PLAN, ORDER = permit(service.READ), permit("grid.removal.plan"), permit(service.ORDER)
BY_ID = Keyset("collection-points-by-id", UUID)
BY_DUE = Keyset("removals-by-due", datetime, UUID)
BY_ESTATE = Keyset("removals-by-estate", UUID, str)
AreaAsked = Annotated[str | None, Query(pattern=AREA, description="区划代码")]
EstateAsked = Annotated[UUID | None, Query(description="小区")]
KindAsked = Annotated[str | None, Query(pattern=r"^[a-z0-9_]{1,30}$", description="清运类别")]


@router.get("/collection-points", response_model=Page[PointRead], summary="清运点列表 List points", **READ)
async def list_points(
    call: QueryDep,
    paging: PageDep,
    area: AreaAsked = None,
    estate_id: EstateAsked = None,
    kind: KindAsked = None,
) -> Slice[PointRead]:
    """Where what is collected and when it is taken away. 清运点及约定时间"""
    after = BY_ID.after(paging)
    rows = await service.list_points(
        call.session, scoped_for(call.principal, service.READ), Asked(area, estate_id, kind), call.now,
        after=after[0] if after else None, limit=paging.limit + 1,
    )  # fmt: skip
    return BY_ID.slice([point_read(row) for row in rows], paging, key=lambda row: [row.id])


@router.post(
    "/collection-points",
    response_model=PointRead,
    status_code=201,
    summary="登记清运点 Register a point",
    **PLAN,
)
async def register_point(body: PointCreate, call: CommandDep) -> PointRead:
    """By agreed days, or on demand. 约定星期与时间，或预约清运"""
    by = By(call.actor, call.now, call.principal)
    return point_read(await service.register(call.session, body.fields(), by=by))


@router.patch(
    "/collection-points/{point_id}", response_model=PointRead, summary="变更清运点 Change a point", **PLAN
)
async def change_point(point_id: UUID, body: PointChange, version: IfMatch, call: CommandDep) -> PointRead:
    """Another place or carrier, or its end. 停用后收回尚未到期的清运"""
    by = By(call.actor, call.now, call.principal, version)
    return point_read(await service.change(call.session, point_id, body.changes(), by=by))


@router.get(
    "/collection-points/{point_id}/history",
    response_model=PointHistory,
    summary="清运点变更记录 History of a point",
    **READ,
)
async def read_history(point_id: UUID, call: QueryDep) -> PointHistory:
    """Every change, the first one first. 每次变更"""
    rows = await service.history(call.session, point_id, call.principal, call.now)
    return PointHistory(items=[HistoryStep.model_validate(row) for row in rows])


async def _asked(
    call: QueryDep,
    asked: Annotated[RemovalFilter, Query()],
) -> Asked:
    return asked.wanted(local_date(call.now))


@router.get("/removals", response_model=Page[RemovalRead], summary="清运列表 List removals", **READ)
async def list_removals(
    call: QueryDep, paging: PageDep, asked: Annotated[Asked, Depends(_asked)]
) -> Slice[RemovalRead]:
    """The earliest first; with `overdue` what should have been taken away. 按约定时限排列"""
    rows = await service.list_due(
        call.session, scoped_for(call.principal, service.READ), asked, call.now,
        after=BY_DUE.after(paging), limit=paging.limit + 1,
    )  # fmt: skip
    page = BY_DUE.slice(rows, paging, key=lambda row: (row.due_at, row.id))
    return Slice([removal_read(row, call.now) for row in page.items], page.next)


@router.post(
    "/removals", response_model=RemovalRead, status_code=201, summary="预约清运 Order a removal", **ORDER
)
async def order_removal(body: OrderRemoval, call: CommandDep) -> RemovalRead:
    """Due by the kind's rule, from now or from the day that is wanted. 按类别规则限时清运"""
    by = By(call.actor, call.now, call.principal)
    return removal_read(await service.order(call.session, body.point_id, body.order(), by=by), call.now)


@router.get("/removals/punctuality", response_model=OnTimeRead, summary="清运及时率 On-time share", **READ)
async def read_punctuality(
    call: QueryDep,
    paging: PageDep,
    area: AreaAsked = None,
    since: Annotated[Day | None, Query(description="时限自；默认 30 天前")] = None,
    until: Annotated[Day | None, Query(description="时限至；默认今天")] = None,
) -> OnTimeRead:
    """Of what was due in the days, by estate and kind, with the formula. 按小区和类别，公布算式"""
    last = until or local_date(call.now)
    first = since or last - timedelta(days=30)
    asked = Asked(area, since=start_of_local_day(first), until=end_of_local_day(last))
    rows = await service.punctuality(
        call.session, scoped_for(call.principal, service.READ), asked, call.now,
        after=BY_ESTATE.after(paging), limit=paging.limit + 1,
    )  # fmt: skip
    page = BY_ESTATE.slice(rows, paging, key=lambda row: (row.estate_id, row.kind))
    items = [on_time_row(row) for row in page.items]
    return OnTimeRead(since=first, until=last, items=items, next=page.next)


@router.post(
    "/removals/{removal_id}/record",
    response_model=RemovalRead,
    summary="登记清运 Record a removal",
    **permit(service.DONE),
)
async def record_removal(removal_id: UUID, body: RecordRemoval, call: CommandDep) -> RemovalRead:
    """When, with a photo; whether late is told. 时间与照片，告知是否超时"""
    by = By(call.actor, call.now, call.principal)
    row = await service.done(call.session, removal_id, body.removed_at, body.photos, by=by)
    return removal_read(row, call.now)


@router.post(
    "/removals/{removal_id}/cancel", response_model=RemovalRead, summary="取消预约 Cancel an order", **ORDER
)
async def cancel_removal(removal_id: UUID, body: CancelRemoval, call: CommandDep) -> RemovalRead:
    """What was ordered and is not needed. 仅限预约清运"""
    by = By(call.actor, call.now, call.principal)
    return removal_read(await service.cancel(call.session, removal_id, body.reason, by=by), call.now)
