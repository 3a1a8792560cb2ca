"""Every statement on the calendar's years."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import hold
from services.tasks.calendars.models import CalendarYear


async def lock_year(session: AsyncSession, year: int) -> CalendarYear | None:
    """The year, locked; where there is none yet, nobody else can enter it until the transaction ends."""
    await hold(session, f"calendar:{year}")
    return await session.scalar(select(CalendarYear).where(CalendarYear.year == year).with_for_update())


async def list_years(session: AsyncSession) -> Sequence[CalendarYear]:
    """Every year that has been entered."""
    return (await session.scalars(select(CalendarYear).order_by(CalendarYear.year))).all()


async def list_after(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[CalendarYear]:
    """The next years by id, locked: for restating."""
    query = select(CalendarYear).order_by(CalendarYear.id).limit(limit).with_for_update()
    if after is not None:
        query = query.where(CalendarYear.id > after)
    return (await session.scalars(query)).all()
