"""Routes of the estates: read by all, kept by the office."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.clocks import local_date
from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Day, HistoryStep
from services.grid.estates import service
from services.grid.estates.schemas import (
    EstateChange,
    EstateCreate,
    EstateHistory,
    EstateRead,
    ManagementWrite,
    WallWrite,
    estate_read,
)
from services.grid.estates.service import By
from services.grid.fields import AREA
from services.grid.places import service as places
from services.grid.places.domain import Management, ManagementMode, management_of
from services.grid.places.service import EstateFilter, EstateState

router = command_router("/grid/v1/estates", tags=["places 区域与单元网格"])

READ = permit("grid.reference.read")
WRITE = permit("grid.reference.write")
ESTATES_BY_ID = Keyset("estates-by-id", UUID)
On = Annotated[Day | None, Query(description="有效日期，默认今天 in force on this day, by default today")]


def _by(call: CommandDep) -> By:
    return By(call.actor, call.principal, call.now)


def _shown(state: EstateState, call: CommandDep) -> EstateRead:
    return estate_read(state, local_date(call.now))


@router.get("", response_model=Page[EstateRead], summary="小区 List estates", **READ)
async def list_estates(
    call: QueryDep,
    paging: PageDep,
    area: Annotated[str, Query(pattern=AREA, description="区划或单元网格代码", examples=["310101002"])],
    on: On = None,
    q: Annotated[str | None, Query(min_length=1, max_length=50, description="名称 words of the name")] = None,
    management: Annotated[Management | None, Query(description="现管理状态 as it is managed now")] = None,
) -> Slice[EstateRead]:
    """Estates that cover something in the area. 覆盖该区域的小区"""
    day = on or local_date(call.now)
    modes = [mode for mode in ManagementMode if management_of(mode) is management]
    after = ESTATES_BY_ID.after(paging)
    states = await places.list_estates(
        call.session,
        EstateFilter(area, day, q, modes),
        after=after[0] if after else None,
        limit=paging.limit + 1,
    )
    shown = [estate_read(state, day) for state in states]
    return ESTATES_BY_ID.slice(shown, paging, key=lambda row: [row.id])


@router.get("/{estate_id}", response_model=EstateRead, summary="查看小区 Read an estate", **READ)
async def read_estate(estate_id: UUID, call: QueryDep) -> EstateRead:
    """One estate with what it covers and covered, and who manages it. 小区、覆盖范围与管理状态"""
    return estate_read(await places.find_estate(call.session, estate_id), local_date(call.now))


@router.post("", response_model=EstateRead, status_code=201, summary="登记小区 Register an estate", **WRITE)
async def register_estate(body: EstateCreate, call: CommandDep) -> EstateRead:
    """A new estate; its name and addresses are found at once. 登记后即可按名称地址定位"""
    return _shown(await service.register(call.session, body.fields(), body.mode, _by(call)), call)


@router.patch("/{estate_id}", response_model=EstateRead, summary="变更小区 Change an estate", **WRITE)
async def change_estate(estate_id: UUID, body: EstateChange, expect: IfMatch, call: CommandDep) -> EstateRead:
    """Another name, other addresses or coverage, or its end; cases stay where they are. 在办案件不受影响"""
    made = await service.change(call.session, estate_id, body.changes(), expect=expect, by=_by(call))
    return _shown(made, call)


@router.post(
    "/{estate_id}/management", response_model=EstateRead, summary="变更管理状态 Say who manages it", **WRITE
)
async def manage_estate(
    estate_id: UUID, body: ManagementWrite, expect: IfMatch, call: CommandDep
) -> EstateRead:
    """A firm takes over or leaves; an estate that nobody manages names who answers. 抛盘须填托底单位"""
    made = await service.manage(call.session, estate_id, body.period(), expect=expect, by=_by(call))
    return _shown(made, call)


@router.put("/{estate_id}/wall", response_model=EstateRead, summary="围墙边界 Put the wall", **WRITE)
async def put_wall(estate_id: UUID, body: WallWrite, expect: IfMatch, call: CommandDep) -> EstateRead:
    """Places are inside or outside by it from now on; null: nobody knows. 定位据此区分围墙内外"""
    made = await service.put_wall(call.session, estate_id, body.given(), expect=expect, by=_by(call))
    return _shown(made, call)


@router.get(
    "/{estate_id}/history", response_model=EstateHistory, summary="小区变更记录 History of an estate", **WRITE
)
async def read_history(estate_id: UUID, call: QueryDep) -> EstateHistory:
    """Every change, the first one first. 每次变更"""
    rows = await service.history(call.session, estate_id, call.principal)
    return EstateHistory(items=[HistoryStep.model_validate(row) for row in rows])
