"""Every statement of the joint studies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.grid.cases.service import Case
from services.grid.lifecycle.domain import CaseState
from services.grid.studies.models import Study


async def add(session: AsyncSession, study: Study) -> None:
    """Keep a study."""
    session.add(study)
    await session.flush()


async def of_return(session: AsyncSession, case: Case) -> Study | None:
    """The study on the case's latest return."""
    query = select(Study).where(
        Study.case_id == case.id, Study.round == case.round, Study.return_count == case.return_count
    )
    return await session.scalar(query)


async def list_of_case(session: AsyncSession, case_id: UUID) -> Sequence[Study]:
    """Every study on the case, the first one first."""
    query = select(Study).where(Study.case_id == case_id).order_by(Study.opened_at, Study.id)
    return (await session.scalars(query)).all()


async def list_open(
    session: AsyncSession,
    viewer: Principal,
    *,
    asked: str | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Study]:
    """What waits for a decision in the viewer's area, the earliest limit first; not what moved on."""
    query = (
        select(Study)
        .join(Case, Case.id == Study.case_id)
        .where(
            Study.decided_at.is_(None),
            Case.state == CaseState.RETURNED,
            Case.round == Study.round,
            Case.return_count == Study.return_count,
            in_scope(viewer, Case.area, asked=asked),
        )
        .order_by(Study.due_at, Study.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Study.due_at, Study.id) > after)
    return (await session.scalars(query)).all()
