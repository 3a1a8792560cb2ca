"""A feed 事件流: what an outside reader has not read yet of one topic, by position in the log.

The log is gapless and its head is read first, so that a cursor can miss nothing, however late a transaction
commits. After a restore a reader of a former life goes back to the position restored to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, order=True)
class FeedCursor:
    """How far somebody has read, in which life of the log."""

    epoch: int = 0
    position: int = 0


@dataclass(frozen=True)
class Fact:
    """An event of the topic. `logged_at`: UTC."""

    position: int
    type: str
    aggregate_id: UUID
    version: int
    logged_at: datetime
    restatement: bool

    @property
    def verb(self) -> str:
        """What happened, as in the event's type."""
        return self.type.split(".")[-2]


_HEAD = text(
    """SELECT epoch, position, least(CAST(:position AS bigint), (
        SELECT min(restored_to) FROM log_epoch WHERE epoch > :epoch)) AS start
    FROM log_head"""
)
_END = text("SELECT epoch, position FROM log_head")
_READ = text(
    """SELECT position, type, aggregate_id, version, logged_at, restatement
    FROM event_log WHERE topic = :topic AND position > :start AND position <= :head
    ORDER BY position LIMIT :limit"""
)


async def end_of_log(session: AsyncSession) -> FeedCursor:
    """Where the log ends now. What commits later is logged behind it."""
    return FeedCursor(**(await session.execute(_END)).one()._mapping)


async def read_on(
    session: AsyncSession, topic: str, after: FeedCursor, limit: int
) -> tuple[list[Fact], FeedCursor]:
    """At most so many events of the topic behind the cursor, and the cursor behind them."""
    head = (await session.execute(_HEAD, vars(after))).one()
    asked = {"topic": topic, "start": head.start, "head": head.position, "limit": limit}
    facts = [Fact(**row._mapping) for row in await session.execute(_READ, asked)]
    read = facts[-1].position if len(facts) == limit else head.position
    return facts, FeedCursor(head.epoch, read)
