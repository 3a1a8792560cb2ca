"""Routes of the responsibility grids."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.clocks import local_date
from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Day, HistoryStep
from libs.common.policy import require_area
from services.grid.fields import AREA
from services.grid.responsibilities import service
from services.grid.responsibilities.schemas import (
    ResponsibilityGridChange,
    ResponsibilityGridCreate,
    ResponsibilityGridHistory,
    ResponsibilityGridRead,
    grid_read,
)
from services.grid.responsibilities.service import GridFilter

router = command_router("/grid/v1/responsibility-grids", tags=["places 区域与单元网格"])

READ = permit("grid.reference.read")
WRITE = permit("grid.reference.write")
BY_ID = Keyset("responsibility-grids-by-id", UUID)
BY_CODE = Keyset("uncovered-by-code", str)
Area = Annotated[str, Query(pattern=AREA, description="区划或单元网格代码", examples=["310101002001"])]
On = Annotated[Day | None, Query(description="在该日有效；默认今天 on this day, today if left out")]


@router.get(
    "", response_model=Page[ResponsibilityGridRead], summary="责任网格列表 List responsibility grids", **READ
)
async def list_grids(
    call: QueryDep, paging: PageDep, area: Area, on: On = None
) -> Slice[ResponsibilityGridRead]:
    """Those that cover something in the area. 覆盖该区域的责任网格"""
    wanted, after = GridFilter(area, on or local_date(call.now)), BY_ID.after(paging)
    states = await service.list_grids(
        call.session, wanted, after=after[0] if after else None, limit=paging.limit + 1
    )
    return BY_ID.slice([grid_read(state) for state in states], paging, key=lambda row: [row.id])


@router.get(
    "/uncovered", response_model=Page[str], summary="无人负责的单元网格 Unit grids that nobody has", **READ
)
async def list_uncovered(call: QueryDep, paging: PageDep, area: Area, on: On = None) -> Slice[str]:
    """Unit grids of the area that no responsibility grid covers, by code. 未纳入责任网格的单元网格"""
    wanted, after = GridFilter(area, on or local_date(call.now)), BY_CODE.after(paging)
    codes = await service.uncovered(
        call.session, wanted, after=after[0] if after else "", limit=paging.limit + 1
    )
    return BY_CODE.slice(codes, paging, key=lambda code: [code])


@router.get(
    "/{grid_id}",
    response_model=ResponsibilityGridRead,
    summary="查看责任网格 Read a responsibility grid",
    **READ,
)
async def read_grid(grid_id: UUID, call: QueryDep) -> ResponsibilityGridRead:
    """One with what it covers and covered. 责任网格及其单元网格"""
    return grid_read(await service.find(call.session, grid_id))


@router.get(
    "/{grid_id}/history",
    response_model=ResponsibilityGridHistory,
    summary="责任网格变更记录 History of a responsibility grid",
    **WRITE,
)
async def read_history(grid_id: UUID, call: QueryDep) -> ResponsibilityGridHistory:
    """Every change, the first one first. 每次变更"""
    rows = await service.history(call.session, grid_id, call.principal)
    return ResponsibilityGridHistory(items=[HistoryStep.model_validate(row) for row in rows])


@router.post(
    "",
    response_model=ResponsibilityGridRead,
    status_code=201,
    summary="登记责任网格 Register a responsibility grid",
    **WRITE,
)
async def register_grid(body: ResponsibilityGridCreate, call: CommandDep) -> ResponsibilityGridRead:
    """A new one; no unit grid belongs to two at a time. 单元网格不重复归属"""
    require_area(call.principal, body.area)
    made = await service.register(call.session, body.fields(), actor=call.actor, now=call.now)
    return grid_read(made)


@router.patch(
    "/{grid_id}",
    response_model=ResponsibilityGridRead,
    summary="变更责任网格 Change a responsibility grid",
    **WRITE,
)
async def change_grid(
    grid_id: UUID, body: ResponsibilityGridChange, expect: IfMatch, call: CommandDep
) -> ResponsibilityGridRead:
    """Another name, other unit grids, or its end. 更名、调整范围、停用"""
    found = await service.locked(call.session, grid_id, call.principal, expect)
    made = await service.change(call.session, found, body.changes(), actor=call.actor, now=call.now)
    return grid_read(made)
