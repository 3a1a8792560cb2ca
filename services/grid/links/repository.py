"""Every statement of the links."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.links.models import CaseLink


async def add(session: AsyncSession, link: CaseLink) -> None:
    """Keep a link."""
    session.add(link)
    await session.flush()


async def get(session: AsyncSession, digest: bytes, now: datetime) -> CaseLink | None:
    """The link of the token with this digest, if it still counts."""
    return await session.scalar(select(CaseLink).where(CaseLink.digest == digest, CaseLink.expires_at > now))


async def forget(session: AsyncSession, now: datetime, limit: int) -> int:
    """Delete links that have expired. Answers how many."""
    old = select(CaseLink.digest).where(CaseLink.expires_at <= now).limit(limit)
    gone = await session.execute(delete(CaseLink).where(CaseLink.digest.in_(old)).returning(CaseLink.digest))
    return len(gone.all())
