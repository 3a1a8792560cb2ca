"""Every statement of the satisfactions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.grid.satisfactions.models import Rating

WAITS = text("satisfaction = 'dissatisfied' AND decision IS NULL")
"""In the words of the index that serves it."""


async def add(session: AsyncSession, rating: Rating) -> None:
    """Keep a rating."""
    session.add(rating)
    await session.flush()


async def list_of_case(session: AsyncSession, case_id: UUID) -> Sequence[Rating]:
    """Every rating of the case, the first one first."""
    query = select(Rating).where(Rating.case_id == case_id).order_by(Rating.rated_at, Rating.id)
    return (await session.scalars(query)).all()


async def list_dissatisfied(
    session: AsyncSession,
    viewer: Principal,
    *,
    asked: str | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Rating]:
    """Who is dissatisfied in the viewer's area and waits for a decision, the longest first."""
    query = (
        select(Rating)
        .where(WAITS, in_scope(viewer, Rating.area, asked=asked))
        .order_by(Rating.rated_at, Rating.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Rating.rated_at, Rating.id) > after)
    return (await session.scalars(query)).all()
