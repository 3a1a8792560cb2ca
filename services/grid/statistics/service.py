"""Use cases of the statistics: add up, compare, find hot spots. Nothing here commits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.policy import Principal
from services.grid.catalogue import service as catalogue
from services.grid.routing import service as routing
from services.grid.rules import service as rules
from services.grid.rules.domain import Named
from services.grid.statistics import repository
from services.grid.statistics.domain import INDICATORS, Period, Rate
from services.grid.statistics.repository import Chosen as Chosen
from services.grid.statistics.repository import Sums
from services.grid.tallies.domain import Measure, Stock

MOST_SPOTS = 100
_STOCKS = frozenset(stock.value for stock in Stock)


@dataclass(frozen=True)
class Line:
    """One row (统计行): what was counted in the period, what stood at its end, and the rates."""

    key: str
    name: str | None
    counts: Mapping[str, int]
    stands: Mapping[str, int]
    last_year: Line | None = None

    @property
    def rates(self) -> dict[str, Rate]:
        """By code of the indicator."""
        return {one.code: one.of({**self.counts, **self.stands}) for one in INDICATORS}


@dataclass(frozen=True)
class Told:
    """The statistics of a period (统计结果). Times in UTC; `counted_to`: the last event that is in it."""

    period: Period
    begins: datetime
    ends: datetime
    counted_to: datetime | None
    lines: list[Line] = field(default_factory=list)


async def add_up(
    session: AsyncSession, chosen: Chosen, period: Period, viewer: Principal, *, last_year: bool = False
) -> Told:
    """What was done in the period, a line for each part, with the same of last year beside it if asked for.

    Inside the viewer's areas; an area that they do not see has nothing. Raises `PeriodInvalid`.
    """
    begins, ends = period.checked().bounds
    sums = await _figures(session, chosen, period, viewer)
    former = await _figures(session, chosen, period.a_year_before(), viewer) if last_year else {}
    keys = sorted({key for key, _ in (*sums, *former)}) if chosen.by else [""]
    names = await _names(session, chosen.by, keys)
    lines = [
        _line(key, names.get(key), sums, _line(key, names.get(key), former) if last_year else None)
        for key in keys
    ]
    return Told(period, begins, ends, await repository.counted_to(session), lines)


async def _figures(session: AsyncSession, chosen: Chosen, period: Period, viewer: Principal) -> Sums:
    """What happened in the period, and what stood at its end."""
    bounds = period.bounds
    sums = await repository.happened(session, chosen, viewer, bounds)
    figures = {key: n for key, n in sums.items() if key[1] not in _STOCKS}
    since = await repository.changed_since(session, chosen, viewer, bounds[1])
    for key, now in (await repository.stands(session, chosen, viewer)).items():
        figures[key] = now - since.get(key, 0)
    return {key: n for key, n in figures.items() if n}


def _line(key: str, name: str | None, sums: Sums, last_year: Line | None = None) -> Line:
    counts = {measure.value: sums.get((key, measure.value), 0) for measure in Measure}
    stands = {stock.value: sums.get((key, stock.value), 0) for stock in Stock}
    return Line(key, name, counts, stands, last_year)


async def _names(session: AsyncSession, by: str | None, keys: Collection[str]) -> Mapping[str, str]:
    """The Chinese names of the lines."""
    known = [key for key in keys if key]
    if by == "area":
        return await repository.area_names(session, known)
    if by == "group":
        return {row.code: row.name_zh for row in await catalogue.groups(session)}
    if by == "category":
        return {code: row.name_zh for code, row in (await catalogue.names(session, known)).items()}
    if by == "unit":
        units = await routing.names(session, map(UUID, known))
        return {str(unit_id): unit.name_zh for unit_id, unit in units.items()}
    limits = await rules.rules(session)
    named: Mapping[str | None, Mapping[str, Named]] = {
        "attribute": limits.attributes, "channel": limits.channels, "level": limits.levels,
    }  # fmt: skip
    return {key: row.zh for key, row in named.get(by, {}).items()}


@dataclass(frozen=True)
class Spot:
    """The same matter at one place (热点)."""

    area: str
    area_name: str | None
    estate_id: UUID | None
    category: str
    category_zh: str | None
    count: int
    latest: datetime


async def hot_spots(
    session: AsyncSession, chosen: Chosen, period: Period, viewer: Principal, *, least: int
) -> list[Spot]:
    """Where the same matter was reported at least so often, the most often first. Raises `PeriodInvalid`."""
    bounds = period.checked().bounds
    rows = await repository.hot_spots(session, chosen, viewer, bounds, least=least, limit=MOST_SPOTS)
    areas = await repository.area_names(session, sorted({row.area for row in rows}))
    categories = await catalogue.names(session, {row.category for row in rows})
    return [
        Spot(area, areas.get(area), estate, code, categories[code].name_zh, count, latest)
        for area, estate, code, count, latest in map(tuple, rows)
    ]
