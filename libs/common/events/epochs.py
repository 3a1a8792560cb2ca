"""Epochs 日志纪元: what to do after the database was restored from a backup.

`restored` begins a new life of the log: whatever lay beyond the present head is lost, and its positions and
versions will be given again. It is run before the service writes anything. Readers of the local bus go back
by themselves; readers of Kafka hear it as an event; both list the keys that they know from beyond.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.epochs import EPOCH_STARTED, EpochStarted
from libs.common.events import offsets
from libs.common.events.bus import Restored
from libs.common.events.contract import Event
from libs.common.events.envelope import owner_of
from libs.common.events.record import record
from libs.common.events.sequencer import sequence
from libs.common.policy import Actor
from libs.common.service import Delivery, Handler

_SPACE = UUID("5f0c2b1e-6c0a-5d0e-9d7a-3b1f4e8a2c11")

_HEAD = text("SELECT position, epoch FROM log_head FOR UPDATE")
_BEGIN = text("UPDATE log_head SET epoch = :epoch")
_REMEMBER = text("INSERT INTO log_epoch (epoch, started_at, restored_to) VALUES (:epoch, :now, :restored_to)")


@dataclass
class Life:
    """The head of the aggregate whose versions are the epochs: one per service."""

    id: UUID
    version: int


async def restored(session: AsyncSession, *, service: str, actor: Actor, now: datetime) -> Restored:
    """Begin a new epoch at the present head of the log, and tell it. `now` is UTC.

    What waits in the outbox was committed before the backup: readers may know it, under these versions. It
    is told in the old epoch, behind the position that readers go back to, so that they find a repeat.

    The number is taken from the clock (minutes), so that an epoch that a second restore has made forgotten
    is not given again.
    """
    head = (await session.execute(_HEAD)).one()
    while await sequence(session):
        pass
    epoch = max(head.epoch + 1, int(now.timestamp()) // 60)
    await session.execute(_BEGIN, {"epoch": epoch})
    known = {"epoch": epoch, "now": now, "restored_to": head.position}
    await session.execute(_REMEMBER, known)
    event = EPOCH_STARTED[service](happened_at=now, epoch=epoch, restored_to=head.position)
    life = Life(uuid5(_SPACE, service), epoch - 1)
    await record(session, life, event, actor=actor, now=now)
    return Restored(service, epoch, head.position)


def epoch_handlers(consumer: str, producers: frozenset[str]) -> Mapping[type[Event], Handler]:
    """What a consumer does when it hears of a producer's new epoch: remember it for its list of keys."""

    async def on_epoch_started(session: AsyncSession, event: EpochStarted, delivery: Delivery) -> None:
        heard = Restored(owner_of(delivery.topic), event.epoch, event.restored_to)
        await offsets.hear(session, consumer, [heard])

    return {EPOCH_STARTED[producer]: on_epoch_started for producer in sorted(producers)}
