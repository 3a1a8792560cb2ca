"""Routes of the hotlines."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Response

from libs.common.events.feed import FeedCursor
from libs.common.http.calls import CommandDep, QueryDep
from libs.common.http.paging import MOST, Keyset
from libs.common.http.route import command_router, permit
from services.grid.cases import service as cases
from services.grid.cases.service import By, ReporterGiven
from services.grid.hotlines import service
from services.grid.hotlines.schemas import (
    CHANNEL,
    NUMBER,
    Acknowledge,
    Acknowledged,
    AcknowledgedList,
    CalledBack,
    Decision,
    EnterOrder,
    OrderChange,
    OrderChanges,
    OrderReceipt,
    Redo,
    Supplement,
    Urge,
)
from services.grid.hotlines.service import CallBack, Change, Entry, Number
from services.grid.orders import service as orders
from services.grid.orders.service import HotlineOrder
from services.grid.reports.domain import GivenPlace

router = command_router("/grid/v1", tags=["hotlines 热线对接"])
ENTER = permit("grid.order.enter")
CURSOR = Keyset("order-changes", int, int)
ORDER = "/hotlines/{channel}/orders/{number}"
Channel = Annotated[str, Path(pattern=CHANNEL, description="热线", examples=["12345"])]
OrderNo = Annotated[str, Path(pattern=NUMBER, description="工单编号", examples=["SH20261123000417"])]


def _by(call: CommandDep) -> By:
    return By(call.actor, call.now, call.principal)


async def _receipt(call: CommandDep, order: HotlineOrder) -> OrderReceipt:
    case = await cases.get(call.session, order.made_case_id or order.case_id)
    first = await orders.get(call.session, order.first_id) if order.first_id else None
    names = OrderReceipt.model_fields.keys() - {"receipt_number", "first_number"}
    told = {name: getattr(order, name) for name in names}
    return OrderReceipt(
        **told | {"repeat_count": (first or order).repeat_count},
        receipt_number=case.receipt_number if case else "",
        first_number=first.number if first else None,
    )


@router.put(
    ORDER,
    response_model=OrderReceipt,
    status_code=201,
    summary="接收工单 Enter an order",
    responses={200: {"model": OrderReceipt, "description": "The same order again (重复推送)"}},
    **ENTER,
)
async def enter_order(
    channel: Channel, number: OrderNo, body: EnterOrder, call: CommandDep, response: Response
) -> OrderReceipt:
    """The hotline's number is the key: sent again, the first receipt. 重复推送返回首次回执"""
    told, caller = body.model_dump(exclude={"place", "caller"}), body.caller
    entry = Entry(
        **told,
        place=GivenPlace(**body.place.told()),
        caller=ReporterGiven(**caller.model_dump()) if caller else None,
    )
    named = Number(channel, number)
    entered = await service.enter(call.session, named, entry, fingerprint=call.fingerprint, by=_by(call))
    response.status_code = 201 if entered.made else 200
    return await _receipt(call, entered.order)


@router.post(f"{ORDER}/supplement", response_model=OrderReceipt, summary="补充 Supplement", **ENTER)
async def supplement_order(
    channel: Channel, number: OrderNo, body: Supplement, call: CommandDep
) -> OrderReceipt:
    """The caller told more; who has the case is told. 转告承办单位"""
    named = Number(channel, number)
    return await _receipt(call, await service.supplement(call.session, named, text=body.text, by=_by(call)))


@router.post(f"{ORDER}/urge", response_model=OrderReceipt, summary="催办 Urge", **ENTER)
async def urge_order(channel: Channel, number: OrderNo, body: Urge, call: CommandDep) -> OrderReceipt:
    """The caller urges; who has the case is urged. 转催承办单位"""
    named = Number(channel, number)
    return await _receipt(call, await service.urge(call.session, named, note=body.note, by=_by(call)))


@router.post(
    f"{ORDER}/return-decision", response_model=OrderReceipt, summary="退单答复 Answer a return", **ENTER
)
async def decide_return(channel: Channel, number: OrderNo, body: Decision, call: CommandDep) -> OrderReceipt:
    """Granted: the order and its case end here. 同意则工单及案件终止"""
    named = Number(channel, number)
    done = await service.decide_return(
        call.session, named, granted=body.granted, note=body.note, by=_by(call)
    )
    return await _receipt(call, done)


@router.post(
    f"{ORDER}/extension-decision",
    response_model=OrderReceipt,
    summary="延期答复 Answer an extension",
    **ENTER,
)
async def decide_extension(
    channel: Channel, number: OrderNo, body: Decision, call: CommandDep
) -> OrderReceipt:
    """Granted: the limit of complex matters, from the same start. 同意则适用疑难诉求时限"""
    named = Number(channel, number)
    done = await service.decide_extension(
        call.session, named, granted=body.granted, note=body.note, by=_by(call)
    )
    return await _receipt(call, done)


@router.post(f"{ORDER}/call-back", response_model=OrderReceipt, summary="回访结果 Call-back", **ENTER)
async def call_back(channel: Channel, number: OrderNo, body: CalledBack, call: CommandDep) -> OrderReceipt:
    """What the caller says of the reply; the order is closed. 回访后工单办结"""
    given = CallBack(body.contacted, body.satisfaction, body.reason)
    named = Number(channel, number)
    return await _receipt(call, await service.call_back(call.session, named, given, by=_by(call)))


@router.post(f"{ORDER}/redo", response_model=OrderReceipt, summary="重办 Re-handle", **ENTER)
async def redo(channel: Channel, number: OrderNo, body: Redo, call: CommandDep) -> OrderReceipt:
    """The case is reopened, with the limit of re-handling. 案件重新办理，适用重办时限"""
    named = Number(channel, number)
    return await _receipt(call, await service.redo(call.session, named, reason=body.reason, by=_by(call)))


@router.get("/orders/changes", response_model=OrderChanges, summary="工单变化 Changes of orders", **ENTER)
async def list_changes(
    call: QueryDep,
    channel: Annotated[str, Query(pattern=CHANNEL, description="热线", examples=["12345"])],
    after: Annotated[str | None, Query(max_length=1000, description="上次的 next")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="每次查看的事件数 events looked through")] = MOST,
) -> OrderChanges:
    """What the hotline must be told, in order, none missed; without `after` behind its last acknowledgement.

    按日志顺序，不遗漏；不带 after 时从上次确认处继续。
    """
    start = FeedCursor(*CURSOR.decode(after)) if after is not None else None
    found, cursor, more = await service.changes(call.session, call.principal, channel, start, limit)
    return OrderChanges(
        items=[_change(one) for one in found],
        next=CURSOR.encode(cursor.epoch, cursor.position),
        more=more,
    )


def _change(told: Change) -> OrderChange:
    order, step = told.order, told.step
    return OrderChange(
        number=order.number,
        change=told.fact.verb,
        at=told.fact.logged_at,
        version=told.fact.version,
        state=step.to_state if step else None,
        note=step.note if step else None,
        details=step.changed if step else {},
        order_state=order.state,
        case_state=order.case_state,
        repeats=list(told.repeats),
    )


@router.post(
    "/orders/changes/acknowledge",
    response_model=AcknowledgedList,
    summary="确认已接收变化 Acknowledge changes",
    **ENTER,
)
async def acknowledge_changes(body: Acknowledge, call: CommandDep) -> AcknowledgedList:
    """Unasked, the feed goes on behind it; never back. 之后从此处继续"""
    upto = FeedCursor(*CURSOR.decode(body.upto))
    await service.acknowledge(call.session, body.channel, upto, _by(call))
    return await _acknowledged(call)


@router.get(
    "/hotlines",
    response_model=AcknowledgedList,
    summary="热线对接状态 Acknowledgements of the hotlines",
    **permit("grid.order.read"),
)
async def list_hotlines(call: QueryDep) -> AcknowledgedList:
    """When each hotline last acknowledged what it was told. 各热线最近确认时间"""
    return await _acknowledged(call)


async def _acknowledged(call: CommandDep | QueryDep) -> AcknowledgedList:
    rows = await service.acknowledgements(call.session)
    return AcknowledgedList(items=[Acknowledged.model_validate(row) for row in rows])
