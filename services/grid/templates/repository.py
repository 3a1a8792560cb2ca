"""Every statement of the templates."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.models import History
from services.grid.templates.models import Template


async def add(session: AsyncSession, template: Template) -> None:
    """Keep a template."""
    session.add(template)
    await session.flush()


async def get(session: AsyncSession, template_id: UUID) -> Template | None:
    """The template."""
    return await session.get(Template, template_id)


async def get_for_update(session: AsyncSession, template_id: UUID) -> Template | None:
    """The template, its row locked."""
    return await session.get(Template, template_id, with_for_update=True, populate_existing=True)


async def list_all(session: AsyncSession) -> Sequence[Template]:
    """Every template: a closed list of a few dozen."""
    query = select(Template).order_by(Template.occasion, Template.audience, Template.channel)
    return (await session.scalars(query)).all()


async def list_enabled(session: AsyncSession) -> Sequence[Template]:
    """Those that are switched on."""
    query = select(Template).where(Template.enabled).order_by(Template.channel)
    return (await session.scalars(query)).all()


async def list_history(session: AsyncSession, template_id: UUID) -> Sequence[History]:
    """Every change of the template, the first one first."""
    query = select(History).where(History.aggregate_id == template_id).order_by(History.version)
    return (await session.scalars(query)).all()


async def list_after(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Template]:
    """The next templates by id, locked: for restating."""
    query = select(Template).order_by(Template.id).limit(limit).with_for_update()
    return (await session.scalars(query if after is None else query.where(Template.id > after))).all()
