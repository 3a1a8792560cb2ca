"""What every room does with a dispute: find it, lock it, take a step and tell it. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.calendar import WorkingCalendar
from libs.common.clocks import due_at, local_date, utc_now
from libs.common.contracts.disputes import DisputeFact, DisputeOverdue, DisputeRestated
from libs.common.contracts.handover import Outcome as Answer
from libs.common.events.models import History
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.handover import repository as handover_repository
from libs.common.handover import service as handovers
from libs.common.handover.domain import State as HandoverState
from libs.common.handover.models import IncomingHandover
from libs.common.http.paging import Keyset, Paging, Slice
from libs.common.ids import new_id
from libs.common.numbering import matter_number
from libs.common.policy import Actor, Principal, system_actor
from libs.common.search import tsvector_text
from libs.common.text import mask_address
from libs.common.versions import check_version
from services.disputes.bodies.domain import Tier
from services.disputes.bodies.service import Body
from services.disputes.disputes import repository
from services.disputes.disputes.domain import (
    LIFE,
    WITH_BODY,
    Action,
    Channel,
    Consent,
    DisputeExists,
    DisputeNotFound,
    Outcome,
    PartyGiven,
    State,
    agreement_number,
    check_hand,
    check_mediator,
)
from services.disputes.disputes.models import Agreement as Agreement
from services.disputes.disputes.models import Dispute as Dispute
from services.disputes.disputes.models import MediationSession as MediationSession
from services.disputes.disputes.models import Party as Party
from services.disputes.disputes.repository import DisputeFilter as DisputeFilter
from services.disputes.disputes.repository import Show as Show
from services.disputes.rules.domain import Rules

DISPUTES = system_actor("disputes")
PREFIX = "D"
"""First letter of a dispute number (纠纷编号)."""
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
BY_TIME = Keyset("disputes-by-time", datetime, UUID)
BY_DUE = Keyset("disputes-by-due", datetime, UUID)
OVERDUE_BATCH = 200


@dataclass(frozen=True)
class By:
    """Who takes a step and when (UTC). `version` is what they had read.

    `viewer` is None for the service's own steps and for those that arrive through a handover.
    """

    actor: Actor
    now: datetime
    viewer: Principal | None = None
    version: int | None = None


@dataclass(frozen=True)
class DisputeDraft:
    """What a new dispute is (纠纷要素)."""

    channel: Channel
    title: str
    description: str
    area: str
    parties: tuple[PartyGiven, ...]
    estate_id: UUID | None = None
    address: str | None = None
    subject: tuple[str, UUID, str] | None = None
    handover_id: UUID | None = None
    fingerprint: bytes | None = None


async def known(session: AsyncSession, dispute_id: UUID, fingerprint: bytes, by: By) -> Dispute | None:
    """The dispute that the same request made before. Raises `DisputeExists` for another content.

    A second request with the id waits for the first one's end.
    """
    await repository.hold_id(session, dispute_id)
    found = await repository.find(session, dispute_id)
    if found is not None and (found.fingerprint, found.registered_by) != (fingerprint, by.actor.subject):
        raise DisputeExists
    return found


async def create(
    session: AsyncSession, draft: DisputeDraft, by: By, dispute_id: UUID | None = None
) -> Dispute:
    """A new dispute with its parties, registered and not yet told."""
    day = local_date(by.now)
    serial = await repository.next_serial(session, day, draft.area[:9])
    number = matter_number(PREFIX, day, draft.area, serial)
    kind, subject_id, subject_number = draft.subject or (None, None, None)
    told = (number, subject_number, draft.title, mask_address(draft.address or ""))
    dispute = Dispute(
        id=dispute_id or new_id(),
        version=0,
        number=number,
        fingerprint=draft.fingerprint,
        state=LIFE.initial,
        channel=draft.channel,
        title=draft.title,
        description=draft.description,
        area=draft.area,
        estate_id=draft.estate_id,
        address=draft.address,
        words=tsvector_text(" ".join(part for part in told if part)),
        subject_type=kind,
        subject_id=subject_id,
        subject_number=subject_number,
        handover_id=draft.handover_id,
        registered_at=by.now,
        registered_by=by.actor.subject,
        body_ids=[],
        objected=[],
        remedies=[],
        round=0,
        due_order=END_OF_TIME,
        extensions=0,
        urges=0,
        settled=False,
    )
    await repository.add(session, dispute)
    await repository.add(session, *(_party(dispute.id, n, given) for n, given in enumerate(draft.parties, 1)))
    return dispute


def _party(dispute_id: UUID, position: int, given: PartyGiven) -> Party:
    return Party(
        id=new_id(), dispute_id=dispute_id, position=position, consent=Consent.PENDING, **vars(given)
    )


async def locked(session: AsyncSession, dispute_id: UUID, by: By) -> Dispute:
    """The dispute, locked behind its handover, as messages lock them. Raises `DisputeNotFound`, `Stale`."""
    if by.viewer is not None:
        await read(session, dispute_id, by.viewer, by.now)
    handover_id = await repository.handover_of(session, dispute_id)
    if handover_id is not None:
        await handover_repository.find_for_update(session, IncomingHandover, handover_id)
    dispute = await repository.lock(session, dispute_id)
    if dispute is None:
        raise DisputeNotFound
    if by.version is not None:
        check_version(dispute, by.version)
    return dispute


async def in_hand(session: AsyncSession, dispute_id: UUID, by: By) -> Dispute:
    """The dispute, locked, that the caller's body or tier has in hand.

    Raises what `locked` raises, `NotYourDispute`, `MediatorObjected`.
    """
    dispute = await locked(session, dispute_id, by)
    if by.viewer is not None:
        check_hand(by.viewer, dispute.area, dispute.body_id, dispute.tier)
    check_mediator(by.actor.subject, dispute.objected)
    return dispute


async def of_handover(session: AsyncSession, handover_id: UUID) -> Dispute | None:
    """The dispute of a handover, locked; the handover's row is locked already."""
    return await repository.lock_of_handover(session, handover_id)


def advance(dispute: Dispute, action: Action) -> State:
    """Put the dispute into its next state; answers the state before. Raises `IllegalTransition`."""
    before = State(dispute.state)
    dispute.state = LIFE.after(before, action)
    return before


async def tell(
    session: AsyncSession,
    dispute: Dispute,
    event: type[DisputeFact],
    change: Change,
    by: By,
    facts: Mapping[str, Any] | None = None,
) -> Dispute:
    """Write the step into history and log."""
    told = event(**facts_of(dispute, by.now), **(facts or {}))
    step = replace(change, after=change.after or dispute.state)
    await record(session, dispute, told, actor=by.actor, now=by.now, change=step)
    return dispute


def facts_of(dispute: Dispute, now: datetime) -> dict[str, Any]:
    """What every event of the dispute carries."""
    return {
        "happened_at": now,
        "number": dispute.number,
        "status": dispute.state,
        "channel": dispute.channel,
        "dispute_class": dispute.dispute_class,
        "dispute_type": dispute.type_code,
        "tier": dispute.tier,
        "body_id": dispute.body_id,
        "area": dispute.area,
        "estate_id": dispute.estate_id,
        "subject_type": dispute.subject_type,
        "subject_id": dispute.subject_id,
        "due_at": dispute.due_at,
        "acceptances": dispute.round,
    }


def set_due(dispute: Dispute, due: datetime | None, now: datetime) -> None:
    """Put a limit in force; one that lies ahead lifts the mark of having passed."""
    dispute.due_at = due
    dispute.due_order = due or END_OF_TIME
    if due is None or due > now:
        dispute.overdue_at = None


async def accept_at(session: AsyncSession, dispute: Dispute, body: Body, rule: Rules, by: By) -> None:
    """A body accepts the dispute (受理): its own limit runs, every party is asked anew."""
    days = WorkingCalendar()
    dispute.tier, dispute.body_id = body.tier, body.id
    dispute.body_ids = [*(each for each in dispute.body_ids if each != body.id), body.id]
    dispute.round += 1
    dispute.accepted_at, dispute.mediating_at, dispute.mediator = by.now, None, None
    dispute.decided_at, dispute.on_time, dispute.fail_reason, dispute.extensions = None, None, None, 0
    dispute.objected = []
    set_due(dispute, due_at(by.now, rule.limit(Tier(body.tier)), days), by.now)
    dispute.consent_due_at = due_at(by.now, rule.consent_wait(), days)
    for party in await parties(session, dispute.id):
        party.consent, party.consent_at, party.consent_note = Consent.PENDING, None, None


def begin(dispute: Dispute, now: datetime) -> None:
    """Every party has said yes: the mediation begins."""
    dispute.mediating_at, dispute.consent_due_at = now, None


def decide(dispute: Dispute, now: datetime) -> None:
    """Note that the mediation of this tier has come to a result, and whether within the limit."""
    dispute.decided_at, dispute.consent_due_at = now, None
    dispute.on_time = dispute.due_at is None or now <= dispute.due_at


async def number_agreement(session: AsyncSession, body: Body, now: datetime) -> str:
    """The next number of the body's committee (案号), without gaps in a year of Shanghai's calendar."""
    year = local_date(now).year
    serial = await repository.next_agreement(session, body.committee_code, year)
    return agreement_number(body.number_word, year, serial)


async def running_handover(session: AsyncSession, dispute: Dispute) -> IncomingHandover | None:
    """The handover whose sender waits for the answer; None for the parties' own dispute."""
    if dispute.handover_id is None:
        return None
    found = await session.get(IncomingHandover, dispute.handover_id)
    running = (HandoverState.REQUESTED, HandoverState.SIGNED)
    return found if found is not None and found.state in running else None


async def signed_handover(session: AsyncSession, dispute: Dispute, by: By) -> IncomingHandover | None:
    """The running handover, signed (签收): from the classification on it is not returned any more."""
    handover = await running_handover(session, dispute)
    if handover is not None and handover.state == HandoverState.REQUESTED:
        await handovers.sign(session, handover.id, actor=by.actor, now=by.now)
    return handover


async def finish(
    session: AsyncSession, dispute: Dispute, outcome: Outcome, body: Body | None, by: By
) -> None:
    """Note the end, and answer the sender with result, body and remedies: never with terms."""
    dispute.outcome, dispute.ended_at, dispute.consent_due_at = outcome, by.now, None
    handover = await signed_handover(session, dispute, by)
    if handover is None:
        return
    answer = Answer(result=outcome, body=body.name_zh if body else None, remedies=tuple(dispute.remedies))
    await handovers.answer(session, handover.id, answer, actor=by.actor, now=by.now)


async def read(session: AsyncSession, dispute_id: UUID, viewer: Principal, now: datetime) -> Dispute:
    """The dispute, if the viewer may see it. Raises `DisputeNotFound`."""
    dispute = await repository.visible(session, dispute_id, viewer, now)
    if dispute is None:
        raise DisputeNotFound
    return dispute


async def may_read(session: AsyncSession, dispute_id: UUID, viewer: Principal, now: datetime) -> bool:
    """Whether the viewer may see the dispute."""
    return await repository.visible(session, dispute_id, viewer, now) is not None


async def list_disputes(
    session: AsyncSession, narrow: DisputeFilter, viewer: Principal, paging: Paging, now: datetime
) -> Slice[Dispute]:
    """Newest first, inside the viewer's scope."""
    rows = repository.narrowed(narrow, viewer, now)
    page = await repository.by_time(session, rows, paging.limit + 1, BY_TIME.after(paging))
    total = await repository.count(session, rows) if paging.total else None
    return BY_TIME.slice(page, paging, lambda each: (each.registered_at, each.id), total)


async def list_by_due(
    session: AsyncSession, narrow: DisputeFilter, viewer: Principal, paging: Paging, now: datetime
) -> Slice[Dispute]:
    """By the limit of the present tier, inside the viewer's scope."""
    rows = repository.narrowed(narrow, viewer, now)
    page = await repository.by_due(session, rows, paging.limit + 1, BY_DUE.after(paging))
    total = await repository.count(session, rows) if paging.total else None
    return BY_DUE.slice(page, paging, lambda each: (each.due_order, each.id), total)


async def parties(session: AsyncSession, dispute_id: UUID) -> Sequence[Party]:
    """The parties of the dispute, in their order."""
    return await repository.parties(session, [dispute_id])


async def parties_of(session: AsyncSession, dispute_ids: Collection[UUID]) -> Mapping[UUID, list[Party]]:
    """The parties of several disputes, by dispute; every id asked for is a key."""
    found: dict[UUID, list[Party]] = {each: [] for each in dispute_ids}
    for party in await repository.parties(session, dispute_ids):
        found[party.dispute_id].append(party)
    return found


async def sessions(session: AsyncSession, dispute_id: UUID) -> Sequence[MediationSession]:
    """The mediation sessions, oldest first (调解记录)."""
    return await repository.sessions(session, dispute_id)


async def agreement(session: AsyncSession, dispute_id: UUID) -> Agreement | None:
    """The agreement that stands (调解协议)."""
    return await repository.agreement(session, dispute_id)


async def keep(session: AsyncSession, row: MediationSession | Agreement) -> None:
    """Store a session or an agreement."""
    await repository.add(session, row)


async def history(session: AsyncSession, dispute: Dispute) -> Sequence[History]:
    """The dispute's steps, oldest first."""
    return await repository.history(session, dispute.id)


async def restate_disputes(session: AsyncSession, limit: int, last: UUID | None) -> UUID | None:
    """Say again how the next disputes stand."""
    found = await repository.after(session, limit, last)
    now = utc_now()
    said = [Entry(DisputeRestated(**facts_of(each, now)), each.id, each.version, DISPUTES) for each in found]
    await append_many(session, said)
    return found[-1].id if len(found) == limit else None


async def mark_overdue(session: AsyncSession, now: datetime) -> int:
    """Mark disputes whose tier's limit has passed without a result; it ends nothing."""
    late = await repository.claim_overdue(session, now, OVERDUE_BATCH)
    for dispute in late:
        assert dispute.state in WITH_BODY
        dispute.overdue_at = now
        change = Change("overdue", dispute.state, dispute.state, fields={"due_at": dispute.due_at})
        await tell(session, dispute, DisputeOverdue, change, By(DISPUTES, now))
    return len(late)
