"""Parking 搁置: messages that cannot be applied stand aside, whole, and everything else flows.

A parked message stays in its consumer's database, keeps the data class of its topic, and goes when it is
redriven or when a later full state has made it void. Its `problem` names types and places, never contents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.errors import DomainError
from libs.common.events import metrics
from libs.common.events.bus import Incoming
from libs.common.events.contract import DataClass
from libs.common.events.gate import Verdict
from libs.common.events.gates import Key
from libs.common.events.models import ParkedMessage
from libs.common.events.statements import statement
from libs.common.ids import new_id

log = structlog.get_logger(__name__)

UNDECODABLE = "undecodable"
SCHEMA = "schema"
INVARIANT = "invariant"
SUPERSEDED = "superseded"
REDRIVEN = "redriven"
DISCARDED = "discarded"
EXPIRED = "expired"

RESTRICTED_FOR = timedelta(days=7)
RESOLVED_FOR = timedelta(days=90)

ALARMS = frozenset(verdict.value for verdict in Verdict if verdict.alarms)
"""Reasons after which somebody must look: events were lost, or histories differ."""

_COLUMNS = {
    "id": "uuid", "topic": "text", "partition": "int", "offset": "bigint", "event_id": "uuid",
    "aggregate_id": "uuid", "type": "text", "epoch": "int", "version": "int", "position": "bigint",
    "data_class": "text", "reason": "text", "problem": "text", "raw": "bytea",
}  # fmt: skip

_INSERT = statement(
    """INSERT INTO parked_message (consumer, id, topic, partition, "offset", event_id, aggregate_id, type,
        epoch, version, position, data_class, reason, problem, raw)
    SELECT :consumer, p.* FROM unnest({arrays}) AS p ON CONFLICT DO NOTHING""",
    arrays=", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _COLUMNS.items()),
)

_SUPERSEDE = text(
    """UPDATE parked_message SET resolution = :resolution, resolved_at = clock_timestamp(), raw = NULL
    WHERE consumer = :consumer AND topic = :topic AND aggregate_id = :aggregate_id AND resolution IS NULL
        AND (epoch < :epoch OR version <= :version)"""
)


_EXPIRE = text(
    """UPDATE parked_message SET raw = NULL, problem = :resolution
    WHERE raw IS NOT NULL AND data_class = 'restricted' AND parked_at < :before
    RETURNING id"""
)
_FORGET = text(
    "DELETE FROM parked_message WHERE resolution IS NOT NULL AND resolved_at < :before RETURNING id"
)
_ERASE = text("UPDATE parked_message SET raw = NULL WHERE aggregate_id = :aggregate_id AND raw IS NOT NULL")


@dataclass(frozen=True)
class Aside:
    """A message to be parked, and why."""

    incoming: Incoming
    data_class: DataClass
    reason: str
    problem: str = ""


def describe(error: BaseException) -> str:
    """What went wrong, without anything of the message's content."""
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in found[:10])
    if isinstance(error, DomainError):
        return error.code
    return type(error).__name__


async def park(session: AsyncSession, consumer: str, aside: Sequence[Aside]) -> None:
    """Keep the messages, in the transaction that moves the gate over them. A repeat changes nothing."""
    if not aside:
        return
    rows = [_row(one) for one in aside]
    await session.execute(_INSERT, {"consumer": consumer, **{n: [r[n] for r in rows] for n in _COLUMNS}})
    for row in rows:
        metrics.PARKED.labels(consumer, row["topic"], row["reason"]).inc()
        say = log.error if row["reason"] in ALARMS else log.warning
        say(
            "message_parked",
            consumer=consumer,
            topic=row["topic"],
            reason=row["reason"],
            event_id=str(row["event_id"]),
            aggregate_id=str(row["aggregate_id"]),
            problem=row["problem"],
        )


async def supersede(session: AsyncSession, consumer: str, key: Key, *, epoch: int, version: int) -> bool:
    """Void what is parked of the key up to a full state; whether anything is left parked."""
    named = {"consumer": consumer, "topic": key[0], "aggregate_id": key[1]}
    bounds = {"epoch": epoch, "version": version, "resolution": SUPERSEDED}
    await session.execute(_SUPERSEDE, {**named, **bounds})
    return bool(await parked_of(session, consumer, key, limit=1))


async def parked_of(
    session: AsyncSession, consumer: str, key: Key, *, limit: int = 1000
) -> Sequence[ParkedMessage]:
    """What is parked of a key, in order."""
    found = await session.scalars(
        select(ParkedMessage)
        .where(
            ParkedMessage.consumer == consumer,
            ParkedMessage.topic == key[0],
            ParkedMessage.aggregate_id == key[1],
            ParkedMessage.resolution.is_(None),
        )
        .order_by(ParkedMessage.epoch, ParkedMessage.version)
        .limit(limit)
    )
    return found.all()


async def list_parked(
    session: AsyncSession, consumer: str, *, after: UUID | None = None, limit: int = 50
) -> Sequence[ParkedMessage]:
    """What stands aside, oldest first; `after` is the last id of the page before."""
    query = select(ParkedMessage).where(
        ParkedMessage.consumer == consumer, ParkedMessage.resolution.is_(None)
    )
    if after is not None:
        query = query.where(ParkedMessage.id > after)
    return (await session.scalars(query.order_by(ParkedMessage.id).limit(limit))).all()


def resolve(parked: ParkedMessage, resolution: str, *, by: str, now: datetime) -> None:
    """It stands aside no more; its content is dropped, the fact that it was parked stays."""
    parked.resolution = resolution
    parked.resolved_by = by
    parked.resolved_at = now
    parked.raw = None


async def purge(session: AsyncSession, *, now: datetime) -> int:
    """Drop contents of restricted messages after 7 days and resolved rows after 90; how many changed.

    A key whose content is gone waits for a restatement.
    """
    expired = {"before": now - RESTRICTED_FOR, "resolution": EXPIRED}
    emptied = (await session.scalars(_EXPIRE, expired)).all()
    gone = (await session.scalars(_FORGET, {"before": now - RESOLVED_FOR})).all()
    return len(emptied) + len(gone)


async def erase(session: AsyncSession, aggregate_id: UUID) -> None:
    """Drop the contents of whatever is parked of an aggregate: an erasure by law (依法删除)."""
    await session.execute(_ERASE, {"aggregate_id": aggregate_id})


def _row(one: Aside) -> dict[str, Any]:
    message = one.incoming.message
    return {
        "id": new_id(),
        "topic": one.incoming.slot.topic,
        "partition": one.incoming.slot.partition,
        "offset": one.incoming.offset,
        "event_id": message.event_id if message else None,
        "aggregate_id": message.aggregate_id if message else None,
        "type": message.type if message else None,
        "epoch": message.epoch if message else None,
        "version": message.version if message else None,
        "position": message.position if message else None,
        "data_class": one.data_class.value,
        "reason": one.reason,
        "problem": one.problem[:500],
        "raw": one.incoming.whole,
    }
