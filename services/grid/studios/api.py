"""Routes of studios, and what everybody may read of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.clocks import local_date
from libs.common.http.calls import NOT_MODIFIED, CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Day, HistoryStep
from libs.common.http.visits import VisitDep, open_router
from services.grid.cases.service import By
from services.grid.fields import AREA
from services.grid.studios import service
from services.grid.studios.schemas import (
    AttendanceRead,
    LogVisit,
    PublicStudio,
    StudioChange,
    StudioCreate,
    StudioHistory,
    StudioRead,
    VisitRead,
    attendance_row,
    public_studio,
    studio_read,
)
from services.grid.studios.service import StudioVisit

router = command_router("/grid/v1/studios", tags=["studios 城管社区工作室"])
public = open_router("/grid/v1/public", tags=["public 公众查询"])
READ, WRITE = permit("grid.reference.read"), permit("grid.studio.write")
BY_AREA = Keyset("studios-by-area", str, UUID)
BY_TIME = Keyset("visits-by-time", datetime, UUID)


@router.get("", response_model=Page[StudioRead], summary="工作室列表 List studios", **READ)
async def list_studios(
    call: QueryDep,
    paging: PageDep,
    area: Annotated[str, Query(pattern=AREA, description="区划代码", examples=["310101002"])],
    on: Annotated[Day | None, Query(description="当日在用；默认今天")] = None,
) -> Slice[StudioRead]:
    """Those that are there on the day, by neighbourhood. 按居村排列"""
    rows = await service.list_in_force(
        call.session, area, on or local_date(call.now), after=BY_AREA.after(paging), limit=paging.limit + 1
    )
    page = BY_AREA.slice(rows, paging, key=lambda row: (row.area, row.id))
    return Slice([studio_read(row) for row in page.items], page.next)


@public.get(
    "/studios",
    response_model=Page[PublicStudio],
    responses=NOT_MODIFIED,
    summary="城管社区工作室 Studios",
    **permit("grid.public.read"),
)
async def public_studios(
    visit: VisitDep,
    paging: PageDep,
    area: Annotated[
        str,
        Query(pattern=r"^[1-8][0-9]{8}([0-9]{3})?$", description="街镇、居村代码", examples=["310101002"]),
    ],
) -> Page[PublicStudio]:
    """Whom to find where and when: role, telephone, place, hours. 定人、定点、定时"""
    rows = await service.list_in_force(
        visit.session, area, local_date(visit.now), after=BY_AREA.after(paging), limit=paging.limit + 1
    )
    page = BY_AREA.slice(rows, paging, key=lambda row: (row.area, row.id))
    return Page(items=[public_studio(row) for row in page.items], next=page.next)


@router.post("", response_model=StudioRead, status_code=201, summary="登记工作室 Register a studio", **WRITE)
async def register_studio(body: StudioCreate, call: CommandDep) -> StudioRead:
    """One for each neighbourhood at a time. 一居一室"""
    by = By(call.actor, call.now, call.principal)
    return studio_read(await service.register(call.session, body.fields(), by=by))


@router.get(
    "/attendance",
    response_model=AttendanceRead,
    summary="定时接待率 Openings kept",
    **permit("grid.statistics.read"),
)
async def read_attendance(
    call: QueryDep,
    paging: PageDep,
    area: Annotated[str | None, Query(pattern=AREA, description="区划代码")] = None,
    since: Annotated[Day | None, Query(description="自；默认 30 天前")] = None,
    until: Annotated[Day | None, Query(description="至；默认昨天")] = None,
) -> AttendanceRead:
    """Of the openings of the days, at most 366, by studio, with the formula. 按工作室统计，公布算式"""
    last = until or local_date(call.now) - timedelta(days=1)
    first = max(since or last - timedelta(days=30), last - timedelta(days=365))
    rows = await service.attendance(
        call.session, call.principal, area, (first, last), after=BY_AREA.after(paging),
        limit=paging.limit + 1,
    )  # fmt: skip
    page = BY_AREA.slice(rows, paging, key=lambda row: (row.studio.area, row.studio.id))
    items = [attendance_row(row) for row in page.items]
    return AttendanceRead(since=first, until=last, items=items, next=page.next)


@router.get("/{studio_id}", response_model=StudioRead, summary="查看工作室 Read a studio", **READ)
async def read_studio(studio_id: UUID, call: QueryDep) -> StudioRead:
    """One studio, there or ended. 含已停用的"""
    return studio_read(await service.find(call.session, studio_id))


@router.get("/{studio_id}/history", response_model=StudioHistory, summary="工作室变更记录 History", **WRITE)
async def read_history(studio_id: UUID, call: QueryDep) -> StudioHistory:
    """Every change, the first one first. 每次变更"""
    rows = await service.history(call.session, studio_id)
    return StudioHistory(items=[HistoryStep.model_validate(row) for row in rows])


@router.patch("/{studio_id}", response_model=StudioRead, summary="变更工作室 Change a studio", **WRITE)
async def change_studio(
    studio_id: UUID, body: StudioChange, version: IfMatch, call: CommandDep
) -> StudioRead:
    """Another contact, place or time, or its last day. 联系方式、地点、时间或停用"""
    by = By(call.actor, call.now, call.principal, version)
    return studio_read(await service.change(call.session, studio_id, body.changes(), by=by))


@router.get(
    "/{studio_id}/visits",
    response_model=Page[VisitRead],
    summary="走访接待记录 Visits",
    **permit("grid.visit.read"),
)
async def list_visits(studio_id: UUID, call: QueryDep, paging: PageDep) -> Slice[StudioVisit]:
    """The latest first. 最新在前"""
    rows = await service.visits_of(
        call.session, studio_id, call.principal, after=BY_TIME.after(paging), limit=paging.limit + 1
    )
    return BY_TIME.slice(rows, paging, key=lambda row: (row.begins_at, row.id))


@router.post(
    "/{studio_id}/visits",
    response_model=VisitRead,
    status_code=201,
    summary="登记走访接待 Log a visit",
    **permit("grid.visit.log"),
)
async def log_visit(studio_id: UUID, body: LogVisit, call: CommandDep) -> StudioVisit:
    """With residents' matters, each a case at once. 居民诉求即时转为案件"""
    by = By(call.actor, call.now, call.principal)
    return await service.log_visit(
        call.session, studio_id, body.logged(), fingerprint=call.fingerprint, by=by
    )
