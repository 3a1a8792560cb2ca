"""Saying a handover again 重述: for a side that lost steps or begins from nothing.

The row becomes what the other side knows; one's own steps that it had not read are taken again on top.
A service puts `restaters(...)` into `SERVICE.restaters`; the handlers of `consumers` read what comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.handover import (
    CHANNELS,
    WHOLE,
    Contents,
    Outcome,
    ReplyRestated,
    Restated,
    Step,
)
from libs.common.events.contract import PAYLOAD_LIMIT
from libs.common.events.record import restate
from libs.common.handover import repository
from libs.common.handover.domain import SenderStep, take_in
from libs.common.handover.kinds import kind_of
from libs.common.handover.models import HandoverStep, IncomingHandover, OutgoingHandover
from libs.common.handover.steps import (
    Say,
    Side,
    apply,
    author_of,
    await_next,
    event_of,
    own_service,
    standing_of,
    step_of,
)
from libs.common.policy import Actor, system_actor
from libs.common.service import Restate

Whole = Restated | ReplyRestated
Table = type[OutgoingHandover] | type[IncomingHandover]


def restaters(own: str) -> Mapping[str, Restate]:
    """What `jiayuan republish` restates of the service's handovers, by noun: sent ones and received ones."""
    actor = system_actor(own)

    async def outgoing(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
        return await _say_again(session, OutgoingHandover, (limit, after), actor)

    async def incoming(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
        return await _say_again(session, IncomingHandover, (limit, after), actor)

    return {"outgoing-handover": outgoing, "incoming-handover": incoming}


async def _say_again(
    session: AsyncSession,
    table: Table,
    page: tuple[int, UUID | None],
    actor: Actor,
) -> UUID | None:
    limit, after = page
    rows = await repository.list_after(session, table, after, limit)
    for row in rows:
        if row.version:  # a receiver that has said nothing yet has nothing to say again
            await restate(session, row, fitting(whole_of(row, actor)), actor=actor)
    return rows[-1].id if len(rows) == limit else None


def fitting(event: Whole) -> Whole:
    """The restatement within the bus's limit: request and answer together may be larger than either was."""
    if len(event.model_dump_json().encode()) <= PAYLOAD_LIMIT:
        return event
    contents = Contents(title=event.contents.title, category=event.contents.category)
    answer = event.answer and Outcome(result=event.answer.result, body=event.answer.body)
    return event.model_copy(update={"contents": contents, "answer": answer, "trimmed": True})


def whole_of(row: Side, actor: Actor) -> Whole:
    """The restatement of the row; it happened when the row last changed."""
    base = Restated if isinstance(row, OutgoingHandover) else ReplyRestated
    changed_at = row.ended_at or row.waiting_since or row.requested_at
    event = event_of(row, Say(base, "", {name: getattr(row, name) for name in WHOLE}), actor, changed_at)
    assert isinstance(event, Restated | ReplyRestated)
    return event


async def rebuild(session: AsyncSession, event: Whole, delivery_version: int, now: datetime) -> Side | None:
    """Make the row what the restatement says; answers it, or None where the sender has ended it already.

    A row that was lost goes on counting its own steps where the other side had read them.
    """
    table: Table = IncomingHandover if isinstance(event, Restated) else OutgoingHandover
    row: Side | None = await repository.find_for_update(session, table, event.handover_id)
    if row is None:
        row = await _remade(session, table, event)
    elif isinstance(row, OutgoingHandover) and row.ended_at is not None:
        return None
    else:
        for name, value in _columns(event).items():
            if not (event.trimmed and name in _TEXTS):
                setattr(row, name, value)
    row.peer_version = delivery_version
    await _take_again(session, row, event, now)
    await_next(row, now)
    await session.flush()
    return row


async def _remade(
    session: AsyncSession,
    table: Table,
    event: Whole,
) -> Side:
    kind = kind_of(event.kind)
    row = table(
        id=event.handover_id,
        version=event.replies_to,
        peer_version=0,
        kind=kind.name,
        peer=kind.sender if isinstance(event, Restated) else kind.receiver,
        waits=await repository.waits_of(session, kind, event.requested_at),
        **_columns(event),
    )
    await repository.add(session, row)
    return row


_TEXTS = ("contents", "answer")


def _columns(event: Whole) -> dict[str, Any]:
    columns = {name: getattr(event, name) for name in WHOLE}
    columns["contents"] = event.contents.model_dump(mode="json")
    columns["answer"] = event.answer.model_dump(mode="json") if event.answer else None
    return columns


async def _take_again(session: AsyncSession, row: Side, event: Whole, now: datetime) -> None:
    """One's own steps that the other side had not read, on top of what it knows."""
    for own in await repository.steps_after(session, row.id, author_of(row), event.replies_to):
        said = _said(row, own)
        voided_by = (SenderStep.DESIGNATE,) if row.designated and not said.by_sender else ()
        standing, why = take_in(standing_of(row), step_of(said), voided_by)
        own.applied, own.why = why is None, why
        if why is None:
            apply(row, standing, said, now)


def _said(row: Side, own: HandoverStep) -> Step:
    """The event of a listed step."""
    classes = CHANNELS[own_service(row), row.peer].classes.values()
    mine = (own.author == "sender", own.step)
    contract = next(each for each in classes if (each.by_sender, each.step) == mine)
    return contract.model_validate(
        {
            **own.details,
            "handover_id": row.id,
            "kind": row.kind,
            "replies_to": own.replies_to,
            "by": own.by,
            "role": own.role,
            "note": own.note,
            "happened_at": own.happened_at,
        }
    )
