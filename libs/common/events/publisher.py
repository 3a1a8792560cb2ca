"""The publisher 发布器: a cursor over the log that moves only after its sink has acknowledged.

One of several replicas works at a time, by a lease on the cursor's row; two at once would do no harm but
repeat. A cluster that the cursor does not know gets the log from its beginning. Where much waits, the next
batch is read while the sink acknowledges this one.
"""

from __future__ import annotations

import asyncio
import time
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
    WHERE sink = :sink AND holder = :holder AND position = :after
    RETURNING (SELECT position FROM log_head) AS head"""
)

_READ = text(
    """SELECT position, epoch, logged_at, event_id, topic, type, aggregate_id, version, payload,
        traceparent, restatement
    FROM event_log WHERE position > :position ORDER BY position LIMIT :limit"""
)

_SET = text("UPDATE bus_cursor SET position = :position WHERE sink = :sink")


@dataclass(frozen=True)
class Turn:
    """What is published at once: the rows of the log behind `after`."""

    after: int
    rows: Sequence[Any]

    @property
    def last(self) -> Any:
        """The row that the cursor moves to."""
        return self.rows[-1]


NOTHING = Turn(0, ())


class Publisher:
    """Moves one sink's cursor. `source` is the deployment's prefix of the events' source."""

    def __init__(self, database: Database, sink: Sink, *, name: str, source: str) -> None:
        self.database = database
        self.sink = sink
        self.name = name
        self.source = source
        self.holder = uuid4().hex
        self._ahead = NOTHING
        self._ours_until = 0.0
        """Until when (monotonic seconds) the lease is surely ours."""

    async def step(self, *, limit: int = LIMIT) -> int:
        """Publish the next batch; answers how many events. Raises `BusAway`, `DatabaseAway`."""
        turn, self._ahead = self._ahead, NOTHING
        if not turn.rows or time.monotonic() > self._ours_until:
            turn = await self._next(limit)
        if not turn.rows:
            return 0
        messages = [to_message(row, self.source) for row in turn.rows]
        crash.reach("publisher.claimed")
        ahead = await self._send(messages, turn, limit)
        crash.reach("publisher.sent")
        head = await self.database.transact(partial(self._move, turn=turn))
        crash.reach("publisher.moved")
        metrics.PUBLISHED.labels(self.name).inc(len(messages))
        if head is not None:
            metrics.PUBLISHER_LAG.labels(self.name).set(head - turn.last.position)
            self._ahead, self._ours_until = ahead, time.monotonic() + LEASE_SECONDS / 2
        return len(turn.rows)

    async def _next(self, limit: int) -> Turn:
        """What lies behind the cursor, if it is ours to publish."""
        named = {"sink": self.name, "holder": self.holder}
        seen = (await self.database.read(lambda s: s.execute(_LOOK, named))).one()
        metrics.PUBLISHER_LAG.labels(self.name).set(seen.head - seen.position)
        if seen.taken:
            return NOTHING
        await self.sink.open()
        if seen.head <= seen.position and seen.target == self.sink.target:
            return NOTHING
        try:
            return await self.database.transact(partial(self._claim, limit=limit))
        except NotOurs:
            return NOTHING

    async def _send(self, messages: Sequence[Message], turn: Turn, limit: int) -> Turn:
        """Deliver the turn; answers the next one, which was read meanwhile, if there is likely to be one."""
        if len(messages) < limit:
            await self.sink.send(messages)
            return NOTHING
        read = partial(_read, after=turn.last.position, limit=limit)
        sending = self.sink.send(messages)
        # Both end before a failure is told: a batch that is still on its way would mix with its repeat.
        ahead, sent = await asyncio.gather(self.database.read(read), sending, return_exceptions=True)
        if isinstance(sent, BaseException):
            raise sent
        if isinstance(ahead, BaseException):
            raise ahead
        return ahead

    async def close(self) -> None:
        """Let go of the sink; the lease runs out by itself."""
        await self.sink.close()

    async def _claim(self, session: AsyncSession, limit: int) -> Turn:
        """Take the lease and read on from the cursor. Raises `NotOurs`."""
        asked = {"target": self.sink.target, "epoch": 1}
        position = await session.scalar(_LEASE, asked | self._lease())
        if position is None:
            raise NotOurs
        return await _read(session, position, limit)

    async def _move(self, session: AsyncSession, turn: Turn) -> int | None:
        """Acknowledged: move the cursor and keep the lease; answers where the log ends.

        None if the lease was lost or the cursor set elsewhere meanwhile: then what was sent is repeated.
        """
        moved = {"after": turn.after, "position": turn.last.position, "epoch": turn.last.epoch}
        head: int | None = await session.scalar(_MOVE, moved | self._lease())
        return head

    def _lease(self) -> dict[str, Any]:
        return {"sink": self.name, "holder": self.holder, "seconds": LEASE_SECONDS}


async def _read(session: AsyncSession, after: int, limit: int) -> Turn:
    return Turn(after, (await session.execute(_READ, {"position": after, "limit": limit})).all())


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
