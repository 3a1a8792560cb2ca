"""Every SQL statement of the geography."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from libs.common.areas import ancestors_of
from libs.common.events.statements import statement
from services.grid.places.domain import DEMONSTRATION
from services.grid.places.models import Area, Estate, EstateCoverage, Geography, UnitGrid

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


async def areas_by_code(session: AsyncSession) -> dict[str, Area]:
    """Every area."""
    return {area.code: area for area in await session.scalars(select(Area))}


async def areas_after(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Area]:
    """Areas in order of id, locked."""
    query = select(Area).order_by(Area.id).limit(limit).with_for_update()
    if after is not None:
        query = query.where(Area.id > after)
    return (await session.scalars(query)).all()


async def get_unit_grid(session: AsyncSession, code: str) -> UnitGrid | None:
    """The unit grid with this code, in force or retired."""
    return await session.get(UnitGrid, code)


async def unit_grids_in(session: AsyncSession, prefix: str, on: date) -> Sequence[UnitGrid]:
    """Unit grids of an area that are in force, in order of code."""
    query = select(UnitGrid).where(_below(UnitGrid.code, prefix), *_in_force(UnitGrid, on))
    return (await session.scalars(query.order_by(UnitGrid.code))).all()


async def rings(session: AsyncSession, on: date) -> list[tuple[str, list[int]]]:
    """Code and ring of every unit grid in force, in order of code."""
    query = select(UnitGrid.code, UnitGrid.ring).where(*_in_force(UnitGrid, on)).order_by(UnitGrid.code)
    return [(code, ring) for code, ring in await session.execute(query)]


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
    "code": "text", "ring": "text", "centre_lon": "int", "centre_lat": "int", "west": "int", "south": "int",
    "east": "int", "north": "int", "area_m2": "int", "valid_from": "date",
}  # fmt: skip
# A ring travels as the text of an array: unnest would flatten an array of arrays.
_PUT_UNIT_GRIDS = text(
    f"""
    INSERT INTO unit_grid ({", ".join(_COLUMNS)}, demonstration)
    SELECT code, CAST(ring AS int[]), {", ".join(list(_COLUMNS)[2:])}, true
      FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _COLUMNS.items())})
           AS made ({", ".join(_COLUMNS)})
    ON CONFLICT (code) DO UPDATE
       SET {", ".join(f"{name} = EXCLUDED.{name}" for name in list(_COLUMNS)[1:])}, valid_to = NULL
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


async def list_estates(
    session: AsyncSession, area: str, *, on: date, after: UUID | None, limit: int
) -> Sequence[Estate]:
    """Estates that cover something in the area, or the area as a whole, in order of id."""
    around = [area[:length] for length in (2, 4, 6, 9, 12, 15) if length < len(area)]
    code = EstateCoverage.area_code
    covering = select(EstateCoverage.estate_id).where(
        or_(_below(code, area), code.in_(around)), *_in_force(EstateCoverage, on)
    )
    query = select(Estate).where(Estate.id.in_(covering), *_in_force(Estate, on)).order_by(Estate.id)
    if after is not None:
        query = query.where(Estate.id > after)
    return (await session.scalars(query.limit(limit))).all()


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


async def coverage_codes(session: AsyncSession) -> dict[UUID, list[str]]:
    """The codes that each estate covers, in order."""
    query = (
        select(EstateCoverage.estate_id, func.array_agg(EstateCoverage.area_code))
        .where(EstateCoverage.valid_to.is_(None))
        .group_by(EstateCoverage.estate_id)
    )
    return {estate_id: sorted(codes) for estate_id, codes in await session.execute(query)}


_FORCE = "(valid_from IS NULL OR valid_from <= :day) AND (valid_to IS NULL OR valid_to >= :day)"
_PART = "code >= :code AND code < :code || ':'"  # ':' follows '9'
_COVERING = f"""SELECT estate_id, json_agg(area_code ORDER BY area_code) AS covers FROM estate_coverage
    WHERE {_PART.replace("code >=", "area_code >=").replace("AND code", "AND area_code")} AND {_FORCE}
    GROUP BY estate_id"""  # noqa: S608 - constants of this module
_PACK_TAG = statement(
    """SELECT md5(concat_ws('|', CAST(:code AS text), (SELECT digest FROM geography),
        (SELECT count(*) || '/' || sum(version) FROM area WHERE {part} AND {force}),
        (SELECT count(*) || '/' || sum(version) FROM estate JOIN ({covering}) AS v ON v.estate_id = id
            WHERE {force}),
        (SELECT count(*) FROM unit_grid WHERE {part} AND {force})))""",
    covering=_COVERING,
    part=_PART,
    force=_FORCE,
)
_PACK = statement(
    """SELECT json_build_object('code', CAST(:code AS text), 'crs', 'CGCS2000',
        'label', (SELECT CAST(:label AS text) FROM unit_grid WHERE {part} AND demonstration LIMIT 1),
        'areas', coalesce((SELECT json_agg(json_build_object('code', code, 'name', name, 'level', level,
                'parent_code', parent_code, 'demonstration', demonstration) ORDER BY code)
            FROM area WHERE {part} AND {force}), '[]'),
        'estates', coalesce((SELECT json_agg(json_build_object('id', id, 'name', name, 'mode', mode,
                'covers', covers, 'demonstration', demonstration) ORDER BY id)
            FROM estate JOIN ({covering}) AS v ON v.estate_id = id WHERE {force}), '[]'),
        'unit_grids', coalesce((SELECT json_agg(json_build_object('code', code, 'ring', ring) ORDER BY code)
            FROM unit_grid WHERE {part} AND {force}), '[]'))::text""",
    covering=_COVERING,
    part=_PART,
    force=_FORCE,
)


async def pack_tag(session: AsyncSession, code: str, on: date) -> str:
    """Changes whenever the pack does."""
    return str(await session.scalar(_PACK_TAG, {"code": code, "day": on}))


async def pack(session: AsyncSession, code: str, *, on: date) -> str:
    """Areas, estates and unit grids of an area in force on the day, as one JSON text."""
    asked = {"code": code, "day": on, "label": DEMONSTRATION}
    return str(await session.scalar(_PACK, asked))
