"""Every statement of the tallies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.statements import statement
from services.grid.tallies.domain import Count, Measure, Standing, Under, half_day, instant

_CURSOR = text("SELECT position FROM tally_cursor WHERE id = 1 FOR UPDATE")
_MOVE = text(
    "INSERT INTO tally_cursor (id, position, counted_to) VALUES (1, :position, :counted_to)"
    " ON CONFLICT (id) DO UPDATE SET position = :position, counted_to = :counted_to"
)
_READ = text(
    """SELECT position, logged_at, topic, type, aggregate_id, payload, restatement FROM event_log
    WHERE position > :position ORDER BY position LIMIT :limit"""
)
_STANDINGS = text("SELECT id, round, seen, stands FROM tally_standing WHERE id = ANY(CAST(:ids AS uuid[]))")
_KEEP = statement(
    """INSERT INTO tally_standing (id, round, seen, stands)
    SELECT id, round, ARRAY(SELECT json_array_elements_text(seen::json)), stands::jsonb
    FROM unnest(CAST(:ids AS uuid[]), CAST(:rounds AS int[]), CAST(:seen AS text[]), CAST(:stands AS text[]))
        AS given (id, round, seen, stands)
    ON CONFLICT (id) DO UPDATE SET round = EXCLUDED.round, seen = EXCLUDED.seen, stands = EXCLUDED.stands"""
)
_UNDER = "area, what, category, channel, unit, level"
_GIVEN = """unnest(CAST(:area AS text[]), CAST(:what AS text[]), CAST(:category AS text[]),
        CAST(:channel AS text[]), CAST(:unit AS text[]), CAST(:level AS text[]),
        CAST(:half AS timestamptz[]), CAST(:n AS int[])) AS given ({under}, half, n)"""
# In the order of the key, so that two who write the same rows wait for each other and do not lock up.
_ADDING = """INSERT INTO {table} ({key}, n)
    SELECT {key}, sum(n) FROM (
        SELECT *, date_trunc('month', half, 'Asia/Shanghai') AS month FROM {given}) AS counted
    WHERE {which} GROUP BY {key} ORDER BY {key}
    ON CONFLICT ({key}) DO UPDATE SET n = {table}.n + EXCLUDED.n"""
_STOCKS = "what = ANY(CAST(:stocks AS text[]))"


def _adding(table: str, key: str, which: str = _STOCKS) -> TextClause:
    return statement(_ADDING, table=table, key=key, which=which, given=_GIVEN, under=_UNDER)


_ADD = _adding("tally", f"{_UNDER}, half", "TRUE")
_ADD_MONTH = _adding("tally_month", f"{_UNDER}, month")
_ADD_STOCK = _adding("tally_stock", _UNDER)
_FORGET = ("tally", "tally_month", "tally_stock", "tally_standing", "tally_cursor")


async def position(session: AsyncSession) -> int:
    """How far the log has been counted; locked, if anything has."""
    return int(await session.scalar(_CURSOR) or 0)


async def move(session: AsyncSession, last: Row[Any]) -> None:
    """The log has been counted to this event."""
    await session.execute(_MOVE, {"position": last.position, "counted_to": last.logged_at})


async def read(session: AsyncSession, after: int, limit: int) -> Sequence[Row[Any]]:
    """The next events of the log."""
    return (await session.execute(_READ, {"position": after, "limit": limit})).all()


async def standings(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """What has been counted of these records."""
    rows = await session.execute(_STANDINGS, {"ids": list(ids)})
    return {row.id: _standing(row.round, row.seen, dict(row.stands)) for row in rows}


def _standing(round_: int, seen: Sequence[str], told: dict[str, dict[str, str]]) -> Standing:
    placed = {key: _placed(key, one) for key, one in told.items() if "at" in one}
    stands = {key: Under(**one) for key, one in told.items() if key not in placed}
    return Standing(round_, frozenset(seen), stands, placed)


def _placed(key: str, told: dict[str, str]) -> Count:
    under = {name: value for name, value in told.items() if name != "at"}
    return Count(Measure(key.partition(".")[2]), Under(**under), instant(told["at"]))


def _stands(standing: Standing) -> str:
    """What it stands as; and when, under what a round was counted: to take that back or to excuse it."""
    told: dict[str, Any] = {what: vars(under) for what, under in standing.stands.items()}
    told |= {key: {**vars(one.under), "at": one.at} for key, one in standing.placed.items()}
    return orjson.dumps(told).decode()


async def keep(session: AsyncSession, kept: Mapping[UUID, Standing]) -> None:
    """Keep what has been counted of them now."""
    rows = sorted(kept.items())
    given = {
        "ids": [id_ for id_, _ in rows],
        "rounds": [one.round for _, one in rows],
        "seen": [orjson.dumps(sorted(one.seen)).decode() for _, one in rows],
        "stands": [_stands(one) for _, one in rows],
    }
    await session.execute(_KEEP, given)


async def add(session: AsyncSession, counts: Sequence[Count], stocks: Sequence[str]) -> None:
    """Add these counts, and those of stocks to their month and to what stands now."""
    given = {name: [getattr(one.under, name) for one in counts] for name in Under.__annotations__}
    given |= {"what": [str(one.what) for one in counts], "n": [one.n for one in counts]}
    whole: dict[str, Any] = {**given, "half": [half_day(one.at) for one in counts]}
    await session.execute(_ADD, whole)
    for add_stock in (_ADD_MONTH, _ADD_STOCK):
        await session.execute(add_stock, {**whole, "stocks": list(stocks)})


async def forget(session: AsyncSession) -> None:
    """Forget everything, to be counted anew from the first event on."""
    for table in _FORGET:
        await session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - tables of this module
