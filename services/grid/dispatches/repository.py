"""Every statement of the dispatches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
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
    """The dispatch of the case that has not ended; of several at once the lead's."""
    query = select(Dispatch).where(Dispatch.case_id == case_id, Dispatch.ended_at.is_(None), Dispatch.lead)
    return await session.scalar(query)


async def holders(session: AsyncSession, case: Case) -> Sequence[Dispatch]:
    """Who has the case, the lead first: what has not ended, and what the case names though it is returned."""
    theirs: ColumnElement[bool] = Dispatch.ended_at.is_(None)
    if case.handover_id is not None:
        theirs = or_(theirs, Dispatch.handover_id == case.handover_id)
    query = select(Dispatch).where(Dispatch.case_id == case.id, theirs)
    return (await session.scalars(query.order_by(Dispatch.lead.desc(), Dispatch.id))).all()


async def of_handover(session: AsyncSession, handover_id: UUID) -> Dispatch | None:
    """The dispatch by this handover, as long as it has not ended."""
    query = select(Dispatch).where(Dispatch.handover_id == handover_id, Dispatch.ended_at.is_(None))
    return await session.scalar(query)


async def list_of_case(session: AsyncSession, case_id: UUID) -> Sequence[Dispatch]:
    """Every dispatch of the case, the first one first."""
    query = select(Dispatch).where(Dispatch.case_id == case_id).order_by(Dispatch.dispatched_at, Dispatch.id)
    return (await session.scalars(query)).all()


async def last_handover(session: AsyncSession, case_id: UUID) -> UUID | None:
    """The latest handover of the case: a new one names it."""
    query = (
        select(Dispatch.handover_id)
        .where(Dispatch.case_id == case_id, Dispatch.handover_id.is_not(None), Dispatch.lead)
        .order_by(Dispatch.dispatched_at.desc(), Dispatch.id.desc())
        .limit(1)
    )
    return await session.scalar(query)


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


async def list_returns(session: AsyncSession, category: str, area: str, since: datetime) -> Sequence[Any]:
    """Rows (unit_id, number, last_at, reasons) of who returned the category in the area since then."""
    number = func.count().label("number")
    query = (
        select(
            Dispatch.unit_id,
            number,
            func.max(Dispatch.ended_at).label("last_at"),
            func.array_agg(aggregate_order_by(Dispatch.reason, Dispatch.ended_at.desc())).label("reasons"),
        )
        .where(
            Dispatch.category == category,
            Dispatch.unit_id.is_not(None),
            Dispatch.end == DispatchEnd.RETURNED,
            Dispatch.ended_at >= since,
            Dispatch.area.startswith(area),
        )
        .group_by(Dispatch.unit_id)
        .order_by(number.desc(), Dispatch.unit_id)
        .limit(20)
    )
    return (await session.execute(query)).all()


async def list_unsigned(session: AsyncSession, limit: int) -> Sequence[Case]:
    """Cases that unit or mediation did not sign for in time and that are not marked yet, locked."""
    query = (
        select(Case)
        .join(Dispatch, Dispatch.case_id == Case.id)
        .join(OutgoingHandover, OutgoingHandover.id == Dispatch.handover_id)
        .where(
            OutgoingHandover.timed_out_at.is_not(None),
            OutgoingHandover.waiting_for == WaitingFor.SIGN,
            Dispatch.ended_at.is_(None),
            Case.state.in_([CaseState.DISPATCHED, CaseState.HANDLING, CaseState.CONVERTED]),
            Case.unsigned_at.is_(None),
        )
        .limit(limit)
        .with_for_update(of=Case, skip_locked=True)
    )
    return (await session.scalars(query)).unique().all()
