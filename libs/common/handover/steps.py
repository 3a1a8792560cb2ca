"""One step of a handover, own or read: the row changed, the event recorded, the step listed.

Both sides change their row by the same code from the same event, so they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts import handover as said
from libs.common.contracts.handover import CHANNELS, MediaRef, Step
from libs.common.events.record import Change, record
from libs.common.handover import repository
from libs.common.handover.domain import (
    VOIDS,
    AnyStep,
    ReceiverStep,
    SenderStep,
    Standing,
    State,
    WaitingFor,
    take_in,
    waiting_for,
)
from libs.common.handover.kinds import act, kind_of
from libs.common.handover.models import HandoverStep, IncomingHandover, OutgoingHandover
from libs.common.policy import Actor
from libs.common.service import Delivery

Side = OutgoingHandover | IncomingHandover


@dataclass(frozen=True)
class Say:
    """What a step says: its contract, the note for people, and the contract's own fields."""

    contract: type[Step]
    note: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def step(self) -> AnyStep:
        """The step that the contract carries."""
        return step_of(self.contract)


def step_of(contract: type[Step] | Step) -> AnyStep:
    """The step that the event carries."""
    return SenderStep(contract.step) if contract.by_sender else ReceiverStep(contract.step)


def author_of(row: Side) -> str:
    """Which side this service is on."""
    return "sender" if isinstance(row, OutgoingHandover) else "receiver"


def other_than(author: str) -> str:
    """The other side."""
    return "receiver" if author == "sender" else "sender"


def own_service(row: Side) -> str:
    """The service whose row it is."""
    kind = kind_of(row.kind)
    return kind.sender if isinstance(row, OutgoingHandover) else kind.receiver


def standing_of(row: Side) -> Standing:
    """The plain value that decisions are made on."""
    return Standing(
        state=State(row.state),
        signed=row.signed_at is not None,
        designated=row.designated,
        suspended=row.suspended_at is not None,
        extension_pending=row.extension_until is not None,
        extensions=row.extensions,
        extension_limit=row.extension_limit,
        reworks=row.reworks,
    )


async def take(
    session: AsyncSession, row: Side, say: Say, *, actor: Actor, now: datetime, assigned: bool = False
) -> UUID:
    """Take one's own step: decide, change the row, record the event, list the step. Answers the step's id.

    Raises what `kinds.act` raises; then nothing is changed.
    """
    before = row.state
    standing = act(kind_of(row.kind), standing_of(row), say.step, assigned=assigned)
    event = event_of(row, say, actor, now)
    apply(row, standing, event, now)
    change = Change(action=say.step, before=before, after=row.state, note=say.note or None)
    return await publish(session, row, event, change, actor=actor, now=now)


async def publish(
    session: AsyncSession, row: Side, event: Step, change: Change, *, actor: Actor, now: datetime
) -> UUID:
    """Record the event and list it as a step of one's own."""
    event_id = await record(session, row, event, actor=actor, now=now, change=change)
    author = author_of(row)
    await repository.add(session, await _listed(session, event, event_id, (author, row.version), None))
    return event_id


def event_of(row: Side, say: Say, actor: Actor, now: datetime) -> Step:
    contract = CHANNELS[own_service(row), row.peer].classes[say.contract]
    return contract.model_validate(
        {
            "handover_id": row.id,
            "kind": row.kind,
            "replies_to": row.peer_version,
            "by": actor.subject,
            "role": actor.role,
            "note": say.note,
            "happened_at": now,
            **say.fields,
        }
    )


@dataclass(frozen=True)
class Arrival:
    """A step of the other side as it arrives, and when its effects happen (UTC)."""

    event: Step
    delivery: Delivery
    now: datetime


async def read(session: AsyncSession, row: Side, arrival: Arrival) -> str | None:
    """Take in a step of the other side. Answers why it was only recorded, or None if it was applied.

    The caller has made sure that it is no repeat (`repository.has_step`).
    """
    event, delivery, now = arrival.event, arrival.delivery, arrival.now
    mine = author_of(row)
    crossed = await repository.steps_after(session, row.id, mine, event.replies_to)
    sent = tuple(SenderStep(own.step) for own in crossed) if mine == "sender" else ()
    standing, why = take_in(standing_of(row), step_of(event), sent)
    if why is None:
        apply(row, standing, event, now)
        _void(crossed, event)
    row.peer_version = delivery.version
    numbered = (other_than(mine), delivery.version)
    await repository.add(session, await _listed(session, event, delivery.event_id, numbered, why))
    await repository.want_media(
        session, row.id, (ref.hash for ref in media_of(event)), source=row.peer, now=now
    )
    return why


def _void(crossed: Any, event: Step) -> None:
    """Mark one's own replies that the sender's step made void: the sender has only recorded them too."""
    if not event.by_sender:
        return
    for own in crossed:
        if own.applied and ReceiverStep(own.step) in VOIDS[SenderStep(event.step)]:
            own.applied = False
            own.why = f"crossed:{event.step}"


async def _listed(
    session: AsyncSession, event: Step, event_id: UUID, numbered: tuple[str, int], why: str | None
) -> HandoverStep:
    author, version = numbered
    asked = await repository.step_id_of(session, event.handover_id, other_than(author), event.replies_to)
    return HandoverStep(
        id=event_id,
        handover_id=event.handover_id,
        author=author,
        version=version,
        step=event.step,
        replies_to=event.replies_to,
        reply_to_id=asked,
        happened_at=event.happened_at,
        by=event.by,
        role=event.role,
        note=event.note,
        details=event.model_dump(mode="json", exclude=_COMMON),
        applied=why is None,
        why=why,
    )


_COMMON = {"handover_id", "kind", "replies_to", "by", "role", "note", "happened_at", "contents"}


def media_of(event: Step) -> tuple[MediaRef, ...]:
    """The objects that the step names."""
    match event:
        case said.Requested():
            return event.contents.media
        case said.Answered():
            return event.outcome.media
        case said.Supplemented() | said.ReworkDemanded() | said.Progressed():
            return event.media
    return ()


def apply(row: Side, standing: Standing, event: Step, now: datetime) -> None:
    """Change the row to the standing, and to what only the event knows; then see what is waited for."""
    effect = _COLUMNS.get(type(event).__mro__[1])
    if effect is not None:
        effect(row, event)
    row.state = standing.state.value
    row.designated = standing.designated
    row.extensions = standing.extensions
    row.reworks = standing.reworks
    if not standing.extension_pending:
        row.extension_until = None
    if standing.ended:
        row.ended_at = event.happened_at
    await_next(row, now)


def _signed(row: Side, event: Any) -> None:
    row.signed_at = event.happened_at


def _urged(row: Side, event: Any) -> None:
    row.urges = event.urges


def _changed(row: Side, event: Any) -> None:
    row.due_at = event.due_at
    if event.category is not None:
        row.contents = {**row.contents, "category": event.category}


def _due(row: Side, event: Any) -> None:
    row.due_at = event.due_at


def _suspended(row: Side, event: Any) -> None:
    row.suspended_at = event.happened_at


def _resumed(row: Side, event: Any) -> None:
    row.suspended_at = None
    row.due_at = event.due_at


def _accepted(row: Side, event: Any) -> None:
    row.on_time = event.on_time


def _extension_asked(row: Side, event: Any) -> None:
    row.extension_until = event.until


def _answered(row: Side, event: Any) -> None:
    row.answered_at = event.happened_at
    row.answer = event.outcome.model_dump(mode="json")


_COLUMNS: Mapping[type[Any], Callable[[Side, Any], None]] = {
    said.Signed: _signed,
    said.Urged: _urged,
    said.Changed: _changed,
    said.ExtensionGranted: _due,
    said.Suspended: _suspended,
    said.Resumed: _resumed,
    said.Accepted: _accepted,
    said.ExtensionAsked: _extension_asked,
    said.Answered: _answered,
}
"""What only the event knows, by the base of its contract."""


def await_next(row: Side, now: datetime) -> None:
    """Say what is waited for, since when and until when; a new wait or a longer one is not timed out."""
    expected = waiting_for(standing_of(row))
    if row.waiting_for != expected:
        row.waiting_for = expected
        row.waiting_since = now if expected else None
        row.timed_out_at = None
    row.wait_until = _until(row, expected)
    if row.wait_until is None or row.wait_until > now:
        row.timed_out_at = None


def _until(row: Side, expected: WaitingFor | None) -> datetime | None:
    receiver_waited_for = expected in (WaitingFor.SIGN, WaitingFor.ANSWER)
    if expected is None or (receiver_waited_for and row.suspended_at is not None):
        return None
    if expected is WaitingFor.ANSWER:
        return row.due_at
    seconds = row.waits.get(expected)
    if seconds is None or row.waiting_since is None:
        return None
    return row.waiting_since + timedelta(seconds=seconds)
