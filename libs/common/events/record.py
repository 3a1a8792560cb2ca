"""`record`: the one way by which a fact enters the log, in the transaction that makes it true.

It alone bumps `version`: exactly one event, one history row, one outbox row per version. History and outbox
row are written by one statement, for one event or for many (`append_many`, for the lean intake).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import orjson
from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from libs.common.errors import Invalid
from libs.common.events.contract import PAYLOAD_LIMIT, Event
from libs.common.events.statements import statement
from libs.common.ids import new_id
from libs.common.policy import Actor
from libs.common.tracing import current_traceparent

SALT_BYTES = 16

HISTORY_ROW = """convert_to(jsonb_build_array({0}.aggregate_type, {0}.aggregate_id, {0}.version,
    (extract(epoch FROM {0}.at) * 1000000)::bigint, {0}.actor, {0}.actor_role, {0}.action,
    {0}.from_state, {0}.to_state, {0}.note, {0}.changed)::text, 'UTF8')"""
"""What a history digest covers after the salt, in terms of the row's alias. Checked by `audit`."""


class PayloadTooLarge(Invalid):
    """The event would be larger than the bus carries: pass references, not contents."""

    code = "payload-too-large"
    zh = "事件内容超过 {limit} 字节"
    en = "The event is larger than {limit} bytes"


class Versioned(Protocol):
    """A row that is the head of its aggregate: its lock orders the aggregate's events."""

    id: Any
    version: Any


@dataclass(frozen=True)
class Change:
    """What a step did, for people: the history row (操作记录)."""

    action: str
    before: StrEnum | str | None = None
    after: StrEnum | str | None = None
    note: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One event on its way into the outbox. Without `change` and `at` it is a restatement."""

    event: Event
    aggregate_id: UUID
    version: int
    actor: Actor
    at: datetime | None = None
    change: Change | None = None
    event_id: UUID = field(default_factory=new_id)
    traceparent: str | None = field(default_factory=current_traceparent)


async def record(
    session: AsyncSession,
    aggregate: Versioned,
    event: Event,
    *,
    actor: Actor,
    now: datetime,
    change: Change | None = None,
) -> UUID:
    """Write the aggregate's change, its history row and its event. Returns the event's id.

    The caller holds the aggregate's row lock or has just added the row with `version=0`. `now` is UTC.
    Raises `PayloadTooLarge`.
    """
    aggregate.version += 1
    await session.flush()
    step = change or Change(action=event.verb)
    entry = Entry(event, aggregate.id, aggregate.version, actor, at=now, change=step)
    await append_many(session, [entry])
    return entry.event_id


@dataclass
class _Access:
    """The aggregate of one access: made and told once."""

    id: UUID
    version: int = 0


async def record_access(
    session: AsyncSession, event: Event, *, actor: Actor, now: datetime, change: Change
) -> UUID:
    """Record that somebody has read in full what is masked otherwise, and why (查看留痕). `now` is UTC."""
    return await record(session, _Access(new_id()), event, actor=actor, now=now, change=change)


async def restate(session: AsyncSession, aggregate: Versioned, event: Event, *, actor: Actor) -> UUID:
    """Send current state through the log again: carries the current version and bumps nothing.

    The caller holds the aggregate's row lock, so that no later version is in the log before it.
    """
    entry = Entry(event, aggregate.id, aggregate.version, actor)
    await append_many(session, [entry])
    return entry.event_id


async def append_many(connection: AsyncSession | AsyncConnection, entries: Sequence[Entry]) -> None:
    """Write the history and outbox rows of all entries, in their order, by one statement.

    The aggregates' rows are written and locked before. Raises `PayloadTooLarge`.
    """
    await connection.execute(_APPEND, parameters(entries))


def parameters(entries: Sequence[Entry]) -> dict[str, list[Any]]:
    """The parameters of a statement of `appending`. Raises `PayloadTooLarge`."""
    rows = [_row(entry) for entry in entries]
    return {name: [row[name] for row in rows] for name in _COLUMNS}


def appending(before: str = "", only: str = "") -> TextClause:
    """The statement that writes history and outbox, behind the common table expressions `before`.

    `only` says which of the given rows `g` are written, by what those expressions have done: so that a
    record and its first event are written by one statement. Answers the aggregates that were.
    """
    return statement(
        _APPENDING,
        before=before,
        only=only,
        arrays=", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _COLUMNS.items()),
        names=", ".join("raw_changed" if name == "changed" else name for name in _COLUMNS),
        row=HISTORY_ROW.format("given"),
    )


_COLUMNS = {
    "event_id": "uuid", "topic": "text", "aggregate_type": "text", "aggregate_id": "uuid", "version": "int",
    "type": "text", "payload": "text", "salt": "bytea", "actor": "text", "actor_role": "text",
    "traceparent": "text", "at": "timestamptz", "action": "text", "from_state": "text", "to_state": "text",
    "note": "text", "changed": "text", "history_salt": "bytea",
}  # fmt: skip

_APPENDING = """WITH {before} given AS (
        SELECT g.*, g.raw_changed::jsonb AS changed FROM
        unnest({arrays}) WITH ORDINALITY AS g({names}, n) {only}
    ), told AS (
        INSERT INTO history (aggregate_id, version, aggregate_type, at, actor, actor_role, action,
            from_state, to_state, note, changed, salt, digest)
        SELECT aggregate_id, version, aggregate_type, at, actor, actor_role, action,
            from_state, to_state, note, changed, history_salt, sha256(history_salt || {row})
        FROM given WHERE at IS NOT NULL
        RETURNING aggregate_id, version, digest
    )
    INSERT INTO outbox (event_id, topic, aggregate_type, aggregate_id, version, type, payload, salt,
        actor, history_digest, traceparent, restatement)
    SELECT g.event_id, g.topic, g.aggregate_type, g.aggregate_id, g.version, g.type, g.payload, g.salt,
        g.actor, told.digest, g.traceparent, g.at IS NULL
    FROM given g LEFT JOIN told
        ON told.aggregate_id = g.aggregate_id AND told.version = g.version AND g.at IS NOT NULL
    ORDER BY g.n
    RETURNING aggregate_id"""

_APPEND = appending()


def _row(entry: Entry) -> dict[str, Any]:
    event = entry.event
    payload = event.model_dump_json()
    if len(payload.encode()) > PAYLOAD_LIMIT:
        raise PayloadTooLarge(limit=PAYLOAD_LIMIT)
    step = entry.change or Change(action=event.verb)
    return {
        "event_id": entry.event_id,
        "topic": event.topic.name,
        "aggregate_type": event.topic.noun,
        "aggregate_id": entry.aggregate_id,
        "version": entry.version,
        "type": event.type,
        "payload": payload,
        "salt": os.urandom(SALT_BYTES),
        "actor": entry.actor.subject,
        "actor_role": entry.actor.role,
        "traceparent": entry.traceparent,
        "at": entry.at,
        "action": step.action,
        "from_state": step.before,
        "to_state": step.after,
        "note": step.note,
        "changed": orjson.dumps(dict(step.fields), default=str).decode(),
        "history_salt": os.urandom(SALT_BYTES) if entry.at else None,
    }
