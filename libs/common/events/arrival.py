"""Whether reference data has arrived 送达: every key of a topic of full state is known to its reader.

Asked after reference data was loaded, before people are told that the platform is ready. It counts whole
topics, so it is no question for a running system.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_PUBLISHED = text(
    """SELECT topic, count(DISTINCT aggregate_id) AS n FROM (
        SELECT topic, aggregate_id FROM event_log WHERE topic = ANY(:topics)
        UNION ALL SELECT topic, aggregate_id FROM outbox WHERE topic = ANY(:topics)
    ) facts GROUP BY topic"""
)

_KNOWN = text(
    """SELECT topic, count(*) AS n FROM version_gate WHERE consumer = :consumer AND topic = ANY(:topics)
    GROUP BY topic"""
)


async def published(session: AsyncSession, topics: Collection[str]) -> dict[str, int]:
    """How many keys the producer has told of, by topic, sequenced or not."""
    rows = await session.execute(_PUBLISHED, {"topics": list(topics)})
    return {row.topic: row.n for row in rows}


async def known(session: AsyncSession, consumer: str, topics: Collection[str]) -> dict[str, int]:
    """How many keys the consumer has heard of, by topic."""
    rows = await session.execute(_KNOWN, {"consumer": consumer, "topics": list(topics)})
    return {row.topic: row.n for row in rows}
