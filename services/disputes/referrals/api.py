"""Route of handed-over disputes."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch
from libs.common.http.route import command_router, permit
from services.disputes.disputes.service import By, Dispute
from services.disputes.dossiers.domain import DisputeRead
from services.disputes.referrals import service
from services.disputes.referrals.schemas import Return

router = command_router("/disputes/v1/disputes/{dispute_id}", tags=["referrals 移交"])


@router.post(
    "/return", response_model=DisputeRead, summary="退回 Return", **permit("disputes.dispute.return")
)
async def give_back(dispute_id: UUID, body: Return, expect: IfMatch, call: CommandDep) -> Dispute:
    """Before it is classified; the sender decides. 分类前可退回，由移交方决定"""
    by = By(call.actor, call.now, call.principal, expect)
    return await service.give_back(call.session, dispute_id, body.reason, body.note, by)
