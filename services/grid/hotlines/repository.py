"""Every statement of the hotlines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import hold
from libs.common.events.feed import FeedCursor
from libs.common.events.models import History
from services.grid.hotlines.models import HotlineCursor


async def lock_number(session: AsyncSession, channel: str, number: str) -> None:
    """Whoever enters the same number at the same moment waits, until this transaction has ended."""
    await hold(session, f"hotline-order {channel} {number}")


async def list_steps(session: AsyncSession, keys: Iterable[tuple[UUID, int]]) -> Sequence[History]:
    """The steps with these ids and versions."""
    wanted = list(keys)
    if not wanted:
        return []
    query = select(History).where(tuple_(History.aggregate_id, History.version).in_(wanted))
    return (await session.scalars(query)).all()


async def get_cursor(session: AsyncSession, channel: str) -> HotlineCursor | None:
    """How far the hotline has acknowledged."""
    return await session.get(HotlineCursor, channel)


async def list_cursors(session: AsyncSession) -> Sequence[HotlineCursor]:
    """The same of every hotline that ever did."""
    return (await session.scalars(select(HotlineCursor).order_by(HotlineCursor.channel))).all()


async def move_cursor(session: AsyncSession, channel: str, upto: FeedCursor, by: str, now: datetime) -> None:
    """Acknowledged up to there; never back."""
    values = {
        "epoch": upto.epoch, "position": upto.position, "acknowledged_at": now, "acknowledged_by": by,
    }  # fmt: skip
    ahead = tuple_(HotlineCursor.epoch, HotlineCursor.position) <= (upto.epoch, upto.position)
    await session.execute(
        insert(HotlineCursor)
        .values(channel=channel, **values)
        .on_conflict_do_update(index_elements=[HotlineCursor.channel], set_=values, where=ahead)
    )
