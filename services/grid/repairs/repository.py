"""Every statement of the repair orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.grid.cases.service import Case
from services.grid.dispatches.service import Dispatch
from services.grid.lifecycle.domain import CaseState


@dataclass(frozen=True)
class Open:
    """Which open repair orders: inside an area, those whose repairers are late at a moment (UTC)."""

    area: str | None = None
    late_at: datetime | None = None


async def list_open(
    session: AsyncSession, viewer: Principal, wanted: Open, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Dispatch]:
    """Open repair orders in the viewer's area, the earliest arrival deadline first."""
    query = (
        select(Dispatch)
        .where(
            Dispatch.repair.is_not(None),
            Dispatch.ended_at.is_(None),
            in_scope(viewer, Dispatch.area, asked=wanted.area),
        )
        .order_by(Dispatch.arrive_due_at, Dispatch.id)
        .limit(limit)
    )
    if wanted.late_at is not None:
        query = query.join(Case, Case.id == Dispatch.case_id).where(
            Dispatch.arrived_at.is_(None),
            Dispatch.arrive_due_at < wanted.late_at,
            Case.state != CaseState.SUSPENDED,
        )
    if after is not None:
        query = query.where(tuple_(Dispatch.arrive_due_at, Dispatch.id) > after)
    return (await session.scalars(query)).all()
