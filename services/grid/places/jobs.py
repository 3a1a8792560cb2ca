"""Timed work of the geography."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from services.grid.places import locating


async def warm_up_places(session: AsyncSession, now: datetime) -> int:
    """Have the index of places in memory soon after the start; changes no row and answers 0."""
    await locating.warm_up(session, on=local_date(now))
    return 0
