"""Every statement on measures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Select, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.search import tsquery_text
from services.tasks.measures.models import KnownTarget, Measure, MeasureLink


class Show(StrEnum):
    """Named shapes of a list (列表范围)."""

    ALL = "all"  # 全部
    UNASSIGNED = "unassigned"  # 未落实单位
    UNDATED = "undated"  # 未定期限


@dataclass(frozen=True)
class MeasureFilter:
    """What a list of measures is narrowed to."""

    show: Show = Show.ALL
    plan: str | None = None
    area: str | None = None
    unit_id: UUID | None = None
    target_id: UUID | None = None
    words: str | None = None


async def get(session: AsyncSession, measure_id: UUID) -> Measure | None:
    """The measure with its links."""
    return await session.get(Measure, measure_id)


async def get_for_update(session: AsyncSession, measure_id: UUID) -> Measure | None:
    """The measure with its links, its row locked."""
    return await session.get(Measure, measure_id, with_for_update=True, populate_existing=True)


async def everything(session: AsyncSession) -> dict[UUID, Measure]:
    """All measures by id, locked: for the loader."""
    found = await session.scalars(select(Measure).order_by(Measure.id).with_for_update())
    return {measure.id: measure for measure in found}


async def after(session: AsyncSession, limit: int, last: UUID | None) -> Sequence[Measure]:
    """The next measures by id, locked: for restating."""
    rows = select(Measure).order_by(Measure.id).limit(limit).with_for_update()
    if last is not None:
        rows = rows.where(Measure.id > last)
    return (await session.scalars(rows)).all()


def _narrowed(narrow: MeasureFilter) -> Select[Measure]:
    rows = select(Measure)
    if narrow.show is Show.UNASSIGNED:
        rows = rows.where(Measure.unit_ids == [])
    if narrow.show is Show.UNDATED:
        rows = rows.where(Measure.due_on.is_(None))
    if narrow.plan:
        rows = rows.where(Measure.plan == narrow.plan)
    if narrow.area:
        rows = rows.where(Measure.area.startswith(narrow.area, autoescape=True))
    if narrow.unit_id:
        rows = rows.where(Measure.unit_ids.contains([narrow.unit_id]))
    if narrow.target_id:
        serving = select(MeasureLink.measure_id).where(MeasureLink.target_id == narrow.target_id)
        rows = rows.where(Measure.id.in_(serving))
    if narrow.words:
        query = text("measure.words @@ CAST(:words AS tsquery)").bindparams(words=tsquery_text(narrow.words))
        rows = rows.where(query)
    return rows


async def list_measures(
    session: AsyncSession, narrow: MeasureFilter, limit: int, last: str | None
) -> Sequence[Measure]:
    """Measures by code, after the code `last`."""
    rows = _narrowed(narrow).order_by(Measure.code).limit(limit)
    if last is not None:
        rows = rows.where(Measure.code > last)
    return (await session.scalars(rows)).all()


async def known_targets(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, KnownTarget]:
    """Those of the targets that have been heard of."""
    found = await session.scalars(select(KnownTarget).where(KnownTarget.id.in_(ids)))
    return {target.id: target for target in found}


async def any_target(session: AsyncSession) -> bool:
    """Whether the targets have arrived."""
    return bool(await session.scalar(select(exists().where(KnownTarget.code.is_not(None)))))


async def count(session: AsyncSession, narrow: MeasureFilter) -> int:
    """How many measures there are."""
    counted = _narrowed(narrow).with_only_columns(func.count(), maintain_column_froms=True)
    return await session.scalar(counted) or 0
