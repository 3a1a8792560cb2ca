"""Use cases of studios: register, change, read, log a visit. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import fields as columns_of
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import end_of_local_day, local_date, start_of_local_day, utc_now
from libs.common.contracts.estates import StudioChanged, VisitLogged
from libs.common.events.models import History
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.ids import new_id
from libs.common.policy import BY_UNIT, Principal, require_area, sees_area
from libs.common.versions import check_version
from services.grid.cases import service as cases
from services.grid.cases.service import By, ReporterGiven
from services.grid.lifecycle.domain import PhotoStage
from services.grid.places import service as places
from services.grid.reports import service as reports
from services.grid.reports.domain import GivenPlace, Report, check_told, pointing
from services.grid.routing import service as routing
from services.grid.rules import service as rules
from services.grid.studios import repository
from services.grid.studios.domain import (
    Hours,
    StudioFields,
    StudioUnknown,
    VisitKind,
    check_alone,
    check_fields,
    check_visit,
    in_hours,
    kept,
    openings,
)
from services.grid.studios.models import Studio as Studio
from services.grid.studios.models import StudioVisit as StudioVisit

CHANNEL = "studio"
_COLUMNS = tuple(column.name for column in columns_of(StudioFields))


@dataclass(frozen=True)
class Matter:
    """What a resident told (居民诉求): it becomes a case of the neighbourhood, or of the estate there."""

    category: str
    description: str
    address: str
    estate_id: UUID | None = None
    photos: tuple[str, ...] = ()
    reporter: ReporterGiven | None = None


@dataclass(frozen=True)
class Logged:
    """What is recorded of a visit (走访接待记录). Times are UTC."""

    kind: VisitKind
    begins_at: datetime
    ends_at: datetime
    people: int
    note: str | None
    matters: Sequence[Matter]


@dataclass(frozen=True)
class Attendance:
    """How many openings a studio had and kept (应接待、已接待)."""

    studio: Studio
    planned: int
    kept: int


async def find(session: AsyncSession, studio_id: UUID) -> Studio:
    """The studio, there or ended. Raises `StudioUnknown`."""
    found = await repository.get(session, studio_id)
    if found is None:
        raise StudioUnknown
    return found


async def list_in_force(
    session: AsyncSession, area: str, on: date, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Studio]:
    """The studios in the area that are there on the day, by neighbourhood."""
    return await repository.list_in_force(session, area, on, after=after, limit=limit)


async def history(session: AsyncSession, studio_id: UUID) -> Sequence[History]:
    """Every change of the studio. Raises `StudioUnknown`."""
    await find(session, studio_id)
    return await repository.list_history(session, studio_id)


async def register(session: AsyncSession, fields: StudioFields, *, by: By) -> Studio:
    """A new studio (登记工作室).

    Raises `NoNeighbourhood`, `AreaUnknown`, `NotFound` for an area outside the viewer's, `HoursInvalid`,
    `StudioDatesInverted`, `StudioTaken`.
    """
    assert by.viewer is not None, "a person registers"
    require_area(by.viewer, fields.area)
    await _check(session, fields, None, local_date(by.now))
    row = Studio(id=new_id(), version=0, **_row(fields))
    await repository.add(session, row)
    await record(session, row, _state(row, by.now), actor=by.actor, now=by.now, change=Change("register"))
    return row


async def change(session: AsyncSession, studio_id: UUID, changes: Mapping[str, Any], *, by: By) -> Studio:
    """Another person's role, contact, place, hours, or its last day (变更工作室); history keeps both.

    Raises `StudioUnknown`, `Stale`, and what `register` raises.
    """
    assert by.viewer is not None, "a person changes"
    row = await repository.get_for_update(session, studio_id)
    if row is None or not sees_area(by.viewer, row.area):
        raise StudioUnknown
    check_version(row, by.version or 0)
    before = fields_of(row)
    after = replace(before, **changes)
    await _check(session, after, row.id, local_date(by.now))
    old, new = _row(before), _row(after)
    for name in changes:
        setattr(row, name, new[name])
    told = {name: {"from": old[name], "to": new[name]} for name in changes}
    step = Change("change", fields=told)
    await record(session, row, _state(row, by.now), actor=by.actor, now=by.now, change=step)
    return row


async def _check(session: AsyncSession, fields: StudioFields, own: UUID | None, day: date) -> None:
    check_fields(fields)
    units = [] if fields.unit_id is None else [fields.unit_id]
    await routing.check_in_force(session, units, day, "/unit_id")
    await places.find_area(session, fields.area)
    await repository.lock_area(session, fields.area)
    check_alone(fields, own, await repository.list_of_area(session, fields.area))


async def log_visit(
    session: AsyncSession, studio_id: UUID, given: Logged, *, fingerprint: bytes, by: By
) -> StudioVisit:
    """Record a reception or a visit (走访接待); each matter of a resident becomes a case of its own at once.

    Raises `StudioUnknown`, `VisitTimeImplausible`, and what `reports.service.report` raises of a matter.
    """
    assert by.viewer is not None, "a person logs"
    studio = await _where_they_work(session, studio_id, by.viewer)
    check_visit(studio, (given.begins_at, given.ends_at), by.now)
    made = [
        await _reported(session, studio, matter, f"/matters/{place}", given.begins_at, (fingerprint, by))
        for place, matter in enumerate(given.matters)
    ]
    row = StudioVisit(
        id=new_id(), version=0, studio_id=studio.id, area=studio.area, kind=given.kind,
        begins_at=given.begins_at, ends_at=given.ends_at, people=given.people, note=given.note,
        in_hours=in_hours(given.begins_at, fields_of(studio).hours), case_ids=made,
        logged_by=by.actor.subject, logged_at=by.now,
    )  # fmt: skip
    await repository.add(session, row)
    step = Change("log", fields={"people": row.people, "cases": len(made)})
    await record(session, row, _logged(row, by.now), actor=by.actor, now=by.now, change=step)
    return row


async def _reported(
    session: AsyncSession,
    studio: Studio,
    matter: Matter,
    pointer: str,
    found_at: datetime,
    sent: tuple[bytes, By],
) -> UUID:
    fingerprint, by = sent
    assert by.viewer is not None, "a person logs"
    place = GivenPlace(area=studio.area, estate_id=matter.estate_id, address=matter.address)
    given = Report(CHANNEL, matter.category, matter.description, found_at, place)
    # Where they work has been looked at: a unit's person has no area.
    unguarded, teller = By(by.actor, by.now), matter.reporter
    with pointing(pointer):
        check_told(given, await rules.rules(session), by.viewer, by.now)
        told = await reports.report(session, new_id(), given, teller, fingerprint=fingerprint, by=unguarded)
        await cases.add_photos(session, told.case, matter.photos, PhotoStage.BEFORE, by)
    return told.case.id


async def _where_they_work(session: AsyncSession, studio_id: UUID, viewer: Principal) -> Studio:
    """The studio, if it lies in the person's area or is their unit's. Raises `StudioUnknown`."""
    studio = await repository.get(session, studio_id)
    if studio is None:
        raise StudioUnknown
    theirs = viewer.holds(*BY_UNIT) and studio.unit_id is not None and viewer.unit_id == studio.unit_id
    if not theirs and not (viewer.roles - BY_UNIT and sees_area(viewer, studio.area)):
        raise StudioUnknown
    return studio


async def visits_of(
    session: AsyncSession,
    studio_id: UUID,
    viewer: Principal,
    *,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[StudioVisit]:
    """The studio's visits, the latest first. Raises `StudioUnknown` outside the viewer's area."""
    await _where_they_work(session, studio_id, viewer)
    return await repository.list_visits(session, studio_id, after=after, limit=limit)


async def attendance(
    session: AsyncSession,
    viewer: Principal,
    asked: str | None,
    span: tuple[date, date],
    *,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[Attendance]:
    """How many of the openings of the days were kept (定时接待情况), by the hours as they are now."""
    first, last = span
    rows = await repository.list_between(session, viewer, asked, span, after=after, limit=limit)
    instants = start_of_local_day(first), end_of_local_day(last)
    begun = await repository.receptions(session, [row.id for row in rows], *instants)
    found = []
    for row in rows:
        planned = openings(fields_of(row).hours, (row.valid_from, row.valid_to), first, last)
        found.append(Attendance(row, len(planned), kept(planned, begun[row.id])))
    return found


def _row(fields: StudioFields) -> dict[str, Any]:
    hours = [
        [one.weekday, one.begins.isoformat("minutes"), one.ends.isoformat("minutes")]
        for one in sorted(fields.hours)
    ]
    return {**{name: getattr(fields, name) for name in _COLUMNS}, "hours": hours}


def fields_of(row: Studio) -> StudioFields:
    """The studio as plain values."""
    hours = tuple(
        Hours(weekday, time.fromisoformat(begins), time.fromisoformat(ends))
        for weekday, begins, ends in row.hours
    )
    return StudioFields(**{**{name: getattr(row, name) for name in _COLUMNS}, "hours": hours})


def _state(row: Studio, now: datetime) -> StudioChanged:
    return StudioChanged(
        happened_at=now, area=row.area, name=row.name, valid_from=row.valid_from, valid_to=row.valid_to
    )


def _logged(row: StudioVisit, now: datetime) -> VisitLogged:
    return VisitLogged(
        happened_at=now, studio_id=row.studio_id, area=row.area, kind=row.kind, begins_at=row.begins_at,
        people=row.people, case_ids=tuple(row.case_ids),
    )  # fmt: skip


async def restate_studios(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next studios stand. Answers the last id, None at the end."""
    now, rows = utc_now(), await repository.studios_after(session, after, limit)
    await append_many(session, [Entry(_state(row, now), row.id, row.version, cases.GRID) for row in rows])
    return rows[-1].id if rows else None


async def restate_visits(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next visits stand. Answers the last id, None at the end."""
    now, rows = utc_now(), await repository.visits_after(session, after, limit)
    await append_many(session, [Entry(_logged(row, now), row.id, row.version, cases.GRID) for row in rows])
    return rows[-1].id if rows else None
