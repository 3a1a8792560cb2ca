"""Routes of registration."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Response

from libs.common.http.calls import CommandDep, IfMatch
from libs.common.http.route import command_router, permit
from services.disputes.disputes.service import By, Dispute
from services.disputes.dossiers.domain import DisputeRead
from services.disputes.registrations import service
from services.disputes.registrations.schemas import (
    Classify,
    DisputeCreate,
    DisputeReceipt,
    SettlementCreate,
    Supplement,
    Urge,
    Withdraw,
)

router = command_router("/disputes/v1", tags=["registrations 登记"])

_AGAIN: dict[int | str, dict[str, Any]] = {
    200: {"model": DisputeReceipt, "description": "The same again: the first receipt (重复登记)"}
}


def _by(call: CommandDep, version: int | None = None) -> By:
    return By(call.actor, call.now, call.principal, version)


@router.put(
    "/disputes/{dispute_id}",
    response_model=DisputeReceipt,
    status_code=201,
    summary="登记纠纷 Register a dispute",
    responses=_AGAIN,
    **permit("disputes.dispute.register"),
)
async def register(dispute_id: UUID, body: DisputeCreate, call: CommandDep, response: Response) -> Dispute:
    """The id is the client's UUIDv7: sent again, the first receipt comes back. 以客户端 UUIDv7 为键"""
    draft = body.draft(call.fingerprint)
    registered = await service.register(call.session, dispute_id, draft, body.photos, _by(call))
    response.status_code = 201 if registered.made else 200
    return registered.dispute


@router.put(
    "/settlements/{dispute_id}",
    response_model=DisputeReceipt,
    status_code=201,
    summary="现场调结 Settle on the spot",
    responses=_AGAIN,
    **permit("disputes.dispute.settle"),
)
async def settle(dispute_id: UUID, body: SettlementCreate, call: CommandDep, response: Response) -> Dispute:
    """Registered, mediated, performed and closed in one step. 登记、调解、履行、办结一次完成"""
    settled = await service.settle(
        call.session, dispute_id, body.draft(call.fingerprint), body.settlement(), body.photos, _by(call)
    )
    response.status_code = 201 if settled.made else 200
    return settled.dispute


@router.post(
    "/disputes/{dispute_id}/classify",
    response_model=DisputeRead,
    summary="分类 Classify",
    **permit("disputes.dispute.classify"),
)
async def classify(dispute_id: UUID, body: Classify, expect: IfMatch, call: CommandDep) -> Dispute:
    """Class and type; once more by a coordinator, with a reason. 分类，或由协调员重新分类"""
    given = (body.dispute_class, body.dispute_type)
    return await service.classify(call.session, dispute_id, given, body.reason, _by(call, expect))


@router.post(
    "/disputes/{dispute_id}/supplement",
    response_model=DisputeRead,
    summary="补充 Supplement",
    **permit("disputes.dispute.supplement"),
)
async def supplement(dispute_id: UUID, body: Supplement, expect: IfMatch, call: CommandDep) -> Dispute:
    """More to know, with photos. 补充情况和证据"""
    return await service.supplement(call.session, dispute_id, body.note, body.photos, _by(call, expect))


@router.post(
    "/disputes/{dispute_id}/urge",
    response_model=DisputeRead,
    summary="催办 Urge",
    **permit("disputes.dispute.urge"),
)
async def urge(dispute_id: UUID, body: Urge, expect: IfMatch, call: CommandDep) -> Dispute:
    """It shows on the body's list. 显示在承办组织的列表中"""
    return await service.urge(call.session, dispute_id, body.note, _by(call, expect))


@router.post(
    "/disputes/{dispute_id}/withdraw",
    response_model=DisputeRead,
    summary="撤回 Withdraw",
    **permit("disputes.dispute.withdraw"),
)
async def withdraw(dispute_id: UUID, body: Withdraw, expect: IfMatch, call: CommandDep) -> Dispute:
    """The applicant withdraws, recorded by who has it in hand. 申请人撤回，由承办人记录"""
    return await service.withdraw(call.session, dispute_id, body.reason, _by(call, expect))
