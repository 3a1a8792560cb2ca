"""Routes of reading orders."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from libs.common.http.calls import CommandDep, QueryDep
from libs.common.http.paging import Keyset, Page, PageDep, Slice
from libs.common.http.route import command_router, permit
from services.grid.fields import AREA
from services.grid.orders import service
from services.grid.orders.domain import Clock, OrderRead, OrderState
from services.grid.orders.schemas import OrderHistory, OrderStep, RevealedOrder, RevealOrder
from services.grid.orders.service import HotlineOrder, Wanted

router = command_router("/grid/v1/orders", tags=["orders 热线工单"])
READ = permit("grid.order.read")
KEYS = {
    None: Keyset("orders-by-time", datetime, UUID),
    Clock.CONTACT: Keyset("orders-by-contact", datetime, UUID),
    Clock.REPLY: Keyset("orders-by-reply", datetime, UUID),
}


async def _wanted(
    area: Annotated[str | None, Query(pattern=AREA, description="区划代码")] = None,
    channel: Annotated[str | None, Query(max_length=30, description="热线", examples=["12345"])] = None,
    state: Annotated[OrderState | None, Query(description="状态")] = None,
    case_id: Annotated[UUID | None, Query(description="案件")] = None,
    mine: Annotated[bool, Query(description="本人承办 in my hands")] = False,
) -> Wanted:
    return Wanted(area, channel, state, case_id, mine)


@router.get("", response_model=Page[OrderRead], summary="工单列表 List orders", **READ)
async def list_orders(
    call: QueryDep,
    paging: PageDep,
    wanted: Annotated[Wanted, Depends(_wanted)],
    due: Annotated[
        Clock | None, Query(description="待先行联系或待答复，按时限排列 owed, by deadline")
    ] = None,
) -> Slice[HotlineOrder]:
    """Latest first; with `due` what is owed by that clock, the earliest deadline first. 按时间或时限排列"""
    key = KEYS[due]
    rows = await service.listed(
        call.session, call.principal, wanted, due, after=key.after(paging), limit=paging.limit + 1
    )
    column = "received_at" if due is None else f"{due.value}_due_at"
    return key.slice(rows, paging, key=lambda row: (getattr(row, column), row.id))


@router.get("/{order_id}", response_model=OrderRead, summary="查看工单 Read an order", **READ)
async def read_order(order_id: UUID, call: QueryDep) -> HotlineOrder:
    """The order with its clocks. 工单及时限"""
    return await service.find(call.session, order_id, call.principal)


@router.get(
    "/{order_id}/history", response_model=OrderHistory, summary="工单操作记录 History of an order", **READ
)
async def read_order_history(order_id: UUID, call: QueryDep) -> OrderHistory:
    """Every step, the first one first. 每一步操作"""
    rows = await service.history(call.session, order_id, call.principal)
    return OrderHistory(items=[OrderStep.model_validate(row) for row in rows])


@router.post(
    "/{order_id}/payload",
    response_model=RevealedOrder,
    summary="查看原始报文 Reveal the payload",
    **permit("grid.order.reveal"),
)
async def reveal_payload(order_id: UUID, body: RevealOrder, call: CommandDep) -> HotlineOrder:
    """What the hotline sent, in full; the reason is recorded. 留痕查看"""
    return await service.reveal(
        call.session, order_id, body.reason, actor=call.actor, viewer=call.principal, now=call.now
    )
