"""Use cases of registration: register, settle, classify, supplement, urge, withdraw. Never commits."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.areas import check_code
from libs.common.clocks import local_date
from libs.common.contracts.disputes import (
    DisputeClassified,
    DisputeReclassified,
    DisputeRegistered,
    DisputeSettled,
    DisputeSupplemented,
    DisputeUrged,
    DisputeWithdrawn,
)
from libs.common.events.record import Change
from libs.common.ids import new_id
from libs.common.media.links import Purpose, Record, attach
from libs.common.policy import require
from services.disputes.bodies import service as bodies
from services.disputes.bodies.service import Body
from services.disputes.directory import service as directory
from services.disputes.disputes import service as disputes
from services.disputes.disputes.domain import (
    Action,
    AgreementForm,
    Consent,
    Outcome,
    State,
)
from services.disputes.disputes.service import Agreement, By, Dispute, DisputeDraft, advance, tell
from services.disputes.registrations.domain import (
    NoBody,
    Settlement,
    check_area,
    check_id,
    check_reclassified,
    check_sides,
)
from services.disputes.rules import service as rules
from services.disputes.rules.domain import DisputeClass
from services.disputes.types import service as types


@dataclass(frozen=True)
class Registered:
    """The dispute and whether this request made it."""

    dispute: Dispute
    made: bool


async def register(
    session: AsyncSession, dispute_id: UUID, draft: DisputeDraft, photos: tuple[str, ...], by: By
) -> Registered:
    """Register a dispute (登记); the same request again finds the first one.

    Raises `IdNotUuid7`, `DisputeExists`, `AreaCodeInvalid`, `OutsideYourArea`, `PartiesMissing`,
    `UnitUnknown`, `MediaUnknown`.
    """
    first = await _first(session, dispute_id, draft, by)
    if first is not None:
        return Registered(first, made=False)
    dispute = await disputes.create(session, draft, by, dispute_id)
    await _attach(session, dispute, photos, by)
    await tell(session, dispute, DisputeRegistered, Change("register"), by)
    return Registered(dispute, made=True)


async def _first(session: AsyncSession, dispute_id: UUID, draft: DisputeDraft, by: By) -> Dispute | None:
    """The dispute of the same request; else the draft is checked."""
    found = await disputes.known(session, check_id(dispute_id), draft.fingerprint or b"", by)
    if found is not None:
        return found
    check_area(by.viewer, check_code(draft.area))
    check_sides(draft.channel, [party.role for party in draft.parties])
    units = [party.unit_id for party in draft.parties if party.unit_id is not None]
    await directory.units_in_force(session, units, local_date(by.now))
    return None


async def settle(
    session: AsyncSession,
    dispute_id: UUID,
    draft: DisputeDraft,
    settled: Settlement,
    photos: tuple[str, ...],
    by: By,
) -> Registered:
    """Register what was settled on the spot, mediated, performed and closed (现场调结), in one step.

    It is ordinary, of the mediator's own body; the agreement is oral (人民调解法 arts. 28, 30) and carries
    the committee's number. Raises what `register` raises, `NoBody`, `TypeUnknown`.
    """
    first = await _first(session, dispute_id, draft, by)
    if first is not None:
        return Registered(first, made=False)
    body = await _own_body(session, draft.area, by)
    dispute = await disputes.create(session, draft, by, dispute_id)
    await _attach(session, dispute, photos, by)
    await _put_class(session, dispute, DisputeClass.ORDINARY, settled.dispute_type, by)
    await disputes.accept_at(session, dispute, body, await rules.rules(session), by)
    for party in await disputes.parties(session, dispute.id):
        party.consent, party.consent_at = Consent.GIVEN, by.now
    dispute.mediator, dispute.settled = by.actor.subject, True
    disputes.begin(dispute, by.now)
    agreement = await _performed(session, dispute, body, settled, by)
    before = advance(dispute, Action.SETTLE)
    disputes.decide(dispute, by.now)
    await disputes.finish(session, dispute, Outcome.AGREEMENT, body, by)
    facts = {"agreement_id": agreement.id}
    await tell(session, dispute, DisputeSettled, Change("settle", before, fields=facts), by, facts)
    return Registered(dispute, made=True)


async def _own_body(session: AsyncSession, area: str, by: By) -> Body:
    """Raises `NoBody`, `BodyUnknown`."""
    own = by.viewer.body_id if by.viewer else None
    body = await bodies.body_in_force(session, own, local_date(by.now)) if own is not None else None
    if body is None or not area.startswith(body.area):
        raise NoBody
    return body


async def _performed(
    session: AsyncSession, dispute: Dispute, body: Body, settled: Settlement, by: By
) -> Agreement:
    agreement = Agreement(
        id=new_id(),
        dispute_id=dispute.id,
        round=dispute.round,
        body_id=body.id,
        committee=body.committee_code,
        number=await disputes.number_agreement(session, body, by.now),
        form=AgreementForm.ORAL,
        terms=settled.terms,
        performance=settled.performance,
        perform_by=local_date(by.now),
        performed_on_spot=True,
        reached_at=by.now,
        mediator=by.actor.subject,
        signed_by=[],
        effective_at=by.now,
    )
    await disputes.keep(session, agreement)
    return agreement


async def classify(
    session: AsyncSession,
    dispute_id: UUID,
    given: tuple[DisputeClass, str],
    reason: str | None,
    by: By,
) -> Dispute:
    """Put the dispute into a class and a type (分类); again, with a reason, by a coordinator (重新分类).

    Classified, it is not returned to its sender any more: its handover is signed. Raises what `in_hand`
    raises, `TypeUnknown`, `NotPermitted`, `ReasonMissing`, `ClassUnchanged`.
    """
    dispute = await disputes.in_hand(session, dispute_id, by)
    former = (dispute.dispute_class, dispute.type_code)
    fields = {"from": former, "to": given}
    if dispute.state == State.REGISTERED:
        before = advance(dispute, Action.CLASSIFY)
        await _put_class(session, dispute, *given, by)
        await disputes.signed_handover(session, dispute, by)
        change = Change("classify", before, note=reason, fields=fields)
        return await tell(session, dispute, DisputeClassified, change, by)
    before = advance(dispute, Action.RECLASSIFY)
    if by.viewer is not None:
        require(by.viewer, "disputes.dispute.reclassify")
    check_reclassified(former, given, reason)
    await _put_class(session, dispute, *given, by)
    change = Change("reclassify", before, note=reason, fields=fields)
    return await tell(session, dispute, DisputeReclassified, change, by, {"former_class": former[0]})


async def _put_class(
    session: AsyncSession, dispute: Dispute, dispute_class: DisputeClass, code: str, by: By
) -> None:
    """The dispute keeps the version of the type that is in force today. Raises `TypeUnknown`."""
    found = await types.type_in_force(session, code, local_date(by.now))
    dispute.dispute_class, dispute.type_code, dispute.type_id = dispute_class, found.code, found.id


async def supplement(
    session: AsyncSession, dispute_id: UUID, note: str, photos: tuple[str, ...], by: By
) -> Dispute:
    """Tell more (补充)."""
    dispute = await disputes.locked(session, dispute_id, by)
    before = advance(dispute, Action.SUPPLEMENT)
    await _attach(session, dispute, photos, by)
    change = Change("supplement", before, note=note, fields={"media": photos})
    return await tell(session, dispute, DisputeSupplemented, change, by)


async def urge(session: AsyncSession, dispute_id: UUID, note: str | None, by: By) -> Dispute:
    """Urge the body (催办)."""
    dispute = await disputes.locked(session, dispute_id, by)
    before = advance(dispute, Action.URGE)
    return await urged(session, dispute, Change("urge", before, note=note), by)


async def urged(session: AsyncSession, dispute: Dispute, change: Change, by: By) -> Dispute:
    """Count the urging, on a dispute that is locked already."""
    dispute.urges += 1
    dispute.urged_at = by.now
    return await tell(session, dispute, DisputeUrged, change, by, {"urged_count": dispute.urges})


async def withdraw(session: AsyncSession, dispute_id: UUID, reason: str, by: By) -> Dispute:
    """The applicant withdraws (撤回), recorded by who has the dispute in hand; a sender is told."""
    dispute = await disputes.in_hand(session, dispute_id, by)
    before = advance(dispute, Action.WITHDRAW)
    body = await bodies.body(session, dispute.body_id) if dispute.body_id else None
    await disputes.finish(session, dispute, Outcome.WITHDRAWN, body, by)
    return await tell(session, dispute, DisputeWithdrawn, Change("withdraw", before, note=reason), by)


async def _attach(session: AsyncSession, dispute: Dispute, photos: tuple[str, ...], by: By) -> None:
    record = Record("dispute", dispute.id)
    await attach(session, photos, to=record, purpose=Purpose.EVIDENCE, actor=by.actor, now=by.now)
