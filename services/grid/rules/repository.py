"""Every statement of the rules."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.statements import statement
from services.grid.rules.models import Rule


async def get_rule_for_update(session: AsyncSession, key: str) -> Rule | None:
    """The rule with this key, locked."""
    return await session.scalar(select(Rule).where(Rule.key == key).with_for_update())


async def list_rules(session: AsyncSession) -> Sequence[Rule]:
    """All rules by key."""
    return (await session.scalars(select(Rule).order_by(Rule.key))).all()


_ALL = statement("SELECT json_object_agg(key, value ORDER BY key)::text FROM rule")


async def all_as_json(session: AsyncSession) -> str:
    """The values of all rules by key, as one JSON object."""
    return await session.scalar(_ALL) or "{}"


async def list_after(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Rule]:
    """The next rules by id, locked."""
    query = select(Rule).order_by(Rule.id).limit(limit).with_for_update()
    if after is not None:
        query = query.where(Rule.id > after)
    return (await session.scalars(query)).all()


async def add(session: AsyncSession, rule: Rule) -> None:
    """Add a rule, or keep it."""
    session.add(rule)
    await session.flush()
