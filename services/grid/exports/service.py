"""Use cases of exports: ask, write page by page, finish, let go. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.access import ADMINISTERED
from libs.common.events.deeds import tell
from libs.common.events.record import Change
from libs.common.policy import Actor, Principal
from services.grid.cases.service import Wanted
from services.grid.dossiers import service as dossiers
from services.grid.dossiers.service import Viewing
from services.grid.exports import repository
from services.grid.exports.domain import (
    LIFE,
    TRIES,
    ExportAction,
    ExportFormat,
    ExportKind,
    ExportNotReady,
    ExportState,
    ExportTooLong,
    ExportUnknown,
    case_row,
    kept,
    statistics_row,
    viewer_of,
)
from services.grid.exports.models import Export as Export
from services.grid.rules import service as rules
from services.grid.statistics import service as statistics
from services.grid.statistics.domain import Period
from services.grid.statistics.service import Chosen

PAGE = 500
"""Rows that are read by one statement."""
LET_GO_AT_ONCE = 20
list_mine = repository.list_mine
advance = repository.advance
"""Statements that others need as they are."""


@dataclass(frozen=True)
class Asked:
    """What is to leave, as what (导出请求). `filter`: JSON, by the names of the list's own filter."""

    kind: ExportKind
    format: ExportFormat
    filter: Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """Some rows, and the key behind which the next ones are; None at the end."""

    rows: Sequence[Mapping[str, Any]]
    after: tuple[Any, ...] | None


async def ask(
    session: AsyncSession, asked: Asked, *, viewer: Principal, actor: Actor, now: datetime
) -> Export:
    """Export a list (导出): what is small is ready at once, what is long is made by a worker. On record.

    Raises `ExportTooLong`, `PeriodInvalid`.
    """
    rule = (await rules.rules(session)).export
    rows = await _count(session, asked, viewer, now)
    if rows > rule.most:
        raise ExportTooLong(rows=rows, most=rule.most)
    direct = rows <= rule.at_once
    state = LIFE.after(LIFE.initial, ExportAction.FINISH) if direct else LIFE.initial
    row = Export(
        kind=asked.kind, format=asked.format, asked=dict(asked.filter), viewer=kept(viewer),
        asked_by=viewer.subject, asked_at=now, state=state, direct=direct, rows=rows,
        done=rows if direct else 0, tries=0, finished_at=now if direct else None,
        expires_at=now + timedelta(days=rule.days),
    )  # fmt: skip
    await repository.add(session, row)
    event = ADMINISTERED["grid"](
        happened_at=now, action="exported", subject_type=asked.kind.value, subject_id=row.id, count=rows
    )
    # What was searched for may be a person: that stays in the row, until it expires.
    fields = {"format": asked.format, "filter": _without_text(asked.filter), "rows": rows}
    told = Change("export", fields=fields)
    await tell(session, event, actor=actor, now=now, change=told)
    return row


def _without_text(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "text"}


async def _count(session: AsyncSession, asked: Asked, viewer: Principal, now: datetime) -> int:
    if asked.kind is ExportKind.STATISTICS:
        chosen, period = _statistics_of(asked.filter)
        return len((await statistics.add_up(session, chosen, period, viewer)).lines)
    return await dossiers.count(session, _wanted_of(asked.filter), Viewing(viewer, now))


def _wanted_of(told: Mapping[str, Any]) -> Wanted:
    times = {name: datetime.fromisoformat(told[name]) for name in ("since", "until") if told.get(name)}
    ids = {name: UUID(told[name]) for name in ("estate_id", "unit_id") if told.get(name)}
    return Wanted(**{**told, **times, **ids})


def _statistics_of(told: Mapping[str, Any]) -> tuple[Chosen, Period]:
    rest = {name: value for name, value in told.items() if name not in {"since", "until", "noon"}}
    rest["unit_id"] = UUID(rest["unit_id"]) if rest.get("unit_id") else None
    since, until = (date.fromisoformat(told[name]) for name in ("since", "until"))
    return Chosen(**rest), Period(since, until, told["noon"])


async def part_of(session: AsyncSession, export: Export, after: tuple[Any, ...] | None) -> Part:
    """The next rows of the export, as who asked saw them then: masked as the list is."""
    viewer = viewer_of(export.viewer)
    if export.kind == ExportKind.STATISTICS:
        chosen, period = _statistics_of(export.asked)
        told = await statistics.add_up(session, chosen, period, viewer)
        return Part([statistics_row(line) for line in told.lines], None)
    viewing = Viewing(viewer, export.asked_at)
    rows = await dossiers.listed(session, _wanted_of(export.asked), viewing, after=after, limit=PAGE)
    found = await rules.rules(session)
    names = {code: row.zh for code, row in (*found.channels.items(), *found.levels.items())}
    shown = [case_row(item, names) for item in await dossiers.shown(session, rows, viewing)]
    last = (datetime.fromisoformat(rows[-1]["reported_at"]), UUID(rows[-1]["id"])) if rows else None
    return Part(shown, last if len(rows) == PAGE else None)


async def find(session: AsyncSession, export_id: UUID, viewer: Principal) -> Export:
    """The export, if it is the viewer's own. Raises `ExportUnknown`."""
    found = await repository.get(session, export_id)
    if found is None or found.asked_by != viewer.subject:
        raise ExportUnknown
    return found


async def find_ready(session: AsyncSession, export_id: UUID, viewer: Principal, now: datetime) -> Export:
    """The same, to be fetched. Raises `ExportUnknown`, `ExportNotReady`."""
    found = await find(session, export_id, viewer)
    state = ExportState.EXPIRED if found.expires_at <= now else ExportState(found.state)
    if state is not ExportState.READY:
        raise ExportNotReady(state=state.value)
    return found


async def take(session: AsyncSession, now: datetime) -> Export | None:
    """Begin to make the next one, or give it up when it was begun too often; None where nothing waits."""
    found = await repository.next_open(session, now)
    if found is None:
        return None
    given_up = found.tries >= TRIES
    action = ExportAction.GIVE_UP if given_up else ExportAction.BEGIN
    found.state = LIFE.after(ExportState(found.state), action)
    found.tries, found.taken_at, found.done = found.tries + 1, now, 0
    await session.flush()
    return found


async def finish(session: AsyncSession, export_id: UUID, rows: int, now: datetime) -> None:
    """It lies in the store and can be fetched."""
    found = await repository.get_for_update(session, export_id)
    assert found is not None, "exports stay"
    found.state = LIFE.after(ExportState(found.state), ExportAction.FINISH)
    found.rows = found.done = rows
    found.finished_at = now
    await session.flush()


async def let_go(session: AsyncSession, now: datetime) -> list[str]:
    """End what need not be kept any longer. Answers the names of the files to delete."""
    rows = await repository.list_expired(session, now, LET_GO_AT_ONCE)
    for row in rows:
        row.state = LIFE.after(ExportState(row.state), ExportAction.EXPIRE)
        row.asked = _without_text(row.asked)
    await session.flush()
    return [row.id.hex for row in rows]
