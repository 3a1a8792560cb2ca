"""Routes of the nodes."""

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
from services.grid.nodes import service
from services.grid.nodes.schemas import NodeChange, NodeCreate, NodeHistory, NodeRead, node_read
from services.grid.rules import service as rules

router = command_router("/grid/v1/nodes", tags=["nodes 层级节点"])

READ = permit("grid.reference.read")
WRITE = permit("grid.reference.write")
BY_ID = Keyset("nodes-by-id", UUID)


@router.get("", response_model=Page[NodeRead], summary="层级节点列表 List nodes", **READ)
async def list_nodes(
    call: QueryDep,
    paging: PageDep,
    area: Annotated[str, Query(pattern=AREA, description="区划代码", examples=["310101002"])],
    level: Annotated[str | None, Query(pattern=r"^[a-z_]{1,30}$", description="层级")] = None,
    on: Annotated[Day | None, Query(description="在该日有效；默认今天")] = None,
) -> Slice[NodeRead]:
    """Nodes that cover something in the area, or all of it. 覆盖该区域的节点"""
    wanted = service.NodeFilter(area, on or local_date(call.now), level)
    after = BY_ID.after(paging)
    states = await service.list_nodes(
        call.session, wanted, after=after[0] if after else None, limit=paging.limit + 1
    )
    found = await rules.rules(call.session)
    return BY_ID.slice([node_read(state, found) for state in states], paging, key=lambda row: [row.id])


@router.get("/{node_id}", response_model=NodeRead, summary="查看层级节点 Read a node", **READ)
async def read_node(node_id: UUID, call: QueryDep) -> NodeRead:
    """One node with what it covers and covered. 节点及其覆盖范围"""
    state = await service.find(call.session, node_id)
    return node_read(state, await rules.rules(call.session))


@router.get(
    "/{node_id}/history",
    response_model=NodeHistory,
    summary="节点变更记录 History of a node",
    **WRITE,
)
async def read_history(node_id: UUID, call: QueryDep) -> NodeHistory:
    """Every change, the first one first. 每次变更"""
    require_area(call.principal, (await service.find(call.session, node_id)).node.area)
    rows = await service.history(call.session, node_id)
    return NodeHistory(items=[HistoryStep.model_validate(row) for row in rows])


@router.post("", response_model=NodeRead, status_code=201, summary="登记层级节点 Register a node", **WRITE)
async def register_node(body: NodeCreate, call: CommandDep) -> NodeRead:
    """A new node; no other node of its level may cover the same area at that time. 同级不重复覆盖"""
    require_area(call.principal, body.area)
    made = await service.register(call.session, body.fields(), actor=call.actor, now=call.now)
    return node_read(made, await rules.rules(call.session))


@router.patch("/{node_id}", response_model=NodeRead, summary="变更层级节点 Change a node", **WRITE)
async def change_node(node_id: UUID, body: NodeChange, expect: IfMatch, call: CommandDep) -> NodeRead:
    """Another name, seat or coverage, or its end; cases stay where they are. 在办案件不受影响"""
    require_area(call.principal, (await service.find(call.session, node_id)).node.area)
    made = await service.change(
        call.session, node_id, body.changes(), expect=expect, actor=call.actor, now=call.now
    )
    return node_read(made, await rules.rules(call.session))
