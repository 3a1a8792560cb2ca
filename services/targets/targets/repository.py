"""Every statement on targets and their values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.models import History
from libs.common.search import tsquery_text
from services.targets.targets.models import Target, TargetValue


@dataclass(frozen=True)
class TargetFilter:
    """What a list of targets is narrowed to; `area` is a prefix of the code, `words` search the titles."""

    plan_id: UUID | None = None
    area: str | None = None
    kind: str | None = None
    theme: str | None = None
    words: str | None = None
    ids: Collection[UUID] | None = None
    """Only these, where another room has chosen them."""


async def get(session: AsyncSession, target_id: UUID) -> Target | None:
    """The target."""
    return await session.get(Target, target_id)


async def lock(session: AsyncSession, target_id: UUID) -> Target | None:
    """The target, its row locked."""
    return await session.get(Target, target_id, with_for_update=True, populate_existing=True)


async def get_many(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Target]:
    """Those of the targets that exist."""
    return (await session.scalars(select(Target).where(Target.id.in_(list(ids))))).all()


async def code_taken(session: AsyncSession, code: str) -> bool:
    """Whether a target has the code."""
    return await session.scalar(select(Target.id).where(Target.code == code)) is not None


async def everything(session: AsyncSession) -> dict[UUID, Target]:
    """All targets by id, locked: for the loader."""
    found = await session.scalars(select(Target).order_by(Target.id).with_for_update())
    return {target.id: target for target in found}


async def after(session: AsyncSession, limit: int, last: UUID | None) -> Sequence[Target]:
    """The next targets by id, locked: for restating."""
    rows = select(Target).order_by(Target.id).limit(limit).with_for_update()
    if last is not None:
        rows = rows.where(Target.id > last)
    return (await session.scalars(rows)).all()


async def of_plans(session: AsyncSession, plan_ids: Collection[UUID]) -> Sequence[Target]:
    """The targets of the plans, by code."""
    rows = select(Target).where(Target.plan_id.in_(list(plan_ids))).order_by(Target.code)
    return (await session.scalars(rows)).all()


async def children(session: AsyncSession, parent_ids: Collection[UUID]) -> Sequence[Target]:
    """The targets directly below any of these, by code."""
    rows = select(Target).where(Target.parent_id.in_(list(parent_ids))).order_by(Target.code)
    return (await session.scalars(rows)).all()


async def outliving(session: AsyncSession) -> Sequence[Target]:
    """The targets that end after their plan, by code."""
    return (await session.scalars(select(Target).where(Target.outlives).order_by(Target.code))).all()


def _narrowed(narrow: TargetFilter, hidden: Collection[UUID]) -> Select[Target]:
    rows = select(Target)
    if hidden:
        rows = rows.where(Target.plan_id.not_in(list(hidden)))
    if narrow.plan_id:
        rows = rows.where(Target.plan_id == narrow.plan_id)
    if narrow.area:
        rows = rows.where(Target.area.startswith(narrow.area, autoescape=True))
    if narrow.kind:
        rows = rows.where(Target.kind == narrow.kind)
    if narrow.theme:
        rows = rows.where(Target.theme == narrow.theme)
    if narrow.ids is not None:
        rows = rows.where(Target.id.in_(list(narrow.ids)))
    if narrow.words:
        query = text("target.words @@ CAST(:words AS tsquery)").bindparams(words=tsquery_text(narrow.words))
        rows = rows.where(query)
    return rows


async def list_targets(
    session: AsyncSession, narrow: TargetFilter, hidden: Collection[UUID], limit: int, last: str | None
) -> Sequence[Target]:
    """Targets by code, after the code `last`, without those of the hidden plans."""
    rows = _narrowed(narrow, hidden).order_by(Target.code).limit(limit)
    if last is not None:
        rows = rows.where(Target.code > last)
    return (await session.scalars(rows)).all()


async def count_targets(session: AsyncSession, narrow: TargetFilter, hidden: Collection[UUID]) -> int:
    """How many targets there are."""
    counted = _narrowed(narrow, hidden).with_only_columns(func.count(), maintain_column_froms=True)
    return await session.scalar(counted) or 0


async def values_of(session: AsyncSession, target_ids: Collection[UUID]) -> Sequence[TargetValue]:
    """Every value that the targets have or had, oldest first."""
    rows = select(TargetValue).where(TargetValue.target_id.in_(list(target_ids)))
    order = rows.order_by(TargetValue.target_id, TargetValue.target_version)
    return (await session.scalars(order)).all()


async def history(session: AsyncSession, target_id: UUID) -> Sequence[History]:
    """The target's steps, oldest first."""
    rows = select(History).where(History.aggregate_id == target_id, History.aggregate_type == "target")
    return (await session.scalars(rows.order_by(History.version))).all()
