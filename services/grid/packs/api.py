"""Route of the packs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from libs.common.clocks import local_date
from libs.common.http.calls import NOT_MODIFIED, IfNoneMatch, QueryDep, unchanged
from libs.common.http.route import command_router, permit
from services.grid.packs import service
from services.grid.packs.schemas import AreaPack

router = command_router("/grid/v1", tags=["places 区域与单元网格"])


@router.get(
    "/areas/{code}/pack",
    response_model=AreaPack,
    responses=NOT_MODIFIED,
    summary="区域离线包 Pack of an area",
    **permit("grid.reference.read"),
)
async def read_pack(
    code: Annotated[
        str,
        Path(pattern=r"^[0-9]{6}([0-9]{3}){0,2}$", description="区及以下代码", examples=["310101002"]),
    ],
    call: QueryDep,
    held: IfNoneMatch = "",
) -> Response:
    """The area's tree, estates and unit grids, for a device without a network. 演示数据"""
    day = local_date(call.now)
    tag = f'"{await service.pack_tag(call.session, code, on=day)}"'
    if (same := unchanged(tag, held)) is not None:
        return same
    told = await service.pack(call.session, code, on=day)
    return Response(told, headers={"ETag": tag}, media_type="application/json")
