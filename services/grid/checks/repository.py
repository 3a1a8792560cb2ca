"""Every statement of the checks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.checks.models import Check


async def add(session: AsyncSession, check: Check) -> None:
    """Keep a check."""
    session.add(check)
    await session.flush()


async def add_all(session: AsyncSession, checks: Iterable[Check]) -> None:
    """Keep checks."""
    session.add_all(checks)
    await session.flush()


async def list_current(session: AsyncSession, case_ids: Collection[UUID]) -> Sequence[Check]:
    """The checks of the cases that are not done."""
    query = select(Check).where(Check.case_id.in_(case_ids), Check.done_at.is_(None))
    return (await session.scalars(query)).all() if case_ids else ()


async def current(session: AsyncSession, case_id: UUID) -> Check | None:
    """The check of the case that is not done."""
    return await session.scalar(select(Check).where(Check.case_id == case_id, Check.done_at.is_(None)))


async def list_of_case(session: AsyncSession, case_id: UUID) -> Sequence[Check]:
    """Every check of the case, the first one first."""
    query = select(Check).where(Check.case_id == case_id).order_by(Check.assigned_at, Check.id)
    return (await session.scalars(query)).all()


async def list_open(
    session: AsyncSession, inspector: str, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Check]:
    """What the inspector has to verify and check, the earliest deadline first."""
    query = (
        select(Check)
        .where(Check.inspector == inspector, Check.done_at.is_(None))
        .order_by(Check.due_at, Check.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Check.due_at, Check.id) > after)
    return (await session.scalars(query)).all()
