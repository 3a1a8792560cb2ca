"""The two statements of intake: what the decisions need to know, and everything that is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.events.record import Entry, appending, parameters
from libs.common.events.statements import statement
from services.grid.places.domain import Edition
from services.grid.places.service import EDITION_IN_FORCE

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    """What to look up: ids of cases, codes of categories and areas, unit grids; on which day (Shanghai)."""

    ids: Sequence[UUID]
    categories: Sequence[str]
    areas: Sequence[str]
    cells: Sequence[str]
    day: date


@dataclass(frozen=True)
class Known:
    """A case that is there already."""

    fingerprint: bytes
    reported_by: str
    receipt_number: str
    reported_at: datetime


@dataclass(frozen=True)
class Found:
    """What was looked up. `reference` changes whenever a rule or the calendar does."""

    reference: str
    geography: Edition | None
    categories: Mapping[str, tuple[str, date | None]]
    areas: Mapping[str, tuple[date | None, date | None]]
    estates: Mapping[str, UUID | None]
    known: Mapping[UUID, Known]


_LOOK = statement(
    """SELECT
    (SELECT md5(string_agg(key || '=' || value::text, ',' ORDER BY key)) FROM rule)
        || (SELECT md5(coalesce(string_agg(year || '=' || confirmed || overrides, ',' ORDER BY year), ''))
            FROM (SELECT year, confirmed, overrides::text FROM known_calendar_year) AS y) AS reference,
    (SELECT {edition} FROM geography) AS edition,
    (SELECT tolerance_m FROM geography) AS tolerance_m,
    (SELECT walls FROM geography) AS walls,
    (SELECT json_object_agg(code, json_build_array(name_zh, valid_to))
        FROM category WHERE code = ANY(CAST(:categories AS text[]))
            AND valid_from <= :day)::text AS categories,
    (SELECT json_object_agg(code, json_build_array(valid_from, valid_to)) FROM (
        SELECT code, valid_from, valid_to FROM area WHERE code = ANY(CAST(:areas AS text[]))
        UNION ALL
        SELECT code, valid_from, valid_to FROM unit_grid WHERE code = ANY(CAST(:areas AS text[]))
            AND coalesce(valid_from <= :day, true) AND coalesce(valid_to >= :day, true)
    ) AS places)::text AS areas,
    (SELECT json_object_agg(c.cell, (
        SELECT e.id FROM estate_coverage v JOIN estate e ON e.id = v.estate_id
        WHERE v.area_code = ANY(ARRAY[left(c.cell, 2), left(c.cell, 4), left(c.cell, 6), left(c.cell, 9),
                left(c.cell, 12), c.cell])
            AND coalesce(v.valid_from <= :day, true) AND coalesce(v.valid_to >= :day, true)
            AND coalesce(e.valid_from <= :day, true) AND coalesce(e.valid_to >= :day, true)
        ORDER BY e.id LIMIT 1
    )) FROM unnest(CAST(:cells AS text[])) AS c(cell))::text AS estates,
    (SELECT json_object_agg(id, json_build_array(encode(fingerprint, 'hex'), reported_by, receipt_number,
        (extract(epoch FROM reported_at) * 1000000)::bigint))
        FROM grid_case WHERE id = ANY(CAST(:ids AS uuid[])))::text AS known""",
    edition=EDITION_IN_FORCE,
)


async def look(connection: AsyncConnection, asked: Asked) -> Found:
    """Look everything up by one statement."""
    row = (await connection.execute(_LOOK, vars(asked))).one()
    return Found(
        reference=row.reference or "",
        geography=None if row.edition is None else Edition(row.edition, row.tolerance_m, row.walls),
        categories={code: (name, _day(end)) for code, (name, end) in _object(row.categories).items()},
        areas={code: (_day(begin), _day(end)) for code, (begin, end) in _object(row.areas).items()},
        estates={cell: UUID(key) if key else None for cell, key in _object(row.estates).items()},
        known={UUID(key): _known(told) for key, told in _object(row.known).items()},
    )


def _object(told: str | None) -> dict[str, Any]:
    return orjson.loads(told) if told else {}


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None


def _known(told: Sequence[Any]) -> Known:
    fingerprint, reported_by, receipt_number, at = told
    return Known(bytes.fromhex(fingerprint), reported_by, receipt_number, EPOCH + timedelta(microseconds=at))


@dataclass(frozen=True)
class Row:
    """Everything that one report writes."""

    case: Mapping[str, Any]
    entry: Entry
    photos: Sequence[str]
    reporter: Mapping[str, Any] | None


_COLUMNS = {
    "id": "uuid", "version": "int", "fingerprint": "text", "receipt_number": "text", "state": "text",
    "channel": "text", "source_number": "text", "category": "text", "description": "text", "words": "text",
    "found_at": "timestamptz", "reported_at": "timestamptz", "reported_by": "text", "verification": "text",
    "self_handled": "boolean", "area": "text", "estate_id": "uuid", "address": "text",
    "inside_wall": "boolean", "lon": "float8", "lat": "float8", "given_place": "text", "nearest": "boolean",
    "step_due_at": "timestamptz", "queue": "text", "queue_due_at": "timestamptz",
}  # fmt: skip
_READ_AS = {"fingerprint": "decode(g.fingerprint, 'hex')", "words": "CAST(g.words AS tsvector)"}

# A case whose photos are not all there, or not the reporter's own, is not written: it goes the ordinary way,
# which says what is wrong. The touch locks the photos against the sweep.
_MADE = """wanted AS (
        SELECT DISTINCT case_id, hash
        FROM json_to_recordset(CAST(:photos AS json)) AS p(case_id uuid, hash text)
    ), touched AS (
        UPDATE media_object o SET touched_at = :now FROM (SELECT DISTINCT hash FROM wanted) AS w
        WHERE o.hash = w.hash AND o.stored_at IS NOT NULL AND o.gone_at IS NULL
        RETURNING o.hash
    ), made AS (
        INSERT INTO grid_case ({columns})
        SELECT {values}
        FROM json_to_recordset(CAST(:cases AS json))
            AS g({types})
        WHERE NOT EXISTS (
            SELECT 1 FROM wanted w LEFT JOIN touched t ON t.hash = w.hash
                LEFT JOIN media_upload u ON u.hash = w.hash AND u.subject = g.reported_by
            WHERE w.case_id = g.id AND (t.hash IS NULL OR u.hash IS NULL))
        ORDER BY g.id
        ON CONFLICT DO NOTHING
        RETURNING id, reported_at, reported_by
    ), linked AS (
        INSERT INTO media_link (record_type, record_id, hash, purpose, at, by)
        SELECT 'case', m.id, w.hash, 'before', m.reported_at, m.reported_by
        FROM made m JOIN wanted w ON w.case_id = m.id
    ), pictured AS (
        INSERT INTO case_photo (case_id, hash, stage, round, rework, added_by, added_at)
        SELECT m.id, w.hash, 'before', 1, 0, m.reported_by, m.reported_at
        FROM made m JOIN wanted w ON w.case_id = m.id
    ), named AS (
        INSERT INTO case_reporter (case_id, name, phone, secret, consent_at)
        SELECT m.id, r.name, r.phone, r.secret, r.consent_at
        FROM json_to_recordset(CAST(:reporters AS json))
            AS r(case_id uuid, name text, phone text, secret boolean, consent_at timestamptz)
        JOIN made m ON m.id = r.case_id
    ),"""

_WRITE = appending(
    before=_MADE.replace("{columns}", ", ".join(_COLUMNS))
    .replace("{values}", ", ".join(_READ_AS.get(name, f"g.{name}") for name in _COLUMNS))
    .replace("{types}", ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())),
    only="WHERE g.aggregate_id IN (SELECT id FROM made)",
)


async def write(connection: AsyncConnection, rows: Sequence[Row], now: datetime) -> set[UUID]:
    """Write the rows by one statement; answers the cases that were: the others' id or number is taken."""
    photos = [{"case_id": row.case["id"], "hash": name} for row in rows for name in row.photos]
    given = {
        **parameters([row.entry for row in rows]),
        "cases": _json([row.case for row in rows]),
        "photos": _json(photos),
        "reporters": _json([row.reporter for row in rows if row.reporter is not None]),
        "now": now,
    }
    return {made for (made,) in await connection.execute(_WRITE, given)}


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows).decode()
