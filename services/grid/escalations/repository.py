"""Every statement of the escalations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, tuple_
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
    wanted = select(Escalation).where(Escalation.to_level == level)
    query = _latest(wanted, in_scope(viewer, Escalation.area, asked=asked), after, limit)
    return (await session.scalars(query)).all()


async def list_to_node(
    session: AsyncSession, viewer: Principal, node_id: UUID, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Escalation]:
    """What came up to the node in the viewer's area, the latest first."""
    wanted = select(Escalation).where(Escalation.to_node == node_id)
    query = _latest(wanted, in_scope(viewer, Escalation.area), after, limit)
    return (await session.scalars(query)).all()


def _latest(
    wanted: Select[Escalation], scope: ColumnElement[bool], after: tuple[Any, ...] | None, limit: int
) -> Select[Escalation]:
    query = wanted.where(scope).order_by(Escalation.at.desc(), Escalation.id.desc()).limit(limit)
    return query if after is None else query.where(tuple_(Escalation.at, Escalation.id) < after)
