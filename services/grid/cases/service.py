"""What every room does with a case: find it, lock it, take a step and tell it. Nothing here commits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import due_after_pause, utc_now
from libs.common.contracts.cases import CaseFact, CaseMarkedOverdue, CaseReported, CaseRestated
from libs.common.events.record import Change, Entry, append_many, record, restate
from libs.common.media import Purpose, Record, attach_photos, expect
from libs.common.numbering import NumberInvalid, read_matter_number, read_receipt
from libs.common.policy import Actor, Principal, scoped_for, sees, sees_area, system_actor
from libs.common.versions import check_version
from services.grid.calendars import service as calendars
from services.grid.cases import repository
from services.grid.cases.domain import CaseNotFound, check_person, limit_of, queue_reason
from services.grid.cases.models import OFFERED as OFFERED
from services.grid.cases.models import Case as Case
from services.grid.cases.models import Photo as Photo
from services.grid.cases.models import Reporter as Reporter
from services.grid.cases.refusals import CaseExists, SourceNumberTaken
from services.grid.cases.repository import LISTED as LISTED
from services.grid.cases.repository import READ as READ
from services.grid.cases.repository import Spot as Spot
from services.grid.cases.repository import Wanted as Wanted
from services.grid.levels import service as levels
from services.grid.lifecycle.domain import (
    LIFE,
    OPEN,
    STAGES,
    WITH_HANDLER,
    CaseAction,
    CaseState,
    PhotoStage,
    QueueReason,
)
from services.grid.terms.service import terms

GRID = system_actor("grid")


@dataclass(frozen=True)
class By:
    """Who takes a step and when (UTC). `version` is what they had read; None for the service's own steps."""

    actor: Actor
    now: datetime
    viewer: Principal | None = None
    version: int | None = None


@dataclass(frozen=True)
class Step:
    """A step that has been allowed and is not told yet."""

    case: Case
    action: CaseAction
    before: CaseState
    after: CaseState
    by: By
    clock: levels.Clock


async def find(session: AsyncSession, case_id: UUID, viewer: Principal) -> Case:
    """The case, if it lies in the viewer's area. Raises `CaseNotFound`."""
    case = await repository.get(session, case_id)
    if case is None or not sees_area(viewer, case.area):
        raise CaseNotFound
    return case


def readable(case: Case, viewer: Principal, now: datetime) -> bool:
    """Whether the viewer may read the case: by its area, or by its estate during their term."""
    return sees(scoped_for(viewer, READ), case.area, estate=case.estate_id, now=now)


async def find_to_read(session: AsyncSession, case_id: UUID, viewer: Principal, now: datetime) -> Case:
    """The case, if the viewer may read it. Raises `CaseNotFound`."""
    case = await repository.get(session, case_id)
    if case is None or not readable(case, viewer, now):
        raise CaseNotFound
    return case


async def many(session: AsyncSession, case_ids: Sequence[UUID]) -> dict[UUID, Case]:
    """The cases with these ids."""
    return {case.id: case for case in await repository.list_by_ids(session, case_ids)}


async def find_by_number(session: AsyncSession, written: str, viewer: Principal, now: datetime) -> Case:
    """The case with this receipt number or case number, however it is written. Raises `CaseNotFound`."""
    case = None
    for number in _numbers(written):
        case = case or await repository.get_by_number(session, number)
    if case is None or not readable(case, viewer, now):
        raise CaseNotFound
    return case


def _numbers(written: str) -> Iterator[str]:
    """What the person may have meant."""
    with suppress(NumberInvalid):
        yield read_receipt(written)
    with suppress(NumberInvalid):
        yield str(read_matter_number(written))


async def locked(session: AsyncSession, case_id: UUID, by: By) -> Case:
    """The case, locked. Raises `CaseNotFound`, `Stale`."""
    case = await repository.get_for_update(session, case_id)
    if case is None or (by.viewer is not None and not sees_area(by.viewer, case.area)):
        raise CaseNotFound
    if by.version is not None:
        check_version(case, by.version)
    return case


async def held(session: AsyncSession, case_id: UUID, viewer: Principal) -> Case | None:
    """The case, locked, if it lies in the viewer's area; else None."""
    case = await repository.get_for_update(session, case_id)
    return case if case is not None and sees_area(viewer, case.area) else None


async def held_or_new(session: AsyncSession, case_id: UUID, viewer: Principal) -> Case | None:
    """The same; of a case that is not there yet, the right to be the one who makes it."""
    case = await repository.get_for_update(session, case_id)
    if case is None:
        await repository.lock_id(session, case_id)
    return await held(session, case_id, viewer)


def begin(case: Case, action: CaseAction, by: By) -> Step:
    """Whether the step may be taken. Raises `IllegalTransition` and what stands against the person.

    The service's own steps, and those that units take through a handover, pass no guards of persons.
    """
    before = CaseState(case.state)
    after = LIFE.after(before, action)
    if by.viewer is not None:
        check_person(case, action, by.actor, by.now)
    return Step(case, action, before, after, by, levels.clock_of(case))


async def finish(
    session: AsyncSession,
    step: Step,
    event: type[CaseFact],
    *,
    note: str | None = None,
    fields: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Case:
    """Put the case into its new state and tell it. `fields` go into the history, `facts` into the event."""
    case, by = step.case, step.by
    case.state = step.after
    if step.after is not step.before:
        await _enter(session, step)
    await levels.follow(session, case, step.clock, by.now)
    requeue(case, by.now)
    change = Change(step.action.value, step.before, step.after, note, fields or {})
    told = event(**case_facts(case, by.now), **(facts or {}))
    await record(session, case, told, actor=by.actor, now=by.now, change=change)
    return case


async def finish_many(
    session: AsyncSession, steps: Sequence[tuple[Step, Mapping[str, Any]]], event: type[CaseFact]
) -> None:
    """Tell steps of a sweep, in their order, by one statement: of cases that stay in their state and whose
    clocks the caller has set. What is given with each goes into its history and its event."""
    entries = []
    for step, facts in steps:
        case, by = step.case, step.by
        requeue(case, by.now)
        case.version += 1
        change = Change(step.action.value, step.before, step.after, None, facts)
        told = event(**case_facts(case, by.now), **facts)
        entries.append(Entry(told, case.id, case.version, by.actor, by.now, change))
    await session.flush()
    await append_many(session, entries)


async def _enter(session: AsyncSession, step: Step) -> None:
    """What follows from being in a new state: the step's own deadline, an end, a claim let go."""
    case, state, now = step.case, step.after, step.by.now
    case.step_due_at = await _step_due(session, case, state, now)
    case.claimed_by = case.claimed_until = case.unattended_at = None
    case.ended_at = None if state in OPEN else now
    if state not in WITH_HANDLER:
        case.deferral = None  # what was asked for has lapsed
    if case.converted_at is not None:
        await end_pause(session, case, case.converted_at, now)
    case.converted_at = now if state is CaseState.CONVERTED else None


async def _step_due(session: AsyncSession, case: Case, state: CaseState, now: datetime) -> datetime | None:
    """By when the grid's own step is due; in mediation the interim reply, by the limit of the report."""
    if state in STAGES:
        found = await terms(session)
        return found.due(now, found.rules.stage(STAGES[state]))
    if state is not CaseState.CONVERTED or case.interim_at is not None:
        return None
    found = await terms(session)
    limit = found.rules.interim(case.channel)
    since = case.reported_at if case.round == 1 else now
    return found.due(since, limit) if limit else None


async def end_pause(session: AsyncSession, case: Case, since: datetime, now: datetime) -> None:
    """Let the handling clock, if it was started, run on with what it had left."""
    if case.due_at is None:
        return
    unit = limit_of(case.limit_amount, case.limit_unit).unit
    pause, calendar = (since, now), await calendars.calendar(session)
    if case.escalate_at not in (None, case.due_at):
        case.escalate_at = due_after_pause(case.escalate_at, pause, unit, calendar)
    case.due_at = due_after_pause(case.due_at, pause, unit, calendar)
    case.pauses = [*case.pauses, since, now]


def _queue_due(case: Case, now: datetime) -> datetime | None:
    return None if case.queue is None else case.step_due_at or case.due_at or now


_FACTS = (
    "receipt_number", "number", "state", "category", "area", "estate_id", "channel", "level", "loop",
    "unit_id", "due_at", "round", "return_count", "rework_count", "self_handled", "excused",
)  # fmt: skip


def case_facts(case: Any, now: datetime) -> dict[str, Any]:
    """What every event of the case carries."""
    return {"happened_at": now, **{name: getattr(case, name) for name in _FACTS}}


async def add_photos(
    session: AsyncSession, case: Case, hashes: Sequence[str], stage: PhotoStage, by: By
) -> None:
    """Keep photos of the case, named by their hash. Raises `MediaUnknown` for what a person did not upload.

    A unit's photos lie at its service; a job copies their bytes here.
    """
    if not hashes:
        return
    purpose = Purpose.BEFORE if stage is PhotoStage.BEFORE else Purpose.AFTER
    record_of = Record("case", case.id)
    if by.viewer is None:
        wanted = [(hash_, purpose.value) for hash_ in hashes]
        await expect(session, wanted, to=record_of, actor=by.actor, now=by.now)
    else:
        await attach_photos(session, hashes, to=record_of, purpose=purpose, actor=by.actor, now=by.now)
    rows = [
        {
            "case_id": case.id, "hash": hash_, "stage": stage.value, "round": case.round,
            "rework": case.rework_count, "added_by": by.actor.subject, "added_at": by.now,
        }
        for hash_ in dict.fromkeys(hashes)
    ]  # fmt: skip
    await repository.add_photos(session, rows)


async def photos_at(session: AsyncSession, case: Case, *stages: PhotoStage) -> list[Photo]:
    """The case's photos of these stages, in its present round and rework."""
    return [
        photo
        for photo in await repository.list_photos(session, case.id)
        if photo.stage in stages and photo.round == case.round and photo.rework == case.rework_count
    ]


async def open_case(session: AsyncSession, columns: Mapping[str, Any], by: By) -> Case | None:
    """A new case in its first state, told as reported; None if its id or its source's number is taken."""
    now = by.now
    found = await terms(session)
    due = found.due(now, found.rules.stage(STAGES[CaseState.REPORTED]))
    case = await repository.insert_case(session, {**columns, "version": 0, **opening(due, by)})
    if case is not None:
        told = CaseReported(**case_facts(case, now))
        await record(session, case, told, actor=by.actor, now=now, change=REPORTED)
    return case


REPORTED = Change("report", after=CaseState.REPORTED)


def opening(due: datetime, by: By) -> dict[str, Any]:
    """How a case begins, as columns: reported now, to be accepted by then."""
    state = {"state": CaseState.REPORTED, "reported_at": by.now, "reported_by": by.actor.subject}
    return {**state, "step_due_at": due, "queue": QueueReason.TO_ACCEPT, "queue_due_at": due}


async def known(session: AsyncSession, case_id: UUID, fingerprint: bytes, reporter: str) -> Case | None:
    """The case that this body made before; None if the id is new. Raises `CaseExists` for another body."""
    case = await repository.get(session, case_id)
    if case is not None and (case.fingerprint != fingerprint or case.reported_by != reporter):
        raise CaseExists
    return case


async def first_of(
    session: AsyncSession, case_id: UUID, fingerprint: bytes, source_number: str | None, by: By
) -> Case:
    """The case that a request at the same moment made. Raises `CaseExists`, `SourceNumberTaken`."""
    first = await known(session, case_id, fingerprint, by.actor.subject)
    if first is None:
        raise SourceNumberTaken(source_number=source_number, pointer="/source_number")
    return first


async def rewrite_words(session: AsyncSession, case: Case, category_name: str) -> None:
    """What the case is found by, after its text has changed."""
    await repository.set_words(session, case.id, case.description, case.address, category_name)


get = repository.get
latest = repository.latest
walked = repository.walked
is_frequent = repository.is_frequent
list_queue = repository.list_queue
count = repository.count
history_of = repository.list_history
reporters_of = repository.reporters_of
next_serial = repository.next_serial
list_near = repository.list_near
to_escalate = repository.list_to_escalate
to_resume = repository.list_to_resume
list_open_near = repository.list_open_near
words = repository.words
words_text = repository.words_text
"""Statements that other rooms need as they are."""


@dataclass(frozen=True)
class ReporterGiven:
    """Who told it (反映人): personal data."""

    name: str | None = None
    phone: str | None = None
    secret: bool = False
    consent: bool = False


async def keep_reporter(session: AsyncSession, case: Case, given: ReporterGiven, by: By) -> None:
    """Keep who told it, apart from the case."""
    row = Reporter(case_id=case.id, name=given.name, phone=given.phone, secret=given.secret)
    row.consent_at = by.now if given.consent else None
    await repository.add_reporter(session, row)


async def hide_reporter_from(session: AsyncSession, case_id: UUID, unit_id: UUID) -> None:
    """From now on no handover tells this unit who reported: it is the complained-of one (被诉单位)."""
    reporter = await repository.get_reporter(session, case_id)
    if reporter is not None:
        reporter.accused_unit_id = unit_id


async def reporter_of(session: AsyncSession, case_id: UUID) -> Reporter | None:
    """Who told it, in full: for the service's own use. People read it through `reveal`."""
    return await repository.get_reporter(session, case_id)


async def mark_overdue(session: AsyncSession, now: datetime, limit: int = 200) -> int:
    """Mark running cases whose deadline has passed (超时): on the dispatcher's list. Answers how many."""
    late = await repository.list_newly_overdue(session, now, limit)
    for case in late:
        step = begin(case, CaseAction.MARK_OVERDUE, By(GRID, now))
        case.overdue_at = case.due_at
        await finish(session, step, CaseMarkedOverdue)
    return len(late)


def requeue(case: Case, now: datetime) -> None:
    """Put the case where it belongs on the queue after a mark that is no step."""
    case.queue = queue_reason(case)
    case.queue_due_at = _queue_due(case, now)


async def may_read(session: AsyncSession, case_id: UUID, viewer: Principal, now: datetime) -> bool:
    """Whether the viewer may read the case."""
    case = await repository.get(session, case_id)
    return case is not None and readable(case, viewer, now)


async def restate_cases(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next cases stand. Answers the last id, None at the end."""
    rows = await repository.list_after(session, after, limit)
    for case in rows:
        await restate(session, case, CaseRestated(**case_facts(case, utc_now())), actor=GRID)
    return rows[-1].id if rows else None
