"""Where a consumer stands 消费位点: kept in its own database, changed in the transaction of the effect.

`hold` is the fence: a consumer that lost its partition, or has a twin, finds a mark that it did not leave.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.bus import Mark, Restored, Slot


class Superseded(Exception):
    """Another consumer of the same name has gone on from here: read the marks again."""


_BEGIN = text(
    """INSERT INTO consumer_offset (consumer, topic, partition, origin, epoch, next)
    SELECT :consumer, s.topic, s.partition, '', 0, 0
    FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[])) AS s(topic, partition)
    ORDER BY s.topic, s.partition
    ON CONFLICT DO NOTHING"""
)

_LOCK = text(
    """SELECT o.topic, o.partition, o.origin, o.epoch, o.next FROM consumer_offset o
    JOIN unnest(CAST(:topics AS text[]), CAST(:partitions AS int[])) AS s(topic, partition)
        ON o.topic = s.topic AND o.partition = s.partition
    WHERE o.consumer = :consumer
    ORDER BY o.topic, o.partition
    FOR UPDATE OF o"""
)

_STORE = text(
    """UPDATE consumer_offset o SET origin = s.origin, epoch = s.epoch, next = s.next
    FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]), CAST(:origins AS text[]),
        CAST(:epochs AS int[]), CAST(:nexts AS bigint[])) AS s(topic, partition, origin, epoch, next)
    WHERE o.consumer = :consumer AND o.topic = s.topic AND o.partition = s.partition"""
)

_HEARD = text(
    """INSERT INTO epoch_seen (consumer, producer, epoch, restored_to)
    VALUES (:consumer, :producer, :epoch, :restored_to) ON CONFLICT DO NOTHING"""
)


async def marks(session: AsyncSession, consumer: str, slots: Collection[Slot]) -> dict[Slot, Mark]:
    """The stored marks; a slot that is new to the consumer gets a row that says nowhere."""
    named = _named(consumer, slots)
    await session.execute(_BEGIN, named)
    return await _locked(session, named)


async def hold(session: AsyncSession, consumer: str, before: Mapping[Slot, Mark]) -> None:
    """Lock the marks. Raises `Superseded` unless they are what the batch began with."""
    if await _locked(session, _named(consumer, before)) != dict(before):
        raise Superseded


async def store(session: AsyncSession, consumer: str, after: Mapping[Slot, Mark]) -> None:
    """Move the marks, which are held."""
    items = list(after.items())
    moved = {
        "origins": [mark.origin for _, mark in items],
        "epochs": [mark.epoch for _, mark in items],
        "nexts": [mark.next for _, mark in items],
    }
    await session.execute(_STORE, {**_named(consumer, after), **moved})


async def hear(session: AsyncSession, consumer: str, restored: Sequence[Restored]) -> None:
    """Remember the new epochs of producers."""
    for one in restored:
        known = {"producer": one.producer, "epoch": one.epoch, "restored_to": one.restored_to}
        await session.execute(_HEARD, {"consumer": consumer, **known})


def _named(consumer: str, slots: Collection[Slot]) -> dict[str, object]:
    return {
        "consumer": consumer,
        "topics": [slot.topic for slot in slots],
        "partitions": [slot.partition for slot in slots],
    }


async def _locked(session: AsyncSession, named: dict[str, object]) -> dict[Slot, Mark]:
    rows = await session.execute(_LOCK, named)
    return {Slot(row.topic, row.partition): Mark(row.origin, row.epoch, row.next) for row in rows}
