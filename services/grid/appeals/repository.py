"""Every statement of the appeals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.grid.appeals.domain import AppealState
from services.grid.appeals.models import Appeal
from services.grid.cases.service import Case

STANDS = or_(Appeal.round < Case.round, Appeal.overdue_at == Case.overdue_at)
"""The mark has not been taken off meanwhile; that of a round that is over stands for good."""


async def add(session: AsyncSession, appeal: Appeal) -> None:
    """Keep an appeal."""
    session.add(appeal)
    await session.flush()


async def list_of_case(session: AsyncSession, case_id: UUID) -> Sequence[Appeal]:
    """Every appeal of the case, the first one first."""
    query = select(Appeal).where(Appeal.case_id == case_id).order_by(Appeal.asked_at, Appeal.id)
    return (await session.scalars(query)).all()


async def list_asked(
    session: AsyncSession,
    viewer: Principal,
    *,
    asked: str | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Appeal]:
    """What is to be decided in the viewer's area, the longest waiting first."""
    query = (
        select(Appeal)
        .join(Case, Case.id == Appeal.case_id)
        .where(Appeal.state == AppealState.ASKED.value, in_scope(viewer, Appeal.area, asked=asked), STANDS)
        .order_by(Appeal.asked_at, Appeal.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Appeal.asked_at, Appeal.id) > after)
    return (await session.scalars(query)).all()
