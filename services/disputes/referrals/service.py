"""Use cases of handed-over disputes; the sender's steps act on one that is locked already. Never commits."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.disputes import (
    DisputeRealigned,
    DisputeRegistered,
    DisputeReturnAsked,
    DisputeSenderWithdrew,
    DisputeSupplemented,
    DisputeTakenBack,
)
from libs.common.contracts.handover import Contents, MediaRef
from libs.common.events.record import Change
from libs.common.handover import service as handovers
from libs.common.handover.domain import State as HandoverState
from libs.common.handover.models import IncomingHandover
from libs.common.media.links import Record, expect
from services.disputes.disputes import service as disputes
from services.disputes.disputes.domain import OPEN, Action, Channel, State
from services.disputes.disputes.service import By, Dispute, DisputeDraft, advance, tell
from services.disputes.referrals.domain import NotHandedOver, ReturnReason, parties_of, realigned_state
from services.disputes.registrations import service as registrations


async def receive(session: AsyncSession, handover: IncomingHandover, by: By) -> Dispute:
    """A dispute arrives with parties and evidence (移交): nobody tells it again. Signed when classified."""
    told = Contents.model_validate(handover.contents)
    place = told.place
    draft = DisputeDraft(
        channel=Channel.GRID,
        title=told.title,
        description=told.description,
        area=max(place.area if place else "", handover.area, key=len),
        parties=parties_of(told, handover.consent_at),
        estate_id=place.estate_id if place else None,
        address=place.address or None if place else None,
        subject=(handover.subject_type, handover.subject_id, handover.subject_number),
        handover_id=handover.id,
    )
    dispute = await disputes.create(session, draft, by)
    await _expect(session, dispute, told.media, by)
    change = Change("register", fields={"subject": handover.subject_number})
    return await tell(session, dispute, DisputeRegistered, change, by)


async def _expect(session: AsyncSession, dispute: Dispute, media: tuple[MediaRef, ...], by: By) -> None:
    photos = [(ref.hash, ref.purpose) for ref in media]
    await expect(session, photos, to=Record("dispute", dispute.id), actor=by.actor, now=by.now)


async def give_back(
    session: AsyncSession, dispute_id: UUID, reason: ReturnReason, note: str, by: By
) -> Dispute:
    """Ask the sender to take the dispute back (退回), before it is classified.

    Raises what `in_hand` raises, `NotHandedOver`.
    """
    dispute = await disputes.in_hand(session, dispute_id, by)
    before = advance(dispute, Action.RETURN)
    handover = await disputes.running_handover(session, dispute)
    if handover is None:
        raise NotHandedOver
    dispute.return_reason = reason
    told = f"{reason.value}: {note}"
    await handovers.give_back(session, handover.id, reason=told, assigned=False, actor=by.actor, now=by.now)
    change = Change("return", before, note=note, fields={"reason": reason})
    return await tell(session, dispute, DisputeReturnAsked, change, by, {"reason_code": reason})


async def supplement(
    session: AsyncSession, dispute: Dispute, note: str, media: tuple[MediaRef, ...], by: By
) -> Dispute:
    """The sender tells more (补充)."""
    await _expect(session, dispute, media, by)
    change = Change("supplement", dispute.state, note=note or None)
    return await tell(session, dispute, DisputeSupplemented, change, by)


async def urge(session: AsyncSession, dispute: Dispute, note: str, by: By) -> Dispute:
    """The sender urges (催办)."""
    return await registrations.urged(session, dispute, Change("urge", dispute.state, note=note or None), by)


async def take_back(session: AsyncSession, dispute: Dispute, note: str, by: By) -> Dispute:
    """The sender agrees to the return (收回): the dispute ends here."""
    before = advance(dispute, Action.TAKE_BACK)
    dispute.ended_at = by.now
    return await tell(session, dispute, DisputeTakenBack, Change("take-back", before, note=note or None), by)


async def let_go(session: AsyncSession, dispute: Dispute, note: str, by: By) -> Dispute:
    """The sender withdraws its handover (撤回移交): an open dispute goes on as the parties' own.

    Nobody waits for an answer any more; whether the parties carry on is theirs to say.
    """
    before = State(dispute.state)
    if before is State.RETURNING:
        advance(dispute, Action.KEEP)
        dispute.return_reason = None
    dispute.sender_withdrawn_at = by.now
    change = Change("sender-withdraw", before, note=note or None)
    return await tell(session, dispute, DisputeSenderWithdrew, change, by)


async def realign(session: AsyncSession, dispute: Dispute, handover: IncomingHandover, by: By) -> Dispute:
    """Follow what the sender has said again after a loss; nothing is told where all agrees."""
    before = State(dispute.state)
    after = realigned_state(before, HandoverState(handover.state))
    withdrawn = handover.state == HandoverState.WITHDRAWN and dispute.sender_withdrawn_at is None
    if after is before and not withdrawn:
        return dispute
    dispute.state = after
    if withdrawn:
        dispute.sender_withdrawn_at = by.now
    if after not in OPEN:
        dispute.ended_at = dispute.ended_at or by.now
        dispute.outcome = dispute.outcome or (handover.answer or {}).get("result")
    else:
        dispute.ended_at, dispute.outcome = None, None
    return await tell(session, dispute, DisputeRealigned, Change("realign", before), by)
