"""Routes of routing."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch
from libs.common.http.route import command_router, permit
from services.disputes.disputes.service import By, Dispute
from services.disputes.dossiers.domain import DisputeRead
from services.disputes.routes import service
from services.disputes.routes.schemas import RouteGiven

router = command_router("/disputes/v1/disputes/{dispute_id}", tags=["routes 流转"])


def _by(call: CommandDep, version: int) -> By:
    return By(call.actor, call.now, call.principal, version)


@router.post(
    "/assign", response_model=DisputeRead, summary="分派 Assign", **permit("disputes.dispute.assign")
)
async def assign(dispute_id: UUID, body: RouteGiven, expect: IfMatch, call: CommandDep) -> Dispute:
    """To a body, by default that of the class's tier; its limit begins. 分派至调解组织，开始计算期限"""
    return await service.assign(call.session, dispute_id, body.route(), _by(call, expect))


@router.post(
    "/escalate", response_model=DisputeRead, summary="上交 Escalate", **permit("disputes.dispute.escalate")
)
async def escalate(dispute_id: UUID, body: RouteGiven, expect: IfMatch, call: CommandDep) -> Dispute:
    """One tier up: a new acceptance with its own limit, every party is asked anew. 上交一级，重新受理"""
    return await service.escalate(call.session, dispute_id, body.route(), _by(call, expect))


@router.post(
    "/route-down",
    response_model=DisputeRead,
    summary="下派 Route down",
    **permit("disputes.dispute.route_down"),
)
async def route_down(dispute_id: UUID, body: RouteGiven, expect: IfMatch, call: CommandDep) -> Dispute:
    """One tier down: a new acceptance with its own limit. 下派一级，重新受理"""
    return await service.route_down(call.session, dispute_id, body.route(), _by(call, expect))
