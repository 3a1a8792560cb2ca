"""Every statement of the dispatches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.handover.domain import WaitingFor
from libs.common.handover.models import OutgoingHandover
from services.grid.cases.service import Case
from services.grid.dispatches.domain import DispatchEnd
from services.grid.dispatches.models import Dispatch
from services.grid.lifecycle.domain import CaseState


async def add(session: AsyncSession, dispatch: Dispatch) -> None:
    """Keep a dispatch."""
    session.add(dispatch)
    await session.flush()


async def current(session: AsyncSession, case_id: UUID) -> Dispatch | None:
    """The dispatch of the case that has not ended."""
    query = select(Dispatch).where(Dispatch.case_id == case_id, Dispatch.ended_at.is_(None))
    return await session.scalar(query)


async def list_of_case(session: AsyncSession, case_id: UUID) -> Sequence[Dispatch]:
    """Every dispatch of the case, the first one first."""
    query = select(Dispatch).where(Dispatch.case_id == case_id).order_by(Dispatch.dispatched_at, Dispatch.id)
    return (await session.scalars(query)).all()


async def last_handover(session: AsyncSession, case_id: UUID) -> UUID | None:
    """The latest handover of the case: a new one names it."""
    query = (
        select(Dispatch.handover_id)
        .where(Dispatch.case_id == case_id, Dispatch.handover_id.is_not(None))
        .order_by(Dispatch.dispatched_at.desc(), Dispatch.id.desc())
        .limit(1)
    )
    return await session.scalar(query)


async def withheld_from(session: AsyncSession, case_id: UUID, unit_id: UUID) -> bool:
    """Whether a handover of the case has left the reporter out for this unit."""
    handed = exists().where(
        OutgoingHandover.subject_id == case_id,
        OutgoingHandover.unit_id == unit_id,
        OutgoingHandover.reporter_withheld,
    )
    return bool(await session.scalar(select(handed)))


async def count_returns(
    session: AsyncSession, category: str, unit_ids: Iterable[UUID], since: datetime
) -> dict[UUID, int]:
    """How often each unit returned cases of the category since then."""
    query = (
        select(Dispatch.unit_id, func.count())
        .where(
            Dispatch.category == category,
            Dispatch.unit_id.in_(list(unit_ids)),
            Dispatch.end == DispatchEnd.RETURNED,
            Dispatch.ended_at >= since,
        )
        .group_by(Dispatch.unit_id)
    )
    return {unit_id: number for unit_id, number in await session.execute(query) if unit_id is not None}


async def list_unsigned(session: AsyncSession, limit: int) -> Sequence[Case]:
    """Cases that unit or mediation did not sign for in time and that are not marked yet, locked."""
    query = (
        select(Case)
        .join(OutgoingHandover, OutgoingHandover.id == Case.handover_id)
        .where(
            OutgoingHandover.timed_out_at.is_not(None),
            OutgoingHandover.waiting_for == WaitingFor.SIGN,
            Case.state.in_([CaseState.DISPATCHED, CaseState.CONVERTED]),
            Case.unsigned_at.is_(None),
        )
        .limit(limit)
        .with_for_update(of=Case, skip_locked=True)
    )
    return (await session.scalars(query)).all()
