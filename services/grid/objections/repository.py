"""Every statement of the objections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.grid.objections.domain import ObjectionState
from services.grid.objections.models import Objection


async def add(session: AsyncSession, row: Objection) -> None:
    """Keep an objection."""
    session.add(row)
    await session.flush()


async def get(session: AsyncSession, objection_id: UUID) -> Objection | None:
    """The objection."""
    return await session.get(Objection, objection_id)


async def get_for_update(session: AsyncSession, objection_id: UUID) -> Objection | None:
    """The objection, its row locked."""
    return await session.get(Objection, objection_id, with_for_update=True, populate_existing=True)


async def list_of_case(session: AsyncSession, case_id: UUID) -> Sequence[Objection]:
    """Every objection to the case, the first one first."""
    query = select(Objection).where(Objection.case_id == case_id).order_by(Objection.asked_at, Objection.id)
    return (await session.scalars(query)).all()


async def list_asked(
    session: AsyncSession,
    viewer: Principal,
    *,
    asked: str | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Objection]:
    """What is to be decided in the viewer's area, the earliest limit first."""
    query = (
        select(Objection)
        .where(Objection.state == ObjectionState.ASKED.value, in_scope(viewer, Objection.area, asked=asked))
        .order_by(Objection.due_at, Objection.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Objection.due_at, Objection.id) > after)
    return (await session.scalars(query)).all()


async def list_after(session: AsyncSession, last: UUID | None, limit: int) -> Sequence[Objection]:
    """The next objections by id, locked: for restating."""
    query = select(Objection).order_by(Objection.id).limit(limit).with_for_update()
    return (await session.scalars(query if last is None else query.where(Objection.id > last))).all()
