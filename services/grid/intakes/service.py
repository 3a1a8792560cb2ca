"""Use cases of intake at a rate: take reports in together. Each statement commits by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from libs.common.areas import AreaLevel, level_of
from libs.common.clocks import local_date
from libs.common.contracts.cases import CaseReported
from libs.common.errors import DomainError
from libs.common.events.record import Entry
from libs.common.numbering import receipt_number
from libs.common.policy import sees_area
from libs.common.tracing import current_traceparent
from services.grid.cases import service as cases
from services.grid.cases.service import By, ReporterGiven
from services.grid.intakes import repository
from services.grid.intakes.repository import Asked, Found, Row
from services.grid.lifecycle.domain import STAGES, CaseState
from services.grid.places import service as places
from services.grid.places.domain import Edition, Place
from services.grid.reports import service as reports
from services.grid.reports.domain import (
    GivenPlace,
    Report,
    SelfHandling,
    check_id,
    check_told,
    point_columns,
    told_columns,
)
from services.grid.reports.service import Received
from services.grid.requests import ReportCase
from services.grid.terms.service import Terms, terms

KEPT = 4
"""States of the reference data in memory at most."""


@dataclass(frozen=True)
class Intake:
    """A report on its way in, as `reports.service.report` takes it, with the trace that it came by."""

    id: UUID
    report: Report
    reporter: ReporterGiven | None
    fingerprint: bytes
    by: By
    traceparent: str | None = field(default_factory=current_traceparent)


def intake_of(case_id: UUID, body: ReportCase, fingerprint: bytes, by: By) -> Intake:
    """The report of a request's body."""
    at_once, told = body.self_handled, body.reporter
    report = Report(
        channel=body.channel,
        category=body.category,
        description=body.description,
        found_at=body.found_at,
        place=GivenPlace(**body.place.told()),
        photos=tuple(body.photos),
        source_number=body.source_number,
        self_handling=SelfHandling(at_once.standard, tuple(at_once.photos), at_once.note, at_once.outcome)
        if at_once
        else None,
        form=body.form.given() if body.form else None,
    )
    teller = ReporterGiven(told.name, told.phone, told.secret, told.consent) if told else None
    return Intake(case_id, report, teller, fingerprint, by)


@dataclass(frozen=True)
class Taken:
    """The receipt, and whether this request made the case."""

    id: UUID
    receipt_number: str
    reported_at: datetime
    made: bool


_held: dict[str, Terms] = {}
"""By the digest of the rows that they follow from: never stale, since the digest is read every time."""

_geography: list[Edition] = []
"""The geography that was loaded when last looked: points are located by it before it is looked at again."""


async def take(connection: AsyncConnection, intakes: Sequence[Intake]) -> list[Taken | None]:
    """Take reports in together (集中入库), each with its receipt; None for what goes the ordinary way.

    A report is written once however often it stands here: the others are its repeats.
    """
    firsts = {one.id: number for number, one in reversed(list(enumerate(intakes)))}
    new = await _take(connection, [intakes[number] for number in firsts.values()])
    outcomes: dict[int, Taken | None] = dict(zip(firsts.values(), new, strict=True))
    repeats = [number for number in range(len(intakes)) if number not in outcomes]
    if repeats:
        known = await _take(connection, [intakes[number] for number in repeats], write=False)
        outcomes |= zip(repeats, known, strict=True)
    return [outcomes[number] for number in range(len(intakes))]


async def take_alone(session: AsyncSession, intake: Intake) -> Received:
    """One report the ordinary way. Raises what `reports.service.report` raises."""
    return await reports.report(
        session, intake.id, intake.report, intake.reporter, fingerprint=intake.fingerprint, by=intake.by
    )


async def _take(
    connection: AsyncConnection, intakes: Sequence[Intake], *, write: bool = True
) -> list[Taken | None]:
    day = local_date(intakes[0].by.now)
    located = [_located(one) for one in intakes]
    found = await repository.look(connection, _asked(intakes, located, day))
    reference = await _reference(connection, found.reference)
    rows: dict[UUID, Row] = {}
    for one, place in zip(intakes, located, strict=True):
        if write and one.id not in found.known and local_date(one.by.now) == day:
            row = _row(one, place, found, reference)
            if row is not None:
                rows[one.id] = row
    made = await repository.write(connection, list(rows.values()), intakes[0].by.now) if rows else set()
    _geography[:] = [found.geography] if found.geography else []
    return [_outcome(one, found, made) for one in intakes]


def _outcome(one: Intake, found: Found, made: set[UUID]) -> Taken | None:
    if one.id in made:
        return Taken(one.id, receipt_number(one.id), one.by.now, made=True)
    known = found.known.get(one.id)
    same = known is not None and known.fingerprint == one.fingerprint
    if known is None or not same or known.reported_by != one.by.actor.subject:
        return None
    return Taken(one.id, known.receipt_number, known.reported_at, made=False)


def _located(one: Intake) -> Place | None:
    """Where its point lies, by the index in memory; None without a point or an index."""
    given = one.report.place
    if given.lon is None or given.lat is None or given.crs is None or not _geography:
        return None
    try:
        return places.locate_in_memory(_geography[0], given.lon, given.lat, given.crs)
    except DomainError:
        return None


def _asked(intakes: Sequence[Intake], located: Sequence[Place | None], day: date) -> Asked:
    areas = {one.report.place.area for one in intakes if one.report.place.area is not None}
    return Asked(
        ids=[one.id for one in intakes],
        categories=list({one.report.category for one in intakes}),
        areas=list(areas),
        cells=list({place.unit_grid for place in located if place is not None}),
        day=day,
    )


async def _reference(connection: AsyncConnection, digest: str) -> Terms | None:
    """The rules and the calendar of that digest; None if they change at this very moment."""
    if digest not in _held:
        session = AsyncSession(connection)
        made = await terms(session)
        again = await repository.look(connection, Asked([], [], [], [], date.min))
        if again.reference != digest:
            return None
        while len(_held) >= KEPT:
            del _held[next(iter(_held))]
        _held[digest] = made
    return _held[digest]


def _row(one: Intake, place: Place | None, found: Found, reference: Terms | None) -> Row | None:
    """What the report writes; None if anything stands against it or is out of the ordinary."""
    if reference is None or one.report.self_handling is not None or one.report.form is not None:
        return None
    try:
        return _checked(one, place, found, reference)
    except DomainError:
        return None


def _checked(one: Intake, place: Place | None, found: Found, reference: Terms) -> Row | None:
    given, by = one.report, one.by
    channel = check_told(given, reference.rules, by.viewer, by.now)
    name, end = found.categories.get(given.category, ("", date.min))
    where = _where(one, place, found)
    outside = where is None or (by.viewer is not None and not sees_area(by.viewer, where["area"]))
    if where is None or outside or (end is not None and local_date(given.found_at) > end):
        return None
    due = reference.due(by.now, reference.rules.stage(STAGES[CaseState.REPORTED]))
    words = cases.words_text(given.description, given.place.address, name, given.source_number)
    told = {**told_columns(given, channel), "category": given.category, "words": words, **where}
    keys = {"id": check_id(one.id), "version": 1, "fingerprint": one.fingerprint.hex()}
    columns = {**keys, "receipt_number": receipt_number(one.id), **told, **cases.opening(due, by)}
    return Row(columns, _entry(one, columns), given.photos, _reporter(one))


def _where(one: Intake, place: Place | None, found: Found) -> dict[str, Any] | None:
    """The place as columns: a point in a geography that is still the loaded one, or an area in force."""
    given, day = one.report.place, local_date(one.by.now)
    told = {"address": given.address, "inside_wall": given.inside_wall}
    if given.estate_id is not None:
        return None
    if given.lon is not None:
        if place is None or [found.geography] != _geography or place.unit_grid not in found.estates:
            return None
        walled = places.walled_in_memory(_geography[0], place, found.estates[place.unit_grid], day)
        return None if walled is None else {**told, **point_columns(place, given, walled)}
    begin, end = found.areas.get(given.area or "", (date.max, None))
    narrow = level_of(given.area or "") in (AreaLevel.NEIGHBOURHOOD, AreaLevel.UNIT_GRID)
    if not narrow or day < (begin or day) or day > (end or day):
        return None
    return {**told, "area": given.area, "estate_id": None, **_NO_POINT}


_NO_POINT = {"lon": None, "lat": None, "nearest": False, "given_place": None}
_NEW = {"number": None, "level": None, "loop": None, "unit_id": None, "due_at": None, "round": 1}
_COUNTS = {"return_count": 0, "rework_count": 0, "excused": False}


def _entry(one: Intake, columns: Mapping[str, Any]) -> Entry:
    told = SimpleNamespace(**_NEW, **_COUNTS, **columns)
    return Entry(
        CaseReported(**cases.case_facts(told, one.by.now)),
        one.id,
        1,
        one.by.actor,
        at=one.by.now,
        change=cases.REPORTED,
        traceparent=one.traceparent,
    )


def _reporter(one: Intake) -> dict[str, Any] | None:
    if one.reporter is None:
        return None
    given = one.reporter
    consent_at = one.by.now if given.consent else None
    return {
        "case_id": one.id, "name": given.name, "phone": given.phone, "secret": given.secret,
        "consent_at": consent_at,
    }  # fmt: skip
