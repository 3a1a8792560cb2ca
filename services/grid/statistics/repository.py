"""Every statement of the statistics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.policy import Principal
from libs.common.scoping import in_scope
from services.grid.cases.service import Case
from services.grid.catalogue.service import CategoryGroup
from services.grid.lifecycle.domain import CaseState
from services.grid.statistics.domain import month_end
from services.grid.tallies.domain import Stock
from services.grid.tallies.service import Tally, TallyMonth, TallyStock

DISTRICT, TOWNSHIP, NEIGHBOURHOOD = 6, 9, 12
NO_MATTER = (CaseState.REJECTED, CaseState.WITHDRAWN, CaseState.VOIDED, CaseState.MERGED)
"""States of reports that count for no hot spot."""


@dataclass(frozen=True)
class Chosen:
    """What is added up, and by what."""

    area: str | None = None
    category: str | None = None
    channel: str | None = None
    unit_id: UUID | None = None
    level: str | None = None
    by: str | None = None
    group: str | None = None
    attribute: str | None = None


def _digits(area: str | None) -> int:
    """Of the parts of an area: districts of a city, townships of a district, and so on."""
    length = len(area or "")
    return next((digits for digits in (DISTRICT, TOWNSHIP, NEIGHBOURHOOD) if digits > length), NEIGHBOURHOOD)


def _key(table: Any, chosen: Chosen) -> ColumnElement[Any]:
    if chosen.by is None:
        return literal_column("''")
    if chosen.by == "area":
        return func.left(table.area, literal_column(str(_digits(chosen.area))))
    group: ColumnElement[Any] = func.left(table.category, literal_column("2"))
    if chosen.by == "group":
        return group
    if chosen.by == "attribute":
        named = select(CategoryGroup.attribute).where(CategoryGroup.code == group)
        return func.coalesce(named.scalar_subquery(), literal_column("''"))
    column: ColumnElement[Any] = getattr(table, chosen.by)
    return column


def _classes(category: Any, chosen: Chosen) -> Iterator[ColumnElement[bool]]:
    """Narrowed by main class 大类 or attribute 案件属性: a class begins the codes of its categories."""
    group = func.left(category, literal_column("2"))
    if chosen.group is not None:
        yield group == chosen.group
    if chosen.attribute is not None:
        of = select(CategoryGroup.code).where(CategoryGroup.attribute == chosen.attribute)
        yield group.in_(of)


def _conditions(table: Any, chosen: Chosen, viewer: Principal) -> list[ColumnElement[bool]]:
    equal = {
        table.category: chosen.category,
        table.channel: chosen.channel,
        table.unit: chosen.unit_id and str(chosen.unit_id),
        table.level: chosen.level,
    }
    inside = in_scope(viewer, table.area, asked=chosen.area)
    chosen_ones = (column == value for column, value in equal.items() if value is not None)
    return [inside, *chosen_ones, *_classes(table.category, chosen)]


Sums = dict[tuple[str, str], int]
"""How much, by key of the row and what was counted."""


async def happened(
    session: AsyncSession, chosen: Chosen, viewer: Principal, bounds: tuple[datetime, datetime]
) -> Sums:
    """What was counted between these times."""
    since, until = bounds
    return await _sums(session, Tally, chosen, viewer, Tally.half >= since, Tally.half < until)


async def stands(session: AsyncSession, chosen: Chosen, viewer: Principal) -> Sums:
    """What stands now."""
    return await _sums(session, TallyStock, chosen, viewer)


async def changed_since(session: AsyncSession, chosen: Chosen, viewer: Principal, then: datetime) -> Sums:
    """How much what stands has grown from then until now: in the rest of that month, and in whole months."""
    stock, ends = Tally.what.in_([one.value for one in Stock]), month_end(then)
    rest = await _sums(session, Tally, chosen, viewer, Tally.half >= then, Tally.half < ends, stock)
    months = await _sums(session, TallyMonth, chosen, viewer, TallyMonth.month >= ends)
    return {key: rest.get(key, 0) + months.get(key, 0) for key in rest.keys() | months.keys()}


async def _sums(
    session: AsyncSession, table: Any, chosen: Chosen, viewer: Principal, *more: ColumnElement[bool]
) -> Sums:
    key = _key(table, chosen).label("key")
    query = select(key, table.what, func.sum(table.n))
    query = query.where(*_conditions(table, chosen, viewer), *more).group_by("key", table.what)
    return {(row[0], row[1]): int(row[2]) for row in await session.execute(query)}


async def counted_to(session: AsyncSession) -> datetime | None:
    """When the last event was logged that has been counted, UTC."""
    found: datetime | None = await session.scalar(text("SELECT counted_to FROM tally_cursor"))
    return found


async def area_names(session: AsyncSession, codes: Sequence[str]) -> Mapping[str, str]:
    """Names of areas."""
    query = text("SELECT code, name FROM area WHERE code = ANY(CAST(:codes AS text[]))")
    return {row.code: row.name for row in await session.execute(query, {"codes": list(codes)})}


async def hot_spots(
    session: AsyncSession,
    chosen: Chosen,
    viewer: Principal,
    bounds: tuple[datetime, datetime],
    *,
    least: int,
    limit: int,
) -> Sequence[Row[Any]]:
    """Where the same matter was reported most often: the estate, or the neighbourhood if there is none."""
    place = func.left(Case.area, literal_column(str(NEIGHBOURHOOD)))
    count = func.count()
    query = (
        select(place.label("area"), Case.estate_id, Case.category, count, func.max(Case.reported_at))
        .where(
            in_scope(viewer, Case.area, asked=chosen.area),
            Case.reported_at >= bounds[0],
            Case.reported_at < bounds[1],
            Case.state.not_in(NO_MATTER),
            *_classes(Case.category, chosen),
        )
        .group_by("area", Case.estate_id, Case.category)
        .having(count >= least)
        .order_by(count.desc(), "area", Case.category, Case.estate_id)
        .limit(limit)
    )
    if chosen.category is not None:
        query = query.where(Case.category == chosen.category)
    return (await session.execute(query)).all()
