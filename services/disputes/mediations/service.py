"""Use cases of mediation. Each raises what `disputes.service.in_hand` raises. Never commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.disputes import (
    DisputeAgreed,
    DisputeAgreementSigned,
    DisputeConsented,
    DisputeExtended,
    DisputeFailed,
    DisputeObjected,
    DisputeProgressed,
    DisputeRefused,
    DisputeSessionHeld,
)
from libs.common.events.record import Change
from libs.common.handover import service as handovers
from libs.common.handover.orders import Progress
from libs.common.ids import new_id
from libs.common.media.links import Purpose, Record, attach
from services.disputes.bodies import service as bodies
from services.disputes.bodies.service import Body
from services.disputes.disputes import service as disputes
from services.disputes.disputes.domain import (
    Action,
    AgreementForm,
    Consent,
    State,
)
from services.disputes.disputes.service import Agreement, By, Dispute, MediationSession, advance, tell
from services.disputes.mediations.domain import (
    AgreementGiven,
    AlreadyInEffect,
    FailReason,
    Signed,
    check_all,
    check_fail,
    check_form,
    check_held,
    check_later,
    check_parties,
    in_effect,
    outstanding,
)
from services.disputes.rules import service as rules
from services.disputes.rules.domain import DisputeClass


@dataclass(frozen=True)
class SessionGiven:
    """A session as it is recorded (调解记录)."""

    held_at: datetime
    note: str
    present: tuple[UUID, ...] = ()
    place: str | None = None
    photos: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """How far it is; `interim`: fit to be passed on to who reported it (进展、阶段性答复)."""

    note: str
    interim: bool = False
    photos: tuple[str, ...] = ()


async def consent(
    session: AsyncSession, dispute_id: UUID, party_ids: tuple[UUID, ...], note: str | None, by: By
) -> Dispute:
    """Parties agree to be mediated (同意调解); with the last of them the mediation begins.

    Raises `PartyUnknown`.
    """
    dispute = await disputes.in_hand(session, dispute_id, by)
    before = advance(dispute, Action.CONSENT)
    parties = await disputes.parties(session, dispute.id)
    check_parties(party_ids, [party.id for party in parties])
    for party in parties:
        if party.id in party_ids:
            party.consent, party.consent_at, party.consent_note = Consent.GIVEN, by.now, note
    left = outstanding([party.consent for party in parties])
    dispute.mediator = dispute.mediator or by.actor.subject
    if not left:
        advance(dispute, Action.BEGIN)
        disputes.begin(dispute, by.now)
    change = Change("consent", before, note=note, fields={"parties": party_ids})
    return await tell(session, dispute, DisputeConsented, change, by, {"outstanding": left})


async def refuse(session: AsyncSession, dispute_id: UUID, party_id: UUID, note: str, by: By) -> Dispute:
    """One party clearly refuses, or asks to end it: there is no mediation (人民调解法 arts. 17, 23).

    Raises `PartyUnknown`.
    """
    dispute = await disputes.in_hand(session, dispute_id, by)
    before = advance(dispute, Action.REFUSE)
    parties = await disputes.parties(session, dispute.id)
    check_parties([party_id], [party.id for party in parties])
    refusing = next(party for party in parties if party.id == party_id)
    refusing.consent, refusing.consent_at, refusing.consent_note = Consent.REFUSED, by.now, note
    disputes.decide(dispute, by.now)
    change = Change("refuse", before, note=note, fields={"party": party_id})
    return await tell(session, dispute, DisputeRefused, change, by)


async def object_to(
    session: AsyncSession, dispute_id: UUID, objection: tuple[UUID, str], reason: str, by: By
) -> Dispute:
    """A party objects to a mediator (party, subject), who acts in it no more (申请回避).

    Raises `PartyUnknown`.
    """
    dispute = await disputes.in_hand(session, dispute_id, by)
    before = advance(dispute, Action.OBJECT)
    party_id, mediator = objection
    check_parties([party_id], [party.id for party in await disputes.parties(session, dispute.id)])
    dispute.objected = sorted({*dispute.objected, mediator})
    if dispute.mediator == mediator:
        dispute.mediator = None
    change = Change("object", before, note=reason, fields={"party": party_id, "mediator": mediator})
    return await tell(session, dispute, DisputeObjected, change, by)


async def hold_session(session: AsyncSession, dispute_id: UUID, given: SessionGiven, by: By) -> Dispute:
    """Record a session (调解记录, art. 27). Raises `PartyUnknown`, `SessionAhead`, `MediaUnknown`."""
    dispute = await disputes.in_hand(session, dispute_id, by)
    before = advance(dispute, Action.SESSION)
    check_held(given.held_at, by.now, dispute.accepted_at)
    check_parties(given.present, [party.id for party in await disputes.parties(session, dispute.id)])
    dispute.mediator = dispute.mediator or by.actor.subject
    row = MediationSession(
        id=new_id(),
        dispute_id=dispute.id,
        round=dispute.round,
        body_id=_body_id(dispute),
        held_at=given.held_at,
        place=given.place,
        mediator=dispute.mediator,
        present=list(given.present),
        note=given.note,
        recorded_by=by.actor.subject,
        recorded_at=by.now,
    )
    await disputes.keep(session, row)
    await _attach(session, dispute, given.photos, by)
    change = Change("session", before, fields={"session": row.id, "media": given.photos})
    facts = {"session_id": row.id, "held_at": row.held_at}
    return await tell(session, dispute, DisputeSessionHeld, change, by, facts)


async def report(session: AsyncSession, dispute_id: UUID, told: Report, by: By) -> Dispute:
    """Report progress (进展): a sender is told it too. Raises `MediaUnknown`."""
    dispute = await disputes.in_hand(session, dispute_id, by)
    before = advance(dispute, Action.PROGRESS)
    await _attach(session, dispute, told.photos, by)
    handover = await disputes.signed_handover(session, dispute, by)
    if handover is not None:
        progress = Progress(told.note, told.interim)
        await handovers.report_progress(session, handover.id, progress, actor=by.actor, now=by.now)
    fields = {"interim": told.interim, "media": told.photos}
    change = Change("progress", before, note=told.note, fields=fields)
    return await tell(session, dispute, DisputeProgressed, change, by, {"interim": told.interim})


async def extend(
    session: AsyncSession, dispute_id: UUID, until: datetime, party_ids: tuple[UUID, ...], by: By
) -> Dispute:
    """More time, because every party asks for it (延长期限): 宁波市人民调解条例 art. 27.

    Raises `NotAllParties`, `PartyUnknown`, `NotLater`.
    """
    dispute = await disputes.in_hand(session, dispute_id, by)
    before = advance(dispute, Action.EXTEND)
    check_all(party_ids, [party.id for party in await disputes.parties(session, dispute.id)])
    check_later(until, by.now, dispute.due_at)
    fields = {"due_at": {"from": dispute.due_at, "to": until}}
    disputes.set_due(dispute, until, by.now)
    dispute.extensions += 1
    facts = {"extensions": dispute.extensions}
    return await tell(session, dispute, DisputeExtended, Change("extend", before, fields=fields), by, facts)


async def agree(session: AsyncSession, dispute_id: UUID, given: AgreementGiven, by: By) -> Dispute:
    """The parties reach an agreement (达成协议): an oral one is in effect at once, a written one once signed.

    Raises `WrittenRequired`, `PerformanceDateMissing`.
    """
    dispute = await disputes.in_hand(session, dispute_id, by)
    before = advance(dispute, Action.AGREE)
    always = (await rules.rules(session)).written_required(DisputeClass(dispute.dispute_class or ""))
    check_form(given, always, local_date(by.now))
    body = await bodies.body(session, _body_id(dispute))
    row = await _agreement(session, dispute, body, given, by)
    disputes.decide(dispute, by.now)
    facts = {"agreement_id": row.id, "form": row.form, "in_effect": row.effective_at is not None}
    change = Change("agree", before, fields={"number": row.number, "form": row.form})
    return await tell(session, dispute, DisputeAgreed, change, by, facts)


async def _agreement(
    session: AsyncSession, dispute: Dispute, body: Body, given: AgreementGiven, by: By
) -> Agreement:
    row = Agreement(
        id=new_id(),
        dispute_id=dispute.id,
        round=dispute.round,
        body_id=body.id,
        committee=body.committee_code,
        number=await disputes.number_agreement(session, body, by.now),
        form=given.form,
        terms=given.terms,
        performance=given.performance,
        perform_by=local_date(by.now) if given.performed_on_spot else given.perform_by,
        performed_on_spot=given.performed_on_spot,
        reached_at=by.now,
        mediator=dispute.mediator or by.actor.subject,
        signed_by=[],
        effective_at=by.now if given.form is AgreementForm.ORAL else None,
    )
    await disputes.keep(session, row)
    return row


async def sign_agreement(session: AsyncSession, dispute_id: UUID, signed: Signed, by: By) -> Dispute:
    """Note signatures and the committee's seal, at once or one after the other (签署、盖章).

    Raises `PartyUnknown`, `AlreadyInEffect`.
    """
    dispute = await disputes.in_hand(session, dispute_id, by)
    before = advance(dispute, Action.SIGN_AGREEMENT)
    row = await _standing(session, dispute)
    parties = await disputes.parties(session, dispute.id)
    check_parties(signed.party_ids, [party.id for party in parties])
    row.signed_by = sorted({*row.signed_by, *signed.party_ids})
    row.mediator_signed_at = row.mediator_signed_at or (by.now if signed.mediator else None)
    row.sealed_at = row.sealed_at or (by.now if signed.sealed else None)
    if in_effect(len(row.signed_by), len(parties), row.mediator_signed_at, row.sealed_at):
        row.effective_at = by.now
    facts = {"agreement_id": row.id, "in_effect": row.effective_at is not None}
    change = Change("sign-agreement", before, fields={**vars(signed), **facts})
    return await tell(session, dispute, DisputeAgreementSigned, change, by, facts)


async def fail(session: AsyncSession, dispute_id: UUID, reason: FailReason, note: str, by: By) -> Dispute:
    """The mediation failed (调解不成); an agreement that a party will not sign is void.

    Raises `FailReasonUnfit`, `AlreadyInEffect`.
    """
    dispute = await disputes.in_hand(session, dispute_id, by)
    before = advance(dispute, Action.FAIL)
    check_fail(before, reason)
    if before is State.AGREED:
        (await _standing(session, dispute)).void_at = by.now
    dispute.fail_reason = reason
    disputes.decide(dispute, by.now)
    change = Change("fail", before, note=note, fields={"reason": reason})
    return await tell(session, dispute, DisputeFailed, change, by, {"reason_code": reason})


async def _standing(session: AsyncSession, dispute: Dispute) -> Agreement:
    """The agreement that waits for signatures. Raises `AlreadyInEffect`."""
    row = await disputes.agreement(session, dispute.id)
    if row is None or row.effective_at is not None:
        raise AlreadyInEffect
    return row


def _body_id(dispute: Dispute) -> UUID:
    assert dispute.body_id is not None  # the states that allow it have a body
    return dispute.body_id


async def _attach(session: AsyncSession, dispute: Dispute, photos: tuple[str, ...], by: By) -> None:
    record = Record("dispute", dispute.id)
    await attach(session, photos, to=record, purpose=Purpose.EVIDENCE, actor=by.actor, now=by.now)
