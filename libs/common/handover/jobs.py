"""Timed sweeps of the handover: waits that ran out are marked, objects of the other side are copied."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.handover import repository
from libs.common.handover.models import IncomingHandover, OutgoingHandover
from libs.common.service import Job

BATCH = 500
MEDIA_BATCH = 20
RETRY = timedelta(minutes=2)


async def mark_timed_out_handovers(session: AsyncSession, now: datetime) -> int:
    """Mark waits that ran out on both sides, so that they show on the dispatcher's and the clerk's lists.

    A mark ends nothing: later steps still apply and lift it.
    """
    outgoing = await repository.mark_timed_out(session, OutgoingHandover, now, BATCH)
    return outgoing + await repository.mark_timed_out(session, IncomingHandover, now, BATCH)


JOBS = (Job("mark_timed_out_handovers", timedelta(seconds=30), mark_timed_out_handovers),)


@dataclass(frozen=True)
class WantedObject:
    """An object of the other side's prefix that belongs to a handover."""

    handover_id: UUID
    hash: str
    source: str


CopyObjects = Callable[[Iterable[WantedObject]], Awaitable[Iterable[WantedObject]]]
"""Copies objects under the own prefix and answers those that are there now. May call outside."""


async def copy_handover_media(database: Database, copy: CopyObjects, now: datetime) -> int:
    """Copy one batch of objects; answers how many are done. No transaction is open while `copy` runs.

    Copying is idempotent: objects are named by their hash. What was not copied is tried again later.
    """

    async def claim(session: AsyncSession) -> list[WantedObject]:
        rows = await repository.claim_media(session, now=now, until=now + RETRY, limit=MEDIA_BATCH)
        return [WantedObject(row.handover_id, row.hash, row.source) for row in rows]

    wanted = await database.transact(claim)
    if not wanted:
        return 0
    copied = [(each.handover_id, each.hash) for each in await copy(wanted)]
    return await database.transact(lambda session: repository.settle_media(session, copied, now))
