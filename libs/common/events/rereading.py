"""Reading topics again from their beginning 重读: how a projection that was emptied is rebuilt."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.models import ConsumerOffset, VersionGate


async def forget(session: AsyncSession, consumer: str, topics: Collection[str]) -> int:
    """Forget how far the consumer has read the topics, and every version that it has seen there.

    For topics of full state only: what comes again is a baseline there, elsewhere it would be done twice.
    The consumer goes on at the beginning when it starts next. Answers how many keys were forgotten.
    """
    named = list(topics)
    await session.execute(
        delete(ConsumerOffset).where(ConsumerOffset.consumer == consumer, ConsumerOffset.topic.in_(named))
    )
    gone = await session.execute(
        delete(VersionGate)
        .where(VersionGate.consumer == consumer, VersionGate.topic.in_(named))
        .returning(VersionGate.aggregate_id)
    )
    return len(gone.all())
