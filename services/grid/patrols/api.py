"""Routes of patrols."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.clocks import local_date
from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Day, HistoryStep
from services.grid.cases.service import By
from services.grid.fields import AREA
from services.grid.patrols import service
from services.grid.patrols.domain import ItemState, Seen
from services.grid.patrols.schemas import (
    CoverageRead,
    CoverageRow,
    ItemRead,
    PlanChange,
    PlanCreate,
    PlanHistory,
    PlanRead,
    item_read,
    plan_read,
)
from services.grid.requests import CheckInGiven

router = command_router("/grid/v1", tags=["patrols 巡查"])

READ = permit("grid.patrol.read")
PLAN = permit("grid.patrol.plan")
BY_ID = Keyset("patrol-plans-by-id", UUID)
BY_END = Keyset("patrols-by-end", date, UUID)
AreaAsked = Annotated[str | None, Query(pattern=AREA, description="区划代码")]


@router.get("/patrol-plans", response_model=Page[PlanRead], summary="巡查计划列表 List plans", **READ)
async def list_plans(call: QueryDep, paging: PageDep, area: AreaAsked = None) -> Slice[PlanRead]:
    """Plans with their points. 巡查计划及点位"""
    after = BY_ID.after(paging)
    states = await service.list_plans(
        call.session, call.principal, area, after=after[0] if after else None, limit=paging.limit + 1
    )
    return BY_ID.slice([plan_read(state) for state in states], paging, key=lambda row: [row.id])


@router.post(
    "/patrol-plans", response_model=PlanRead, status_code=201, summary="制定巡查计划 Register a plan", **PLAN
)
async def register_plan(body: PlanCreate, call: CommandDep) -> PlanRead:
    """A job makes an item per point and period ahead of time. 按周期提前生成巡查任务"""
    made = await service.register(
        call.session, body.fields(), viewer=call.principal, actor=call.actor, now=call.now
    )
    return plan_read(made)


@router.get("/patrol-plans/{plan_id}", response_model=PlanRead, summary="查看巡查计划 Read a plan", **READ)
async def read_plan(plan_id: UUID, call: QueryDep) -> PlanRead:
    """One plan with its points. 计划及点位"""
    return plan_read(await service.find_plan(call.session, plan_id, call.principal))


@router.get(
    "/patrol-plans/{plan_id}/history",
    response_model=PlanHistory,
    summary="计划变更记录 History of a plan",
    **READ,
)
async def read_history(plan_id: UUID, call: QueryDep) -> PlanHistory:
    """Every change, the first one first. 每次变更"""
    rows = await service.history(call.session, plan_id, call.principal)
    return PlanHistory(items=[HistoryStep.model_validate(row) for row in rows])


@router.patch(
    "/patrol-plans/{plan_id}", response_model=PlanRead, summary="调整巡查计划 Change a plan", **PLAN
)
async def change_plan(plan_id: UUID, body: PlanChange, version: IfMatch, call: CommandDep) -> PlanRead:
    """Another person or name, or its end: what was made behind it is taken back. 停止后收回未巡任务"""
    by = By(call.actor, call.now, call.principal, version)
    return plan_read(await service.change(call.session, plan_id, body.changes(), by=by))


@router.get("/patrols", response_model=Page[ItemRead], summary="巡查任务 Items of a day", **READ)
async def list_items(
    call: QueryDep,
    paging: PageDep,
    area: AreaAsked = None,
    on: Annotated[Day | None, Query(description="周期包含该日；默认今天")] = None,
    mine: Annotated[bool, Query(description="本人或未指定责任人 mine, or whoever's")] = False,
    state: Annotated[ItemState | None, Query(description="任务状态")] = None,
) -> Slice[ItemRead]:
    """What there is to go to on the day, whose period ends first first. 按周期截止日排列"""
    person = call.principal.subject if mine else None
    wanted = service.Day(on or local_date(call.now), area, person, state)
    rows = await service.list_items(
        call.session, call.principal, wanted, after=BY_END.after(paging), limit=paging.limit + 1
    )
    page = BY_END.slice(rows, paging, key=lambda row: (row.item.period_end, row.item.id))
    return Slice([item_read(row) for row in page.items], page.next)


@router.get("/patrols/coverage", response_model=CoverageRead, summary="巡查覆盖 Coverage", **READ)
async def read_coverage(
    call: QueryDep,
    area: AreaAsked = None,
    since: Annotated[Day | None, Query(description="周期截止日自；默认 30 天前")] = None,
    until: Annotated[Day | None, Query(description="周期截止日至；默认今天")] = None,
    kind: Annotated[str | None, Query(pattern=r"^[a-z0-9_]{1,30}$", description="巡查类别")] = None,
) -> CoverageRead:
    """Planned, done, missed and found, by kind and by the areas inside. 应巡、已巡、漏巡、发现问题"""
    last = until or local_date(call.now)
    span = service.Span(since or last - timedelta(days=30), last, area, kind)
    rows = await service.coverage(call.session, call.principal, span)
    items = [CoverageRow.model_validate(row) for row in rows]
    return CoverageRead(since=span.since, until=span.until, items=items)


@router.get("/patrols/{patrol_id}", response_model=ItemRead, summary="查看巡查任务 Read an item", **READ)
async def read_item(patrol_id: UUID, call: QueryDep) -> ItemRead:
    """One item with its point and photos. 任务、点位及照片"""
    return item_read(await service.find_item(call.session, patrol_id, call.principal))


@router.post(
    "/patrols/{patrol_id}/check-in",
    response_model=ItemRead,
    summary="打卡 Check in",
    **permit("grid.patrol.check_in"),
)
async def check_in(patrol_id: UUID, body: CheckInGiven, call: CommandDep) -> ItemRead:
    """Once per item; too far from the point is flagged, not refused. 每个任务一次；超距仅标记"""
    by = By(call.actor, call.now, call.principal)
    await service.check_in(call.session, patrol_id, Seen(**body.told()), by=by)
    return item_read(await service.find_item(call.session, patrol_id, call.principal))
