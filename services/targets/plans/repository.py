"""Every statement on plans."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.models import History
from libs.common.search import tsquery_text
from services.targets.plans.models import Plan


@dataclass(frozen=True)
class PlanFilter:
    """What a list of plans is narrowed to; `area` is a prefix of the code."""

    state: str | None = None
    area: str | None = None
    level: str | None = None
    words: str | None = None
    demonstration: bool | None = None


async def get(session: AsyncSession, plan_id: UUID) -> Plan | None:
    """The plan."""
    return await session.get(Plan, plan_id)


async def lock(session: AsyncSession, plan_id: UUID) -> Plan | None:
    """The plan, its row locked."""
    return await session.get(Plan, plan_id, with_for_update=True, populate_existing=True)


async def get_many(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Plan]:
    """Those of the plans that exist."""
    return (await session.scalars(select(Plan).where(Plan.id.in_(list(ids))))).all()


async def code_taken(session: AsyncSession, code: str) -> bool:
    """Whether a plan has the code."""
    return await session.scalar(select(Plan.id).where(Plan.code == code)) is not None


async def everything(session: AsyncSession) -> dict[UUID, Plan]:
    """All plans by id, locked: for the loader."""
    found = await session.scalars(select(Plan).order_by(Plan.id).with_for_update())
    return {plan.id: plan for plan in found}


async def after(session: AsyncSession, limit: int, last: UUID | None) -> Sequence[Plan]:
    """The next plans by id, locked: for restating."""
    rows = select(Plan).order_by(Plan.id).limit(limit).with_for_update()
    if last is not None:
        rows = rows.where(Plan.id > last)
    return (await session.scalars(rows)).all()


def _narrowed(narrow: PlanFilter, hidden: Collection[UUID]) -> Select[Plan]:
    rows = select(Plan)
    if hidden:
        rows = rows.where(Plan.id.not_in(list(hidden)))
    if narrow.state:
        rows = rows.where(Plan.state == narrow.state)
    if narrow.area:
        rows = rows.where(Plan.area.startswith(narrow.area, autoescape=True))
    if narrow.level:
        rows = rows.where(Plan.level == narrow.level)
    if narrow.demonstration is not None:
        rows = rows.where(Plan.demonstration == narrow.demonstration)
    if narrow.words:
        query = text("plan.words @@ CAST(:words AS tsquery)").bindparams(words=tsquery_text(narrow.words))
        rows = rows.where(query)
    return rows


async def list_plans(
    session: AsyncSession, narrow: PlanFilter, hidden: Collection[UUID], limit: int, last: str | None
) -> Sequence[Plan]:
    """Plans by code, after the code `last`, without the hidden ones."""
    rows = _narrowed(narrow, hidden).order_by(Plan.code).limit(limit)
    if last is not None:
        rows = rows.where(Plan.code > last)
    return (await session.scalars(rows)).all()


async def count_plans(session: AsyncSession, narrow: PlanFilter, hidden: Collection[UUID]) -> int:
    """How many plans there are."""
    counted = _narrowed(narrow, hidden).with_only_columns(func.count(), maintain_column_froms=True)
    return await session.scalar(counted) or 0


async def in_state(session: AsyncSession, state: str) -> Sequence[Plan]:
    """The plans in the state."""
    return (await session.scalars(select(Plan).where(Plan.state == state).order_by(Plan.code))).all()


async def history(session: AsyncSession, plan_id: UUID) -> Sequence[History]:
    """The plan's steps, oldest first."""
    rows = select(History).where(History.aggregate_id == plan_id, History.aggregate_type == "plan")
    return (await session.scalars(rows.order_by(History.version))).all()
