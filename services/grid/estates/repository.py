"""Every statement of the estates' room: the estates' own are those of `places`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.models import History


async def list_history(session: AsyncSession, estate_id: UUID) -> Sequence[History]:
    """Every change of the estate, the first one first."""
    query = select(History).where(History.aggregate_id == estate_id).order_by(History.version)
    return (await session.scalars(query)).all()
