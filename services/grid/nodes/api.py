"""Routes of the nodes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from libs.common.clocks import local_date
from libs.common.http.calls import QueryDep
from libs.common.http.route import command_router, permit
from libs.common.http.schemas import Day
from services.grid.fields import AREA
from services.grid.nodes import service
from services.grid.nodes.schemas import NodeList, NodeRead

router = command_router("/grid/v1/nodes", tags=["nodes 层级节点"])
READ = permit("grid.reference.read")


@router.get("", response_model=NodeList, summary="层级节点 Who has an area", **READ)
async def list_nodes(
    call: QueryDep,
    area: Annotated[str, Query(pattern=AREA, description="区划代码", examples=["310101002001"])],
    on: Annotated[Day | None, Query(description="日期；缺省为今日")] = None,
) -> NodeList:
    """The nodes of the four levels that cover the area. 覆盖该区域的各层级节点"""
    found = await service.nodes_over(call.session, area, on or local_date(call.now))
    items = [
        NodeRead(
            id=node.id, code=node.code, level=node.level, name=node.name, seat=node.seat, covers=list(covers),
            source=node.source, demonstration=node.demonstration,
        )
        for node, covers in found
    ]  # fmt: skip
    return NodeList(items=items)
