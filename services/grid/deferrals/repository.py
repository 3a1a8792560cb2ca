"""Every statement of the deferrals."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.deferrals.domain import DeferralState
from services.grid.deferrals.models import Deferral

UNDECIDED = (DeferralState.REQUESTED, DeferralState.APPROVED)


async def add(session: AsyncSession, deferral: Deferral) -> None:
    """Keep a request."""
    session.add(deferral)
    await session.flush()


async def undecided(session: AsyncSession, case_id: UUID) -> Sequence[Deferral]:
    """The requests of the case that nobody has decided, the last one last."""
    query = (
        select(Deferral)
        .where(Deferral.case_id == case_id, Deferral.state.in_(UNDECIDED))
        .order_by(Deferral.asked_at, Deferral.id)
    )
    return (await session.scalars(query)).all()


async def list_of_case(session: AsyncSession, case_id: UUID) -> Sequence[Deferral]:
    """Every request of the case, the first one first."""
    query = select(Deferral).where(Deferral.case_id == case_id).order_by(Deferral.asked_at, Deferral.id)
    return (await session.scalars(query)).all()
