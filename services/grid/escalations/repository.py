"""Every statement of the escalations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.grid.escalations.models import Escalation


async def add(session: AsyncSession, rows: Iterable[Escalation]) -> None:
    """Keep escalations."""
    session.add_all(rows)
    await session.flush()


async def list_of_case(session: AsyncSession, case_id: UUID) -> Sequence[Escalation]:
    """Every escalation of the case, the first one first."""
    query = select(Escalation).where(Escalation.case_id == case_id).order_by(Escalation.at, Escalation.id)
    return (await session.scalars(query)).all()


async def list_to(
    session: AsyncSession,
    viewer: Principal,
    level: str,
    *,
    asked: str | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Escalation]:
    """What came up to the level in the viewer's area, the latest first."""
    query = (
        select(Escalation)
        .where(Escalation.to_level == level, in_scope(viewer, Escalation.area, asked=asked))
        .order_by(Escalation.at.desc(), Escalation.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Escalation.at, Escalation.id) < after)
    return (await session.scalars(query)).all()
