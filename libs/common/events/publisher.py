"""The publisher 发布器: a cursor over the log that moves only after its sink has acknowledged.

One of several replicas works at a time, by a lease on the cursor's row; two at once would do no harm but
repeat. A cluster that the cursor does not know gets the log from its beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common import crash
from libs.common.db import Database
from libs.common.events import metrics
from libs.common.events.envelope import Message, owner_of
from libs.common.events.statements import statement

LIMIT = 2000
LEASE_SECONDS = 15


class Sink(Protocol):
    """Where messages go: Kafka, or whatever acknowledges."""

    target: str

    async def open(self) -> None:
        """Connect, and know `target`."""

    async def send(self, messages: Sequence[Message]) -> None:
        """Deliver in order; returns when all are acknowledged."""

    async def close(self) -> None:
        """Let go."""


@dataclass(frozen=True)
class Cursor:
    """How far a sink has acknowledged, whose cluster that was, and who works on it."""

    target: str
    epoch: int
    position: int


class NotOurs(Exception):
    """Another replica publishes."""


_LOOK = text(
    """SELECT h.position AS head, coalesce(c.position, 0) AS position, coalesce(c.target, '') AS target,
        c.held_until > clock_timestamp() AND c.holder <> :holder AS taken
    FROM log_head h LEFT JOIN bus_cursor c ON c.sink = :sink"""
)

_LEASE = statement(
    """INSERT INTO bus_cursor AS c (sink, target, epoch, position, holder, held_until)
    VALUES (:sink, :target, :epoch, 0, :holder, clock_timestamp() + make_interval(secs => :seconds))
    ON CONFLICT (sink) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until,
        target = excluded.target,
        position = CASE WHEN c.target IN (excluded.target, '') THEN c.position ELSE 0 END
    WHERE c.holder IS NULL OR c.holder = excluded.holder OR c.held_until < clock_timestamp()
    RETURNING position"""
)

_MOVE = statement(
    """UPDATE bus_cursor SET position = :position, epoch = :epoch,
        held_until = clock_timestamp() + make_interval(secs => :seconds)
    WHERE sink = :sink AND holder = :holder"""
)

_READ = text(
    """SELECT position, epoch, logged_at, event_id, topic, type, aggregate_id, version, payload,
        traceparent, restatement
    FROM event_log WHERE position > :position ORDER BY position LIMIT :limit"""
)

_SET = text("UPDATE bus_cursor SET position = :position WHERE sink = :sink")


class Publisher:
    """Moves one sink's cursor. `source` is the deployment's prefix of the events' source."""

    def __init__(self, database: Database, sink: Sink, *, name: str, source: str) -> None:
        self.database = database
        self.sink = sink
        self.name = name
        self.source = source
        self.holder = uuid4().hex

    async def step(self, *, limit: int = LIMIT) -> int:
        """Publish the next batch; answers how many events. Raises `BusAway`, `DatabaseAway`."""
        named = {"sink": self.name, "holder": self.holder}
        seen = (await self.database.read(lambda s: s.execute(_LOOK, named))).one()
        metrics.PUBLISHER_LAG.labels(self.name).set(seen.head - seen.position)
        if seen.taken:
            return 0
        await self.sink.open()
        if seen.head <= seen.position and seen.target == self.sink.target:
            return 0
        try:
            rows = await self.database.transact(partial(self._claim, limit=limit))
        except NotOurs:
            return 0
        if not rows:
            return 0
        messages = [to_message(row, self.source) for row in rows]
        crash.reach("publisher.claimed")
        await self.sink.send(messages)
        crash.reach("publisher.sent")
        await self.database.transact(partial(self._move, last=rows[-1]))
        crash.reach("publisher.moved")
        metrics.PUBLISHED.labels(self.name).inc(len(messages))
        return len(rows)

    async def close(self) -> None:
        """Let go of the sink; the lease runs out by itself."""
        await self.sink.close()

    async def _claim(self, session: AsyncSession, limit: int) -> Sequence[Any]:
        """Take the lease and read on from the cursor."""
        position = await session.scalar(
            _LEASE,
            {
                "sink": self.name,
                "holder": self.holder,
                "target": self.sink.target,
                "epoch": 1,
                "seconds": LEASE_SECONDS,
            },
        )
        if position is None:
            raise NotOurs
        return (await session.execute(_READ, {"position": position, "limit": limit})).all()

    async def _move(self, session: AsyncSession, last: Any) -> None:
        """Acknowledged. If the lease was lost meanwhile, the other one repeats what was sent."""
        await session.execute(
            _MOVE,
            {
                "sink": self.name,
                "holder": self.holder,
                "position": last.position,
                "epoch": last.epoch,
                "seconds": LEASE_SECONDS,
            },
        )


def to_message(row: Any, source: str) -> Message:
    """The event of a log row; `source` is the deployment's prefix."""
    return Message(
        event_id=row.event_id,
        source=f"{source}:{owner_of(row.topic)}",
        type=row.type,
        aggregate_id=row.aggregate_id,
        version=row.version,
        position=row.position,
        epoch=row.epoch,
        time=row.logged_at,
        data=None if row.payload is None else row.payload.encode(),
        traceparent=row.traceparent,
        restated=row.restatement,
    )


async def set_back(session: AsyncSession, sink: str, position: int) -> None:
    """Publish again from behind `position`: after a disaster of the sink. Readers drop what they know."""
    await session.execute(_SET, {"sink": sink, "position": position})
