"""Use cases of both sides 移交用例: lock, decide, change, record. Called inside the service's transaction.

Each raises `HandoverNotFound`, `NotInKind`, `IllegalTransition` or `StepRefused` and then changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts import handover as said
from libs.common.contracts.handover import Contents, MediaRef, Outcome
from libs.common.errors import Conflict
from libs.common.events.record import Change
from libs.common.handover import repository
from libs.common.handover.domain import SenderStep, State, answered_on_time, require_future
from libs.common.handover.kinds import Kind, check_order, check_outcome, kind_of
from libs.common.handover.models import IncomingHandover, OutgoingHandover
from libs.common.handover.orders import Amendment, Contact, Order, Progress, Subject
from libs.common.handover.steps import Say, await_next, event_of, publish, take
from libs.common.ids import new_id
from libs.common.policy import Actor


class AlreadyRequested(Conflict):
    """The subject was handed over before under the same key (重复移交)."""

    code = "handover-already-requested"
    zh = "{number} 已移交过，不得重复"
    en = "{number} has been handed over already"


class JointTaken(Conflict):
    """A joint has one open handover per unit and one lead (会同处置单位或牵头重复)."""

    code = "handover-joint-taken"
    zh = "会同处置中已有该单位或牵头单位"
    en = "The joint handling has this unit or a lead already"


async def request(
    session: AsyncSession, kind: str, subject: Subject, order: Order, *, actor: Actor, now: datetime
) -> OutgoingHandover:
    """Hand the subject over (移交、派单).

    Raises `UnknownKind`, `ConsentMissing`, `AlreadyRequested`, `JointTaken`, `DeadlinePassed` (unless it
    follows another: no return resets the clock), `PayloadTooLarge`, and `HandoverNotFound` for an unknown
    handover that it should follow.
    """
    declared = kind_of(kind)
    check_order(declared, order)
    if order.replaces is None and not order.late:  # a re-dispatch keeps its deadline, passed or not
        require_future(order.due_at, now)
    await _require_free(session, kind, subject, order)
    row = await _new(session, declared, subject, order, now)
    await repository.add(session, row)
    event = event_of(row, Say(said.Requested, order.note, _requested_fields(row)), actor, now)
    await_next(row, now)
    change = Change(action=SenderStep.REQUEST, after=row.state, note=order.note or None)
    await publish(session, row, event, change, actor=actor, now=now)
    return row


async def _require_free(session: AsyncSession, kind: str, subject: Subject, order: Order) -> None:
    if order.once is not None and await repository.asked_before(session, kind, subject.id, order.once):
        raise AlreadyRequested(number=subject.number)
    if order.joint is None:
        return
    for unit_id, lead in await repository.joint_rivals(session, order.joint.id):
        if unit_id == order.unit_id or (lead and order.joint.lead):
            raise JointTaken


async def _new(
    session: AsyncSession, kind: Kind, subject: Subject, order: Order, now: datetime
) -> OutgoingHandover:
    followed = None
    if order.replaces is not None:
        followed = await repository.get(session, OutgoingHandover, order.replaces)
    limit = kind.extension_limit if order.extension_limit is None else order.extension_limit
    return OutgoingHandover(
        id=new_id(),
        version=0,
        peer_version=0,
        kind=kind.name,
        peer=kind.receiver,
        state=State.REQUESTED,
        subject_type=subject.type,
        subject_id=subject.id,
        subject_number=subject.number,
        unit_id=order.unit_id,
        area=order.area,
        contents=_contents(order).model_dump(mode="json"),
        requested_at=now,
        due_at=order.due_at,
        first_due_at=order.due_at,
        times=followed.times + 1 if followed else 1,
        joint_id=order.joint.id if order.joint else None,
        lead=order.joint.lead if order.joint else True,
        replaces_id=order.replaces,
        reporter_withheld=order.reporter_withheld,
        consent_at=order.consent_at,
        once_key=order.once,
        designated=False,
        extensions=0,
        extension_limit=limit,
        urges=0,
        reworks=0,
        waits=await repository.waits_of(session, kind, now),
    )


def _contents(order: Order) -> Contents:
    """What is sent; the reporter stays out when the receiver is the accused."""
    if not order.reporter_withheld:
        return order.contents
    return order.contents.model_copy(update={"reporter": None})


def _requested_fields(row: OutgoingHandover) -> Mapping[str, object]:
    return {name: getattr(row, name) for name in REQUESTED_FIELDS}


REQUESTED_FIELDS = (
    "subject_type",
    "subject_id",
    "subject_number",
    "unit_id",
    "area",
    "due_at",
    "times",
    "contents",
    "joint_id",
    "lead",
    "replaces_id",
    "reporter_withheld",
    "consent_at",
    "extension_limit",
)
"""Columns that the request carries as they are."""


async def _sender(session: AsyncSession, handover_id: UUID) -> OutgoingHandover:
    return await repository.get_for_update(session, OutgoingHandover, handover_id)


async def _receiver(session: AsyncSession, handover_id: UUID) -> IncomingHandover:
    return await repository.get_for_update(session, IncomingHandover, handover_id)


async def supplement(
    session: AsyncSession,
    handover_id: UUID,
    *,
    note: str,
    media: tuple[MediaRef, ...] = (),
    actor: Actor,
    now: datetime,
) -> OutgoingHandover:
    """Tell more (补充)."""
    row = await _sender(session, handover_id)
    await take(session, row, Say(said.Supplemented, note, {"media": media}), actor=actor, now=now)
    return row


async def urge(
    session: AsyncSession, handover_id: UUID, *, note: str, actor: Actor, now: datetime
) -> OutgoingHandover:
    """Urge the unit (催办)."""
    row = await _sender(session, handover_id)
    await take(session, row, Say(said.Urged, note, {"urges": row.urges + 1}), actor=actor, now=now)
    return row


async def designate(
    session: AsyncSession, handover_id: UUID, *, note: str, actor: Actor, now: datetime
) -> OutgoingHandover:
    """Designate the unit (指定): it may not return the handover any more; answers a return."""
    row = await _sender(session, handover_id)
    await take(session, row, Say(said.Designated, note), actor=actor, now=now)
    return row


async def change(
    session: AsyncSession, handover_id: UUID, amendment: Amendment, *, actor: Actor, now: datetime
) -> OutgoingHandover:
    """Change category or deadline (变更). Raises `DeadlinePassed` too."""
    require_future(amendment.due_at, now)
    row = await _sender(session, handover_id)
    fields = {"category": amendment.category, "due_at": amendment.due_at or row.due_at}
    await take(session, row, Say(said.Changed, amendment.note, fields), actor=actor, now=now)
    return row


async def grant_extension(
    session: AsyncSession, handover_id: UUID, *, due_at: datetime, note: str, actor: Actor, now: datetime
) -> OutgoingHandover:
    """Grant the extension asked for (同意延期) until `due_at`. Raises `DeadlinePassed` too."""
    require_future(due_at, now)
    row = await _sender(session, handover_id)
    fields = {"due_at": due_at, "extensions": row.extensions + 1}
    await take(session, row, Say(said.ExtensionGranted, note, fields), actor=actor, now=now)
    return row


async def refuse_extension(
    session: AsyncSession, handover_id: UUID, *, note: str, actor: Actor, now: datetime
) -> OutgoingHandover:
    """Refuse the extension asked for (不同意延期); it does not count towards the limit."""
    row = await _sender(session, handover_id)
    await take(session, row, Say(said.ExtensionRefused, note), actor=actor, now=now)
    return row


async def suspend(
    session: AsyncSession, handover_id: UUID, *, note: str, actor: Actor, now: datetime
) -> OutgoingHandover:
    """Stop the clock on both sides (挂账)."""
    row = await _sender(session, handover_id)
    await take(session, row, Say(said.Suspended, note), actor=actor, now=now)
    return row


async def resume(
    session: AsyncSession,
    handover_id: UUID,
    *,
    due_at: datetime | None,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> OutgoingHandover:
    """Let the clock run again (恢复) to the deadline that the sender has recomputed."""
    row = await _sender(session, handover_id)
    await take(session, row, Say(said.Resumed, note, {"due_at": due_at}), actor=actor, now=now)
    return row


async def accept(
    session: AsyncSession, handover_id: UUID, *, note: str = "", actor: Actor, now: datetime
) -> OutgoingHandover:
    """Accept the answer (认可、办结): ends it, with the verdict on time or late by the deadline in force."""
    row = await _sender(session, handover_id)
    verdict = row.answered_at and answered_on_time(row.answered_at, row.due_at, row.suspended_at)
    await take(session, row, Say(said.Accepted, note, {"on_time": verdict}), actor=actor, now=now)
    return row


async def demand_rework(
    session: AsyncSession,
    handover_id: UUID,
    *,
    note: str,
    media: tuple[MediaRef, ...] = (),
    actor: Actor,
    now: datetime,
) -> OutgoingHandover:
    """Send it back to the same unit (返工): counted, the deadline in force stays, no fresh clock."""
    row = await _sender(session, handover_id)
    fields = {"reworks": row.reworks + 1, "due_at": row.due_at, "media": media}
    await take(session, row, Say(said.ReworkDemanded, note, fields), actor=actor, now=now)
    return row


async def take_back(
    session: AsyncSession, handover_id: UUID, *, note: str, actor: Actor, now: datetime
) -> OutgoingHandover:
    """Agree to the return (同意退单): ends it as returned; a re-dispatch is a new handover."""
    row = await _sender(session, handover_id)
    await take(session, row, Say(said.TakenBack, note), actor=actor, now=now)
    return row


async def withdraw(
    session: AsyncSession, handover_id: UUID, *, note: str, actor: Actor, now: datetime
) -> OutgoingHandover:
    """Withdraw it (撤回): ends it."""
    row = await _sender(session, handover_id)
    await take(session, row, Say(said.Withdrawn, note), actor=actor, now=now)
    return row


async def sign(session: AsyncSession, handover_id: UUID, *, actor: Actor, now: datetime) -> IncomingHandover:
    """The unit has it (签收)."""
    row = await _receiver(session, handover_id)
    await take(session, row, Say(said.Signed), actor=actor, now=now)
    return row


async def give_back(
    session: AsyncSession, handover_id: UUID, *, reason: str, assigned: bool, actor: Actor, now: datetime
) -> IncomingHandover:
    """Ask to return it (退单); not once a person is `assigned` (a dispute: classified), nor if designated."""
    row = await _receiver(session, handover_id)
    await take(session, row, Say(said.ReturnAsked, reason), actor=actor, now=now, assigned=assigned)
    return row


async def first_contact(
    session: AsyncSession, handover_id: UUID, contact: Contact, *, actor: Actor, now: datetime
) -> IncomingHandover:
    """Report the first contact with the reporter, or why there was none (先行联系)."""
    row = await _receiver(session, handover_id)
    fields = {"contacted_at": contact.at, "person": contact.person}
    await take(session, row, Say(said.FirstContactMade, contact.note, fields), actor=actor, now=now)
    return row


async def report_progress(
    session: AsyncSession, handover_id: UUID, progress: Progress, *, actor: Actor, now: datetime
) -> IncomingHandover:
    """Say how far it is, or give an interim reply (进展、阶段性答复)."""
    row = await _receiver(session, handover_id)
    fields = {"interim": progress.interim, "media": progress.media, "arrived_at": progress.arrived_at}
    await take(session, row, Say(said.Progressed, progress.note, fields), actor=actor, now=now)
    return row


async def ask_extension(
    session: AsyncSession, handover_id: UUID, *, until: datetime, reason: str, actor: Actor, now: datetime
) -> IncomingHandover:
    """Ask for more time (申请延期). Raises `DeadlinePassed` too."""
    require_future(until, now)
    row = await _receiver(session, handover_id)
    await take(session, row, Say(said.ExtensionAsked, reason, {"until": until}), actor=actor, now=now)
    return row


async def answer(
    session: AsyncSession,
    handover_id: UUID,
    outcome: Outcome,
    *,
    finished_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> IncomingHandover:
    """Answer with result and evidence (反馈); `finished_at`: of a repair, UTC. Raises `OutcomeRefused`."""
    row = await _receiver(session, handover_id)
    check_outcome(kind_of(row.kind), outcome)
    await take(
        session,
        row,
        Say(said.Answered, "", {"outcome": outcome, "finished_at": finished_at}),
        actor=actor,
        now=now,
    )
    return row
