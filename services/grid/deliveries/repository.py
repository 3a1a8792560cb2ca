"""Every statement of the deliveries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.notices.domain import NoticeState
from services.grid.notices.service import Notice, NoticeContact


async def list_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[Notice]:
    """What is due to go out, locked; what another worker holds is left to it."""
    query = (
        select(Notice)
        .where(Notice.state == NoticeState.QUEUED, Notice.due_at <= now)
        .order_by(Notice.due_at, Notice.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def list_gathered(session: AsyncSession, people: Iterable[tuple[str, str]]) -> Sequence[Notice]:
    """All that waits to be put together for these people and channels, and is in no message yet, locked."""
    query = (
        select(Notice)
        .where(
            tuple_(Notice.recipient, Notice.channel).in_(list(people)),
            Notice.state == NoticeState.QUEUED,
            Notice.gathered,
            Notice.message_id.is_(None),
        )
        .order_by(Notice.created_at, Notice.id)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def list_of_messages(session: AsyncSession, messages: Collection[UUID]) -> Sequence[Notice]:
    """What still waits of these messages, locked."""
    query = (
        select(Notice)
        .where(Notice.message_id.in_(messages), Notice.state == NoticeState.QUEUED)
        .order_by(Notice.created_at, Notice.id)
        .with_for_update()
    )
    return (await session.scalars(query)).all()


async def contacts(session: AsyncSession, people: Collection[str]) -> dict[str, NoticeContact]:
    """Where these people want to be told."""
    query = select(NoticeContact).where(NoticeContact.person.in_(people))
    return {row.person: row for row in await session.scalars(query)} if people else {}
