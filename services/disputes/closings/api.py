"""Route of closing."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch
from libs.common.http.route import command_router, permit
from services.disputes.closings import service
from services.disputes.closings.schemas import Close
from services.disputes.disputes.service import By, Dispute
from services.disputes.dossiers.domain import DisputeRead

router = command_router("/disputes/v1/disputes/{dispute_id}", tags=["closings 办结"])


@router.post("/close", response_model=DisputeRead, summary="办结 Close", **permit("disputes.dispute.close"))
async def close(dispute_id: UUID, body: Close, expect: IfMatch, call: CommandDep) -> Dispute:
    """An agreement in effect, or a refusal or failure with the remedies told. 协议已生效，或已告知救济途径"""
    by = By(call.actor, call.now, call.principal, expect)
    return await service.close(call.session, dispute_id, body.remedies, body.note, by)
