"""Every statement on the statements."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grid.statements.models import Statement


async def add(session: AsyncSession, row: Statement) -> None:
    """Keep a statement."""
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, statement_id: UUID) -> Statement | None:
    """The statement."""
    return await session.get(Statement, statement_id)


async def get_for_update(session: AsyncSession, statement_id: UUID) -> Statement | None:
    """The statement, its row locked."""
    return await session.get(Statement, statement_id, with_for_update=True, populate_existing=True)


async def list_of_case(session: AsyncSession, case_id: UUID) -> Sequence[Statement]:
    """Every statement about the case, the first one first."""
    query = select(Statement).where(Statement.case_id == case_id).order_by(Statement.said_at, Statement.id)
    return (await session.scalars(query)).all()


async def list_after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[Statement]:
    """The next statements by id, locked: for restating."""
    query = select(Statement).order_by(Statement.id).limit(limit).with_for_update()
    return (await session.scalars(query if last is None else query.where(Statement.id > last))).all()
