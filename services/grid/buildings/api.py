"""Routes of the buildings."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.common.clocks import local_date
from libs.common.http.calls import CommandDep, IfMatch, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Day, HistoryStep
from services.grid.buildings import service
from services.grid.buildings.schemas import (
    BuildingChange,
    BuildingCreate,
    BuildingHistory,
    BuildingRead,
    building_read,
)
from services.grid.estates.service import By

router = command_router("/grid/v1", tags=["places 区域与单元网格"])

READ = permit("grid.reference.read")
WRITE = permit("grid.reference.write")
BY_ID = Keyset("buildings-by-id", UUID)


def _by(call: CommandDep) -> By:
    return By(call.actor, call.principal, call.now)


@router.get(
    "/estates/{estate_id}/buildings",
    response_model=Page[BuildingRead],
    summary="小区楼栋 List the buildings of an estate",
    **READ,
)
async def list_buildings(
    estate_id: UUID,
    call: QueryDep,
    paging: PageDep,
    on: Annotated[Day | None, Query(description="在该日；默认今天 on this day, today if left out")] = None,
) -> Slice[BuildingRead]:
    """Buildings that stand on the day. 当日存续的楼栋"""
    after = BY_ID.after(paging)
    rows = await service.list_buildings(
        call.session,
        estate_id,
        on=on or local_date(call.now),
        after=after[0] if after else None,
        limit=paging.limit + 1,
    )
    return BY_ID.slice([building_read(row) for row in rows], paging, key=lambda row: [row.id])


@router.post(
    "/estates/{estate_id}/buildings",
    response_model=BuildingRead,
    status_code=201,
    summary="登记楼栋 Register a building",
    **WRITE,
)
async def register_building(estate_id: UUID, body: BuildingCreate, call: CommandDep) -> BuildingRead:
    """A new building; its number stands once in an estate. 同一小区楼号不重复"""
    return building_read(await service.register(call.session, estate_id, body.fields(), _by(call)))


@router.get(
    "/buildings/{building_id}", response_model=BuildingRead, summary="查看楼栋 Read a building", **READ
)
async def read_building(building_id: UUID, call: QueryDep) -> BuildingRead:
    """One building, standing or ended. 一栋楼，含已拆除的"""
    return building_read(await service.find(call.session, building_id))


@router.patch(
    "/buildings/{building_id}", response_model=BuildingRead, summary="变更楼栋 Change a building", **WRITE
)
async def change_building(
    building_id: UUID, body: BuildingChange, expect: IfMatch, call: CommandDep
) -> BuildingRead:
    """Another number, other addresses, a lift, or its end. 变更楼号、门牌、电梯或拆除"""
    made = await service.change(call.session, building_id, body.changes(), expect=expect, by=_by(call))
    return building_read(made)


@router.get(
    "/buildings/{building_id}/history",
    response_model=BuildingHistory,
    summary="楼栋变更记录 History of a building",
    **WRITE,
)
async def read_history(building_id: UUID, call: QueryDep) -> BuildingHistory:
    """Every change, the first one first. 每次变更"""
    rows = await service.history(call.session, building_id, call.principal)
    return BuildingHistory(items=[HistoryStep.model_validate(row) for row in rows])
