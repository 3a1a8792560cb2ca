"""Every SQL statement of the geography."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, cast, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import TSQUERY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from libs.common.areas import ancestors_of
from libs.common.events.statements import statement
from libs.common.ids import new_id
from libs.common.search import tsquery_text, tsvector_text
from services.grid.places.domain import Edition, Period
from services.grid.places.models import (
    Area,
    Estate,
    EstateCoverage,
    EstateManagement,
    Geography,
    UnitGrid,
)

BATCH = 5_000
"""Rows per statement when a whole city is written."""


@dataclass(frozen=True)
class AreaFilter:
    """Which areas: below a parent, of a level, with this in name or code; on a day, or ended ones too."""

    parent: str | None = None
    level: str | None = None
    text: str | None = None
    on: date | None = None


async def geography(session: AsyncSession) -> Geography | None:
    """The geography that is loaded."""
    return await session.scalar(select(Geography))


async def put_geography(session: AsyncSession, values: Mapping[str, Any]) -> None:
    """Say which geography is loaded now."""
    statement = insert(Geography).values(id=1, **values)
    await session.execute(
        statement.on_conflict_do_update(index_elements=[Geography.id], set_=dict(values)),
        execution_options={"populate_existing": True},
    )


EDITION_IN_FORCE = """digest || coalesce((SELECT ':' || md5(string_agg(CAST(id AS text), ',' ORDER BY number))
        FROM unit_grid_edition WHERE effective_from <= :day), '')"""
"""Of the row of `geography`: names the unit grids in force on the day, in this database and no other."""
_EDITION = statement("SELECT {cells}, tolerance_m, walls FROM geography", cells=EDITION_IN_FORCE)


async def edition(session: AsyncSession, on: date) -> Edition | None:
    """Which geography is in force on the day."""
    row = (await session.execute(_EDITION, {"day": on})).one_or_none()
    return None if row is None else Edition(*row)


async def touch_walls(session: AsyncSession) -> None:
    """Say that a boundary has changed."""
    await session.execute(update(Geography).values(walls=new_id()))


async def walls(session: AsyncSession, on: date) -> list[tuple[UUID, list[int], date | None]]:
    """Id, boundary and last day of every estate in force that has a boundary."""
    query = select(Estate.id, Estate.wall, Estate.valid_to).where(
        Estate.wall.is_not(None), *_in_force(Estate, on)
    )
    return [(key, wall or [], end) for key, wall, end in await session.execute(query)]


async def allow_long_work(session: AsyncSession) -> None:
    """Lift the usual limits on this transaction: making a city takes some seconds between statements."""
    await session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    await session.execute(text("SET LOCAL statement_timeout = '120s'"))


async def get_area(session: AsyncSession, code: str) -> Area | None:
    """The area with this code, in force or ended."""
    return await session.scalar(select(Area).where(Area.code == code))


async def list_areas(
    session: AsyncSession, wanted: AreaFilter, *, after: str | None, limit: int
) -> Sequence[Area]:
    """Areas in order of code."""
    query = select(Area).order_by(Area.code).limit(limit)
    if wanted.parent is not None:
        query = query.where(Area.parent_code == wanted.parent)
    if wanted.level is not None:
        query = query.where(Area.level == wanted.level)
    if wanted.text:
        query = query.where(
            or_(
                Area.name.contains(wanted.text, autoescape=True),
                Area.code.startswith(wanted.text, autoescape=True),
            )
        )
    if wanted.on is not None:
        query = query.where(*_in_force(Area, wanted.on))
    if after is not None:
        query = query.where(Area.code > after)
    return (await session.scalars(query)).all()


Dated = type[Area] | type[UnitGrid] | type[Estate] | type[EstateCoverage]


def _in_force(table: Dated, on: date) -> list[ColumnElement[bool]]:
    return [
        or_(table.valid_from.is_(None), table.valid_from <= on),
        or_(table.valid_to.is_(None), table.valid_to >= on),
    ]


async def areas_around(session: AsyncSession, code: str) -> Sequence[Area]:
    """The areas in which the code lies, widest first."""
    query = select(Area).where(Area.code.in_(ancestors_of(code))).order_by(func.length(Area.code))
    return (await session.scalars(query)).all()


async def areas_with(session: AsyncSession, codes: Collection[str]) -> Sequence[Area]:
    """The areas with these codes."""
    return (await session.scalars(select(Area).where(Area.code.in_(codes)))).all() if codes else ()


async def areas_by_code(session: AsyncSession) -> dict[str, Area]:
    """Every area."""
    return {area.code: area for area in await session.scalars(select(Area))}


async def areas_after(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Area]:
    """Areas in order of id, locked."""
    query = select(Area).order_by(Area.id).limit(limit).with_for_update()
    if after is not None:
        query = query.where(Area.id > after)
    return (await session.scalars(query)).all()


async def get_unit_grid(session: AsyncSession, code: str, on: date) -> UnitGrid | None:
    """The unit grid with this code: of the latest edition that has begun by the day, else one to come."""
    begun = or_(UnitGrid.valid_from.is_(None), UnitGrid.valid_from <= on)
    query = select(UnitGrid).where(UnitGrid.code == code)
    return await session.scalar(query.order_by(begun.desc(), UnitGrid.edition.desc()).limit(1))


async def known_unit_grids(session: AsyncSession, codes: Collection[str]) -> set[str]:
    """Those of the codes that are or were unit grids."""
    return set(await session.scalars(select(UnitGrid.code).where(UnitGrid.code.in_(codes))))


async def unit_grids_in(session: AsyncSession, prefix: str, on: date) -> Sequence[UnitGrid]:
    """Unit grids of an area that are in force, in order of code."""
    query = select(UnitGrid).where(_below(UnitGrid.code, prefix), *_in_force(UnitGrid, on))
    return (await session.scalars(query.order_by(UnitGrid.code))).all()


async def rings(session: AsyncSession, on: date) -> list[tuple[str, list[int]]]:
    """Code and ring of every unit grid in force, in order of code."""
    query = select(UnitGrid.code, UnitGrid.ring).where(*_in_force(UnitGrid, on)).order_by(UnitGrid.code)
    return [(code, ring) for code, ring in await session.execute(query)]


async def rings_of(session: AsyncSession, codes: Collection[str], *, on: date) -> dict[str, list[int]]:
    """The rings of those of the unit grids that are in force, by code."""
    query = select(UnitGrid.code, UnitGrid.ring).where(UnitGrid.code.in_(codes), *_in_force(UnitGrid, on))
    return {row.code: row.ring for row in await session.execute(query)}


async def rings_around(
    session: AsyncSession, box: tuple[int, int, int, int], on: date
) -> list[tuple[str, list[int]]]:
    """Code and ring of the unit grids whose bounds meet the box: west, south, east, north, in millionths."""
    west, south, east, north = box
    query = select(UnitGrid.code, UnitGrid.ring).where(
        UnitGrid.west <= east,
        UnitGrid.east >= west,
        UnitGrid.south <= north,
        UnitGrid.north >= south,
        *_in_force(UnitGrid, on),
    )
    return [(code, ring) for code, ring in await session.execute(query)]


def _below(column: InstrumentedAttribute[str], prefix: str) -> ColumnElement[bool]:
    """The column begins with the prefix, as a range that a plain index serves (locale C)."""
    return and_(column >= prefix, column < prefix + ":")  # ':' follows '9'


async def put_unit_grids(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or overwrite unit grids by code, a few thousand a statement."""
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        await session.execute(_PUT_UNIT_GRIDS, {name: [row[name] for row in batch] for name in _COLUMNS})


_COLUMNS = {
    "code": "text", "edition": "int", "demonstration": "boolean", "ring": "text", "centre_lon": "int",
    "centre_lat": "int", "west": "int", "south": "int", "east": "int", "north": "int", "area_m2": "int",
    "valid_from": "date",
}  # fmt: skip
# A ring travels as the text of an array: unnest would flatten an array of arrays.
_PUT_UNIT_GRIDS = text(
    f"""
    INSERT INTO unit_grid ({", ".join(_COLUMNS)})
    SELECT {", ".join("CAST(ring AS int[])" if name == "ring" else name for name in _COLUMNS)}
      FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _COLUMNS.items())})
           AS made ({", ".join(_COLUMNS)})
    ON CONFLICT (code, edition) DO UPDATE
       SET {", ".join(f"{name} = EXCLUDED.{name}" for name in list(_COLUMNS)[2:])}, valid_to = NULL
    """  # noqa: S608 - column names of this module
)


async def end_unit_grids_but(session: AsyncSession, codes: Sequence[str], *, on: date) -> int:
    """Retire the demonstration unit grids that are not named. Returns how many."""
    statement = text(
        "UPDATE unit_grid SET valid_to = :on WHERE demonstration AND valid_to IS NULL "
        "AND NOT code = ANY (CAST(:codes AS text[]))"
    )
    ended = await session.execute(statement, {"on": on, "codes": list(codes)})
    return int(getattr(ended, "rowcount", 0))


async def surveyed_neighbourhoods(session: AsyncSession) -> set[str]:
    """Neighbourhoods whose unit grids were imported, in force or to come: none are made up for them."""
    codes = select(func.left(UnitGrid.code, 12)).where(~UnitGrid.demonstration, UnitGrid.valid_to.is_(None))
    return set(await session.scalars(codes.distinct()))


async def put_words(session: AsyncSession, names: Mapping[UUID, str]) -> None:
    """What estates can be found by."""
    given = {"ids": list(names), "words": [tsvector_text(name) for name in names.values()]}
    await session.execute(_PUT_WORDS, given)


_PUT_WORDS = text(
    "UPDATE estate SET words = CAST(g.words AS tsvector) "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:words AS text[])) AS g(id, words) WHERE estate.id = g.id"
)


async def get_estate(session: AsyncSession, estate_id: UUID) -> Estate | None:
    """The estate."""
    return await session.get(Estate, estate_id)


async def estates_by_id(session: AsyncSession) -> dict[UUID, Estate]:
    """Every estate."""
    return {estate.id: estate for estate in await session.scalars(select(Estate))}


async def estates_after(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Estate]:
    """Estates in order of id, locked."""
    query = select(Estate).order_by(Estate.id).limit(limit).with_for_update()
    if after is not None:
        query = query.where(Estate.id > after)
    return (await session.scalars(query)).all()


@dataclass(frozen=True)
class EstateFilter:
    """Which estates: that cover something in an area (or cover all of it), on a day, by name, by mode."""

    area: str
    on: date
    text: str | None = None
    modes: Collection[str] = ()


async def list_estates(
    session: AsyncSession, wanted: EstateFilter, *, after: UUID | None, limit: int
) -> Sequence[Estate]:
    """Estates in order of id."""
    around = [wanted.area[:length] for length in (2, 4, 6, 9, 12, 15) if length < len(wanted.area)]
    code = EstateCoverage.area_code
    covering = select(EstateCoverage.estate_id).where(
        or_(_below(code, wanted.area), code.in_(around)), *_in_force(EstateCoverage, wanted.on)
    )
    query = select(Estate).where(Estate.id.in_(covering), *_in_force(Estate, wanted.on)).order_by(Estate.id)
    if wanted.text is not None:
        query = query.where(Estate.words.op("@@")(cast(tsquery_text(wanted.text), TSQUERY)))
    if wanted.modes:
        query = query.where(Estate.mode.in_(wanted.modes))
    if after is not None:
        query = query.where(Estate.id > after)
    return (await session.scalars(query.limit(limit))).all()


async def names_of_estates(session: AsyncSession) -> dict[UUID, list[str]]:
    """The names and other names of every estate that has not ended: for the loader."""
    query = select(Estate.id, Estate.name, Estate.aliases).where(Estate.valid_to.is_(None))
    return {key: [name, *aliases] for key, name, aliases in await session.execute(query)}


async def estates_in_force(session: AsyncSession, ids: Collection[UUID], on: date) -> Sequence[Estate]:
    """Those of the estates that are in force on the day."""
    query = select(Estate).where(Estate.id.in_(ids), *_in_force(Estate, on))
    return (await session.scalars(query)).all() if ids else ()


async def get_estate_for_update(session: AsyncSession, estate_id: UUID) -> Estate | None:
    """The estate, its row locked."""
    return await session.get(Estate, estate_id, with_for_update=True, populate_existing=True)


async def periods_of(
    session: AsyncSession, estate_ids: Collection[UUID]
) -> dict[UUID, list[EstateManagement]]:
    """Who has managed each estate, the earliest first; those without a row are left out."""
    query = select(EstateManagement).where(EstateManagement.estate_id.in_(estate_ids))
    found: dict[UUID, list[EstateManagement]] = {}
    for row in await session.scalars(query.order_by(EstateManagement.since)):
        found.setdefault(row.estate_id, []).append(row)
    return found


async def coverage_of(session: AsyncSession, estate_ids: Sequence[UUID]) -> dict[UUID, list[EstateCoverage]]:
    """What each estate covers and covered, in order of code and date."""
    query = (
        select(EstateCoverage)
        .where(EstateCoverage.estate_id.in_(estate_ids))
        .order_by(EstateCoverage.area_code, EstateCoverage.valid_from)
    )
    found: dict[UUID, list[EstateCoverage]] = {estate_id: [] for estate_id in estate_ids}
    for row in await session.scalars(query):
        found[row.estate_id].append(row)
    return found


async def replace_coverage(
    session: AsyncSession, covered: Mapping[UUID, Sequence[str]], *, valid_from: date
) -> None:
    """Let these demonstration estates cover exactly these codes from the day on."""
    ids = list(covered)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        await session.execute(delete(EstateCoverage).where(EstateCoverage.estate_id.in_(batch)))
        rows = [
            {"estate_id": estate_id, "area_code": code, "valid_from": valid_from}
            for estate_id in batch
            for code in covered[estate_id]
        ]
        await session.execute(insert(EstateCoverage), rows)


async def put_periods(
    session: AsyncSession, estate_id: UUID, periods: Sequence[Period], now: datetime
) -> None:
    """Let the estate have had exactly these; what was there keeps when it was recorded."""
    for period in periods:
        values = {**vars(period), "estate_id": estate_id, "recorded_at": now}
        await session.execute(
            insert(EstateManagement)
            .values(values)
            .on_conflict_do_update(
                index_elements=[EstateManagement.estate_id, EstateManagement.since],
                set_={"until": period.until},
            )
        )


async def put_covers(session: AsyncSession, estate_id: UUID, codes: Collection[str], *, since: date) -> None:
    """Let the estate cover exactly these codes from the day on; what it covered before stays on record."""
    table, last = EstateCoverage, since - timedelta(days=1)
    of = [table.estate_id == estate_id, or_(table.valid_to.is_(None), table.valid_to >= since)]
    gone = [*of, table.area_code.not_in(codes)]
    await session.execute(delete(table).where(*gone, table.valid_from >= since))
    await session.execute(update(table).where(*gone).values(valid_to=last))
    held = set(await session.scalars(select(table.area_code).where(*of)))
    rows = [{"estate_id": estate_id, "area_code": c, "valid_from": since} for c in codes if c not in held]
    if rows:
        await session.execute(insert(table), rows)


async def coverage_codes(session: AsyncSession) -> dict[UUID, list[str]]:
    """The codes that each estate covers, in order."""
    query = (
        select(EstateCoverage.estate_id, func.array_agg(EstateCoverage.area_code))
        .where(EstateCoverage.valid_to.is_(None))
        .group_by(EstateCoverage.estate_id)
    )
    return {estate_id: sorted(codes) for estate_id, codes in await session.execute(query)}
