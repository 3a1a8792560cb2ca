"""Routes of the geography."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from libs.common.areas import AreaLevel
from libs.common.clocks import local_date
from libs.common.coordinates import Crs
from libs.common.http.calls import QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.grid.places import service
from services.grid.places.models import Area
from services.grid.places.repository import AreaFilter
from services.grid.places.schemas import (
    AreaRead,
    Feature,
    FeatureCollection,
    PlaceRead,
    outline_feature,
    place_read,
    unit_grid_feature,
)

router = command_router("/grid/v1", tags=["places 区域与单元网格"])

READ: dict[str, Any] = permit("grid.reference.read")

AREA = r"^[1-8][0-9](([0-9]{2}){0,2}|[0-9]{4}([0-9]{3}){1,2})$"
ANY_AREA = r"^[1-8][0-9](([0-9]{2}){0,2}|[0-9]{4}([0-9]{3}){1,3})$"
AreaCode = Annotated[str, Path(pattern=AREA, description="区划代码", examples=["310101002"])]
NeighbourhoodCode = Annotated[
    str, Path(pattern=r"^[0-9]{12}$", description="居(村)委会代码", examples=["310101002001"])
]
UnitGridCode = Annotated[
    str, Path(pattern=r"^[0-9]{15}$", description="单元网格代码", examples=["310101002001001"])
]

AREAS_BY_CODE = Keyset("areas-by-code", str)


@router.get("/areas", response_model=Page[AreaRead], summary="行政区划 List areas", **READ)
async def list_areas(
    call: QueryDep,
    paging: PageDep,
    parent: Annotated[
        str | None, Query(pattern=AREA, description="上级区划代码", examples=["310101"])
    ] = None,
    level: Annotated[AreaLevel | None, Query(description="层级")] = None,
    q: Annotated[
        str | None, Query(min_length=1, max_length=50, description="名称或代码 name or code")
    ] = None,
    ended: Annotated[bool, Query(description="含已停用 show ended ones too")] = False,
) -> Slice[Area]:
    """Areas in order of code. 按代码排列"""
    wanted = AreaFilter(parent, level, q, None if ended else local_date(call.now))
    after = AREAS_BY_CODE.after(paging)
    rows = await service.list_areas(
        call.session, wanted, after=after[0] if after else None, limit=paging.limit + 1
    )
    return AREAS_BY_CODE.slice(rows, paging, key=lambda area: [area.code])


@router.get("/areas/{code}", response_model=AreaRead, summary="查看区划 Read an area", **READ)
async def read_area(code: AreaCode, call: QueryDep) -> Area:
    """One area, in force or ended. 一个区划，含已停用的"""
    return await service.find_area(call.session, code)


@router.get("/areas/{code}/outline", response_model=Feature, summary="区划边界 Outline of an area", **READ)
async def read_outline(code: AreaCode, call: QueryDep) -> Feature:
    """GeoJSON. Districts are real but coarse; townships and neighbourhoods are made up. 区以下为演示数据"""
    return outline_feature(await service.find_outline(call.session, code, on=local_date(call.now)))


@router.get(
    "/areas/{code}/unit-grids",
    response_model=FeatureCollection,
    summary="居村的单元网格 Unit grids of a neighbourhood",
    **READ,
)
async def list_unit_grids(
    code: Annotated[
        str, Path(pattern=r"^[0-9]{12}$", description="居(村)委会代码", examples=["310101002001"])
    ],
    call: QueryDep,
) -> FeatureCollection:
    """GeoJSON, in order of code. 演示数据"""
    cells = await service.unit_grids_of(call.session, code, on=local_date(call.now))
    return FeatureCollection(features=[unit_grid_feature(cell) for cell in cells])


@router.get("/unit-grids/{code}", response_model=Feature, summary="查看单元网格 Read a unit grid", **READ)
async def read_unit_grid(code: UnitGridCode, call: QueryDep) -> Feature:
    """GeoJSON of one unit grid, in force or retired. 演示数据"""
    return unit_grid_feature(await service.find_unit_grid(call.session, code, on=local_date(call.now)))


@router.get("/locate", response_model=PlaceRead, summary="定位 Find the unit grid of a point", **READ)
async def locate(
    call: QueryDep,
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False, examples=[121.4737])],
    lat: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False, examples=[31.2304])],
    crs: Annotated[Crs, Query(description="坐标系，必填 coordinate system, required", examples=["WGS84"])],
) -> PlaceRead:
    """The unit grid that holds the point, or the nearest one within the tolerance, flagged. 点落网格"""
    place = await service.locate(call.session, lon, lat, crs, on=local_date(call.now))
    return place_read(await service.describe(call.session, place, on=local_date(call.now)))
