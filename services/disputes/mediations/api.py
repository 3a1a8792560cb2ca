"""Routes of mediation, for the body that has the dispute in hand."""

from __future__ import annotations

from uuid import UUID

from libs.common.http.calls import CommandDep, IfMatch
from libs.common.http.route import command_router, permit
from services.disputes.disputes.service import By, Dispute
from services.disputes.dossiers.domain import DisputeRead
from services.disputes.mediations import service
from services.disputes.mediations.schemas import (
    AgreementCreate,
    Consents,
    Extension,
    Failure,
    Objection,
    Progress,
    Refusal,
    Session,
    Signatures,
)

router = command_router("/disputes/v1/disputes/{dispute_id}", tags=["mediations 调解"])

MEDIATE = permit("disputes.dispute.mediate")


def _by(call: CommandDep, version: int) -> By:
    return By(call.actor, call.now, call.principal, version)


@router.post("/consents", response_model=DisputeRead, summary="同意调解 Record consent", **MEDIATE)
async def consent(dispute_id: UUID, body: Consents, expect: IfMatch, call: CommandDep) -> Dispute:
    """With the last party's consent the mediation begins. 各方均同意后开始调解"""
    return await service.consent(call.session, dispute_id, body.party_ids, body.note, _by(call, expect))


@router.post("/refuse", response_model=DisputeRead, summary="拒绝调解 Record a refusal", **MEDIATE)
async def refuse(dispute_id: UUID, body: Refusal, expect: IfMatch, call: CommandDep) -> Dispute:
    """One party refuses or asks to end it: no mediation. 一方明确拒绝的，不得调解"""
    return await service.refuse(call.session, dispute_id, body.party_id, body.note, _by(call, expect))


@router.post("/object", response_model=DisputeRead, summary="申请回避 Object to a mediator", **MEDIATE)
async def object_to(dispute_id: UUID, body: Objection, expect: IfMatch, call: CommandDep) -> Dispute:
    """The mediator acts in it no more. 该调解员不再办理"""
    objection = (body.party_id, body.mediator)
    return await service.object_to(call.session, dispute_id, objection, body.reason, _by(call, expect))


@router.post("/sessions", response_model=DisputeRead, summary="调解记录 Record a session", **MEDIATE)
async def hold_session(dispute_id: UUID, body: Session, expect: IfMatch, call: CommandDep) -> Dispute:
    """When, where, who was there, what was said. 调解时间、地点、到场人和记录"""
    return await service.hold_session(call.session, dispute_id, body.given(), _by(call, expect))


@router.post("/progress", response_model=DisputeRead, summary="进展 Report progress", **MEDIATE)
async def report(dispute_id: UUID, body: Progress, expect: IfMatch, call: CommandDep) -> Dispute:
    """A sender is told it too. 同时告知移交方"""
    return await service.report(call.session, dispute_id, body.report(), _by(call, expect))


@router.post("/extend", response_model=DisputeRead, summary="延长期限 Extend the limit", **MEDIATE)
async def extend(dispute_id: UUID, body: Extension, expect: IfMatch, call: CommandDep) -> Dispute:
    """Because every party asks for it. 须各方当事人共同提出"""
    return await service.extend(call.session, dispute_id, body.until, body.party_ids, _by(call, expect))


@router.post("/agree", response_model=DisputeRead, summary="达成协议 Record the agreement", **MEDIATE)
async def agree(dispute_id: UUID, body: AgreementCreate, expect: IfMatch, call: CommandDep) -> Dispute:
    """It gets the committee's number; an oral one is in effect at once. 编定案号；口头协议自达成之日起生效"""
    return await service.agree(call.session, dispute_id, body.given(), _by(call, expect))


@router.post("/sign-agreement", response_model=DisputeRead, summary="签署协议 Sign and seal", **MEDIATE)
async def sign_agreement(dispute_id: UUID, body: Signatures, expect: IfMatch, call: CommandDep) -> Dispute:
    """In effect once all parties and the mediator signed and the seal is on it. 各方签署并盖章后生效"""
    return await service.sign_agreement(call.session, dispute_id, body.signed(), _by(call, expect))


@router.post("/fail", response_model=DisputeRead, summary="调解不成 Record a failure", **MEDIATE)
async def fail(dispute_id: UUID, body: Failure, expect: IfMatch, call: CommandDep) -> Dispute:
    """It may go one tier up, or be closed. 可上交一级或办结"""
    return await service.fail(call.session, dispute_id, body.reason, body.note, _by(call, expect))
