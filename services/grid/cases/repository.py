"""Every statement of the cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    TextClause,
    cast,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from libs.common.db import apart, hold
from libs.common.events.models import History
from libs.common.events.statements import statement
from libs.common.policy import Principal, scoped_for
from libs.common.scoping import in_scope, within
from libs.common.search import tsquery_text, tsvector_text
from libs.common.text import mask_numbers
from services.grid.cases.models import ESCALATING, Case, Photo, Reporter
from services.grid.lifecycle.domain import WITH_HANDLER, CaseState

READ = "grid.case.read"
"""The permission whose scope says which cases a list holds."""

Key = tuple[Any, ...] | None
"""The last row of the page before, or None for the first page."""

METRES_PER_DEGREE = 111_195.0
"""Of latitude; a degree of longitude is at least half of it anywhere in China."""


WALKED = 20_000
"""Cases that a search for frequent words walks through at most, some 50 ms."""
FREQUENT = 0.0025
"""The share of all cases that hold a frequent word: a page of 50 is then found among the latest `WALKED`."""

# The statistics are made by ANALYZE, which the server does by itself.
_FREQUENT = statement(
    """SELECT count(*) FROM pg_stats,
        unnest(most_common_elems::text::text[], most_common_elem_freqs) AS known (word, share)
    WHERE schemaname = 'public' AND tablename = 'grid_case' AND attname = 'words'
        AND word = ANY(CAST(:asked AS text[])) AND share >= :share"""
)

_NEXT_SERIAL = text(
    """INSERT INTO case_counter AS counter (day, area, serial) VALUES (:day, :area, 1)
    ON CONFLICT (day, area) DO UPDATE SET serial = counter.serial + 1 RETURNING serial"""
)


@dataclass(frozen=True)
class Wanted:
    """What a list of cases shows (筛选条件)."""

    area: str | None = None
    state: CaseState | None = None
    open: bool | None = None
    overdue: bool = False
    category: str | None = None
    group: str | None = None
    item: str | None = None
    estate_id: UUID | None = None
    inside_wall: bool | None = None
    mine: bool = False
    handling: bool = False
    unit_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None


async def insert_case(session: AsyncSession, columns: Mapping[str, Any]) -> Case | None:
    """The new case, or None if the id or the source's number is taken."""
    return await session.scalar(insert(Case).values(**columns).on_conflict_do_nothing().returning(Case))


def words(*texts: str | None) -> ColumnElement[Any]:
    """The search words of a case."""
    return cast(words_text(*texts), TSVECTOR)


def words_text(*texts: str | None) -> str:
    """The same as text."""
    return tsvector_text(" ".join(text for text in texts if text))


async def set_words(session: AsyncSession, case_id: UUID, *texts: str | None) -> None:
    """Replace the search words of a case."""
    await session.execute(update(Case).where(Case.id == case_id).values(words=words(*texts)))


async def get(session: AsyncSession, case_id: UUID) -> Case | None:
    """The case with this id."""
    return await session.get(Case, case_id)


async def get_for_update(session: AsyncSession, case_id: UUID) -> Case | None:
    """The same, locked and read afresh."""
    return await session.get(Case, case_id, with_for_update=True, populate_existing=True)


async def lock_id(session: AsyncSession, case_id: UUID) -> None:
    """Hold the id of a case that has no row, until the transaction ends."""
    await hold(session, f"case {case_id}")


async def list_by_ids(session: AsyncSession, case_ids: Sequence[UUID]) -> Sequence[Case]:
    """The cases with these ids."""
    return (await session.scalars(select(Case).where(Case.id.in_(case_ids)))).all() if case_ids else []


async def list_after(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Case]:
    """The next cases by id, locked: what is restated must not move meanwhile."""
    query = select(Case).order_by(Case.id).limit(limit).with_for_update()
    if after is not None:
        query = query.where(Case.id > after)
    return (await session.scalars(query)).all()


async def get_by_number(session: AsyncSession, number: str) -> Case | None:
    """The case with this receipt number or case number."""
    receipt = await session.scalar(select(Case).where(Case.receipt_number == number))
    return receipt or await session.scalar(select(Case).where(Case.number == number))


async def next_serial(session: AsyncSession, day: date, area: str) -> int:
    """The next serial of the day in the area. Taken for good, even if the session's transaction fails."""
    return int(await apart(session, _NEXT_SERIAL, {"day": day, "area": area}))


async def get_reporter(session: AsyncSession, case_id: UUID) -> Reporter | None:
    """Who reported the case."""
    return await session.get(Reporter, case_id)


async def reporters_of(session: AsyncSession, case_ids: Iterable[UUID]) -> dict[UUID, Reporter]:
    """Who reported the cases."""
    rows = await session.scalars(select(Reporter).where(Reporter.case_id.in_(list(case_ids))))
    return {row.case_id: row for row in rows}


async def add_reporter(session: AsyncSession, reporter: Reporter) -> None:
    """Keep who reported."""
    session.add(reporter)
    await session.flush()


async def add_photos(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep photos; one that the case has at this stage already stays as it is."""
    if rows:
        await session.execute(insert(Photo).values(list(rows)).on_conflict_do_nothing())


async def list_photos(session: AsyncSession, case_id: UUID) -> Sequence[Photo]:
    """The case's photos by time."""
    query = select(Photo).where(Photo.case_id == case_id).order_by(Photo.added_at, Photo.hash)
    return (await session.scalars(query)).all()


async def list_history(session: AsyncSession, case_id: UUID) -> Sequence[History]:
    """Every step of the case, the first one first."""
    query = select(History).where(History.aggregate_id == case_id).order_by(History.version)
    return (await session.scalars(query)).all()


LISTED = (
    "id", "version", "receipt_number", "number", "state", "round", "channel", "category", "description",
    "found_at", "reported_at", "area", "estate_id", "address", "level", "loop", "unit_id", "squad",
    "self_handled", "due_at", "step_due_at", "queue", "claimed_by", "claimed_until", "rework_count",
    "return_count", "ended_at", "reported_by", "verification", "checker", "handler", "handlers",
    "handover_id", "designated",
)  # fmt: skip
"""What lists show of a case, and what decides who may take its next step."""

_LISTED: ColumnElement[Any] = literal_column(", ".join(f"grid_case.{name}" for name in LISTED))


def latest(
    viewer: Principal, wanted: Wanted, now: datetime, *, after: Key, limit: int, rare: bool = False
) -> Select[Any]:
    """The latest cases that the viewer may see, behind the key (reported_at, id): the columns `LISTED`.

    Of a `rare` word all that hold it are found first, in a `WITH` that has the table's name, and `OFFSET 0`
    keeps it apart: the server takes a word that it has not counted for one of two hundred cases, and would
    walk back in time, or through the area, to the only one.
    """
    query = select(_LISTED).select_from(Case).where(*_conditions(scoped_for(viewer, READ), wanted, now))
    if after is not None:
        query = query.where(tuple_(Case.reported_at, Case.id) < after)
    if rare and wanted.text is not None:
        holding = select(Case.__table__).where(Case.words.op("@@")(_asked(wanted.text))).offset(0)
        query = query.add_cte(holding.cte("grid_case"))
    return query.order_by(Case.reported_at.desc(), Case.id.desc()).limit(limit)


def walked(viewer: Principal, wanted: Wanted, now: datetime, *, after: Key, limit: int) -> Select[Any]:
    """The same of a frequent word: back in time through the latest cases, not through all that hold it.

    It stops at the page's last row, or after `WALKED` cases; then there may be more, and `latest` knows.
    """
    everything = latest(viewer, replace(wanted, text=None), now, after=after, limit=WALKED)
    holds: ColumnElement[bool] = literal_column("grid_case.words").op("@@")(_asked(wanted.text or ""))
    recent = everything.with_only_columns(literal_column("grid_case.*")).subquery("grid_case")
    newest = text("grid_case.reported_at DESC, grid_case.id DESC")
    return select(_LISTED).select_from(recent).where(holds).order_by(newest).limit(limit)


async def is_frequent(session: AsyncSession, words: str) -> bool:
    """Whether every word of the search is among those that many cases hold, as the server has counted."""
    asked = tsquery_text(words).split(" & ")
    return int(await session.scalar(_FREQUENT, {"asked": asked, "share": FREQUENT}) or 0) == len(asked)


def _asked(words: str) -> ColumnElement[Any]:
    return cast(tsquery_text(words), TSQUERY)


def _conditions(viewer: Principal, wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    equal = {
        Case.state: wanted.state,
        Case.category: wanted.category,
        Case.item: wanted.item,
        func.left(Case.category, literal_column("2")): wanted.group,
        Case.estate_id: wanted.estate_id,
        Case.inside_wall: wanted.inside_wall,
        Case.unit_id: wanted.unit_id,
        Case.reported_by: viewer.subject if wanted.mine else None,
        Case.handler: viewer.subject if wanted.handling else None,
    }
    chosen = [in_scope(viewer, Case.area, estate=Case.estate_id, now=now, asked=wanted.area)]
    chosen += [column == value for column, value in equal.items() if value is not None]
    if wanted.open is not None or wanted.handling:
        ended = Case.ended_at.is_not(None) if wanted.open is False else Case.ended_at.is_(None)
        chosen.append(ended)
    if wanted.since is not None:
        chosen.append(Case.reported_at >= wanted.since)
    if wanted.until is not None:
        chosen.append(Case.reported_at < wanted.until)
    if wanted.overdue:
        chosen.append(_overdue(now))
    if wanted.text is not None:
        chosen.append(Case.words.op("@@")(_asked(wanted.text)))
        if viewer.estates:
            chosen.append(or_(within(Case.area, viewer.areas), _tells_no_person(wanted.text)))
    return chosen


def _tells_no_person(text: str) -> ColumnElement[bool]:
    """No search by a telephone or identity number, and none of a text that names the reporter.

    Whoever must not know the reporter could otherwise find out by guessing.
    """
    if mask_numbers(text) != text:
        return false()
    named = exists().where(Reporter.case_id == Case.id, func.strpos(Case.description, Reporter.name) > 0)
    return ~named


def _overdue(now: datetime) -> ColumnElement[bool]:
    return Case.state.in_([*WITH_HANDLER, CaseState.RETURNED]) & (Case.due_at < now)


def _square(place: tuple[float, float], metres: int) -> list[ColumnElement[bool]]:
    """Within a square around the place (lon, lat)."""
    degrees = metres / METRES_PER_DEGREE
    lon, lat = place
    return [
        Case.lat.between(lat - degrees, lat + degrees),
        Case.lon.between(lon - 2 * degrees, lon + 2 * degrees),
    ]


async def list_near(
    session: AsyncSession, case: Case, times: tuple[datetime, datetime], metres: int
) -> Sequence[Case]:
    """Cases of the same category found around the same time within a square around the place."""
    query = (
        select(Case)
        .where(
            Case.category == case.category,
            Case.id != case.id,
            Case.found_at.between(*times),
            *_square((case.lon or 0.0, case.lat or 0.0), metres),
        )
        .order_by(Case.reported_at, Case.id)
        .limit(50)
    )
    return (await session.scalars(query)).all()


@dataclass(frozen=True)
class Spot:
    """Around which place, of what category, and found since when (UTC)."""

    category: str
    lon: float
    lat: float
    metres: int
    since: datetime


async def list_open_near(session: AsyncSession, spot: Spot) -> Sequence[Case]:
    """Open cases of the category within a square around the place, the latest first."""
    query = (
        select(Case)
        .where(
            Case.category == spot.category,
            Case.ended_at.is_(None),
            *_square((spot.lon, spot.lat), spot.metres),
            Case.found_at >= spot.since,
        )
        .order_by(Case.reported_at.desc(), Case.id.desc())
        .limit(50)
    )
    return (await session.scalars(query)).all()


async def list_newly_overdue(session: AsyncSession, now: datetime, limit: int) -> Sequence[Case]:
    """Running cases whose deadline has passed and that are not marked yet, locked."""
    running = Case.state.in_([*WITH_HANDLER, CaseState.RETURNED])
    return await _swept(session, Case.due_at, limit, running, Case.due_at < now, Case.overdue_at.is_(None))


async def list_to_escalate(session: AsyncSession, now: datetime, limit: int) -> Sequence[Case]:
    """Cases whose level has had its time, locked."""
    return await _swept(session, Case.escalate_at, limit, text(ESCALATING), Case.escalate_at <= now)


async def list_to_resume(session: AsyncSession, now: datetime, limit: int) -> Sequence[Case]:
    """Suspended cases whose time is over, locked."""
    suspended = Case.state == CaseState.SUSPENDED
    return await _swept(session, Case.suspended_until, limit, suspended, Case.suspended_until <= now)


async def _swept(
    session: AsyncSession,
    by: InstrumentedAttribute[datetime | None],
    limit: int,
    *conditions: ColumnElement[bool] | TextClause,
) -> Sequence[Case]:
    """The first of these by that time, locked; what another replica holds is left to it."""
    query = select(Case).where(*conditions).order_by(by, Case.id).limit(limit)
    return (await session.scalars(query.with_for_update(skip_locked=True))).all()


async def list_queue(
    session: AsyncSession,
    viewer: Principal,
    reasons: Iterable[str],
    *,
    asked: str | None,
    after: Key,
    limit: int,
) -> Sequence[Case]:
    """What waits for acceptor, duty chief and dispatcher, the earliest deadline first."""
    query = (
        select(Case)
        .where(
            Case.queue_due_at.is_not(None),
            Case.queue.in_(list(reasons)),
            in_scope(viewer, Case.area, asked=asked),
        )
        .order_by(Case.queue_due_at, Case.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Case.queue_due_at, Case.id) > after)
    return (await session.scalars(query)).all()


async def count(session: AsyncSession, viewer: Principal, wanted: Wanted, now: datetime) -> int:
    """How many cases the list holds."""
    chosen = _conditions(scoped_for(viewer, READ), wanted, now)
    query = select(func.count()).select_from(Case).where(*chosen)
    return (await session.execute(query)).scalar_one()
