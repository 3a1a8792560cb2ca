"""Routes of the hotline officer."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch
from libs.common.http.route import command_router, permit
from services.grid.cases.service import By
from services.grid.handlings import service
from services.grid.handlings.domain import Contact
from services.grid.handlings.schemas import AskReturn, FirstContact, NameAccused, Note, Reason, ReplyForm
from services.grid.handlings.service import Reply
from services.grid.orders.domain import OrderRead
from services.grid.orders.service import HotlineOrder

router = command_router("/grid/v1/orders", tags=["orders 热线工单"])
HANDLE = permit("grid.order.handle")


def _by(call: CommandDep, version: int) -> By:
    return By(call.actor, call.now, call.principal, version)


@router.post("/{order_id}/take", response_model=OrderRead, summary="承办 Take in hand", **HANDLE)
async def take(order_id: UUID, version: IfMatch, call: CommandDep) -> HotlineOrder:
    """On the officer's own list from now on. 列入本人承办"""
    return await service.take(call.session, order_id, by=_by(call, version))


@router.post("/{order_id}/contact", response_model=OrderRead, summary="先行联系 First contact", **HANDLE)
async def contact(order_id: UUID, body: FirstContact, version: IfMatch, call: CommandDep) -> HotlineOrder:
    """Made or tried in vain; never by the complained-of unit. 被诉单位不得联系"""
    given = Contact(body.by, body.contacted_at, body.person, body.reason)
    return await service.contact(call.session, order_id, given, by=_by(call, version))


@router.post(
    "/{order_id}/name-accused", response_model=OrderRead, summary="被诉单位 Name the accused", **HANDLE
)
async def name_accused(order_id: UUID, body: NameAccused, version: IfMatch, call: CommandDep) -> HotlineOrder:
    """It learns nothing of the caller; the first contact falls to another. 对其隐去反映人，改由他方联系"""
    return await service.name_accused(call.session, order_id, body.unit_id, by=_by(call, version))


@router.post(
    "/{order_id}/ask-return", response_model=OrderRead, summary="申请退单 Ask for a return", **HANDLE
)
async def ask_return(order_id: UUID, body: AskReturn, version: IfMatch, call: CommandDep) -> HotlineOrder:
    """The hotline answers; the clocks run meanwhile. 待热线答复，其间时限继续"""
    return await service.ask_return(
        call.session, order_id, reason_code=body.reason_code, reason=body.reason, by=_by(call, version)
    )


@router.post(
    "/{order_id}/withdraw-return",
    response_model=OrderRead,
    summary="撤回退单申请 Withdraw a return",
    **permit("grid.order.handle", example={"reason": "经核实诉求地址属本街道"}),
)
async def withdraw_return(order_id: UUID, body: Reason, version: IfMatch, call: CommandDep) -> HotlineOrder:
    """It is ours after all. 不再申请退单"""
    return await service.withdraw_return(call.session, order_id, reason=body.reason, by=_by(call, version))


@router.post(
    "/{order_id}/ask-extension", response_model=OrderRead, summary="申请延期 Ask for an extension", **HANDLE
)
async def ask_extension(order_id: UUID, body: Reason, version: IfMatch, call: CommandDep) -> HotlineOrder:
    """For complex matters, before the deadline, granted once. 疑难诉求，超时前申请"""
    return await service.ask_extension(call.session, order_id, reason=body.reason, by=_by(call, version))


@router.post(
    "/{order_id}/interim-reply", response_model=OrderRead, summary="工单阶段性答复 Interim reply", **HANDLE
)
async def interim_reply(order_id: UUID, body: Note, version: IfMatch, call: CommandDep) -> HotlineOrder:
    """Mediation has the matter: the reply waits for its end. 转调解期间，答复待其结束"""
    return await service.interim_reply(call.session, order_id, note=body.note, by=_by(call, version))


@router.post("/{order_id}/reply", response_model=OrderRead, summary="答复 Reply", **HANDLE)
async def reply(order_id: UUID, body: ReplyForm, version: IfMatch, call: CommandDep) -> HotlineOrder:
    """After the end of the case, to caller and hotline. 案件办结后答复"""
    return await service.reply(call.session, order_id, Reply(**body.model_dump()), by=_by(call, version))
