"""Every statement of problem lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.cases.service import Case


async def known(session: AsyncSession, channel: str, numbers: Sequence[str]) -> Mapping[str, Case]:
    """The cases that have come through the channel under these numbers."""
    wanted = select(Case).where(Case.channel == channel, Case.source_number.in_(numbers))
    return {row.source_number: row for row in await session.scalars(wanted) if row.source_number is not None}
