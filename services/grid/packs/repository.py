"""The statements of the packs."""

from __future__ import annotations

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.statements import statement
from services.grid.places.domain import DEMONSTRATION
from services.grid.places.service import EDITION_IN_FORCE

_FORCE = "(valid_from IS NULL OR valid_from <= :day) AND (valid_to IS NULL OR valid_to >= :day)"
_PART = "code >= :code AND code < :code || ':'"  # ':' follows '9'
_COVERING = f"""SELECT estate_id, json_agg(area_code ORDER BY area_code) AS covers FROM estate_coverage
    WHERE {_PART.replace("code >=", "area_code >=").replace("AND code", "AND area_code")} AND {_FORCE}
    GROUP BY estate_id"""  # noqa: S608 - constants of this module
_PACK_TAG = statement(
    """SELECT md5(concat_ws('|', CAST(:code AS text), (SELECT {cells} FROM geography),
        (SELECT count(*) || '/' || sum(version) FROM area WHERE {part} AND {force}),
        (SELECT count(*) || '/' || sum(version) FROM estate JOIN ({covering}) AS v ON v.estate_id = id
            WHERE {force}),
        (SELECT count(*) FROM unit_grid WHERE {part} AND {force})))""",
    cells=EDITION_IN_FORCE,
    covering=_COVERING,
    part=_PART,
    force=_FORCE,
)
_PACK = statement(
    """SELECT json_build_object('code', CAST(:code AS text), 'crs', 'CGCS2000',
        'label', (SELECT CAST(:label AS text) FROM unit_grid WHERE {part} AND {force} AND demonstration
                LIMIT 1),
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
