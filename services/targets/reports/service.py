"""Use cases of reports: expect, submit, accept, send back, correct; what they say. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.contracts.targets import (
    ReportAccepted,
    ReportCorrected,
    ReportExpected,
    ReportFact,
    ReportMissed,
    ReportSentBack,
    ReportSubmitted,
    ReportVoided,
)
from libs.common.events.models import History
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.http.paging import Keyset, Paging, Slice
from libs.common.media.links import Purpose, Record, attach
from libs.common.policy import Principal, require_area
from libs.common.versions import check_version
from services.targets.allocations import service as allocations
from services.targets.allocations.service import Allocation
from services.targets.figures.domain import Figure, Given, check_given
from services.targets.plans import service as plans
from services.targets.plans.service import TARGETS, By, Plan
from services.targets.reports import repository
from services.targets.reports.domain import (
    LIFE,
    Action,
    Asked,
    Period,
    ReportNotFound,
    Rhythm,
    State,
    check_accepter,
    check_begun,
    counts_from,
    periods,
    report_id,
)
from services.targets.reports.models import Report as Report
from services.targets.reports.models import ReportVersion as ReportVersion
from services.targets.reports.repository import Due as Due
from services.targets.reports.repository import ReportFilter as ReportFilter
from services.targets.reports.repository import Show as Show
from services.targets.rules import service as rules
from services.targets.rules.domain import Rules
from services.targets.targets import service as targets
from services.targets.targets.domain import Kind, Recurrence
from services.targets.targets.service import Target

BATCH = 200
BY_DUE = Keyset("reports-by-due", date, UUID)
NEWEST = Keyset("reports-newest", date, UUID)


@dataclass(frozen=True)
class Told:
    """A report's content (填报内容): the figures, a note, the evidence by its hashes."""

    given: Given
    note: str = ""
    photos: tuple[str, ...] = ()


async def expect(session: AsyncSession, now: datetime) -> int:
    """Expect the reports of every share on the periods that have begun; let go of what is needless.

    Answers how many rows changed, at most a batch of each.
    """
    judged = {each.id: each for each in await targets.judged(session)}
    shares = [
        share for found in (await allocations.of_targets(session, list(judged))).values() for share in found
    ]
    rows = await _missing(session, judged, shares, now)
    made = await repository.add_expected(session, rows[:BATCH]) if rows else []
    step = Change("expect", None, State.EXPECTED)
    said = [
        Entry(ReportExpected(**facts_of(each, now)), each.id, each.version, TARGETS, now, step)
        for each in made
    ]
    if said:
        await append_many(session, said)
    return len(made) + await _let_go(session, {share.id for share in shares}, now)


async def _missing(
    session: AsyncSession, judged: Mapping[UUID, Target], shares: Sequence[Allocation], now: datetime
) -> list[dict[str, Any]]:
    plans_of = await plans.read_many(session, {target.plan_id for target in judged.values()})
    told = await repository.last_periods(session, [share.id for share in shares])
    in_force = await rules.rules(session)
    today = local_date(now)
    rows = []
    for share in shares:
        target = judged[share.target_id]
        last = told.get(share.id)
        asked = _asked(target, plans_of[target.plan_id], in_force, today if last is None else date.min)
        for period in periods(asked, today) if asked else ():
            if last is None or period.first > last:
                rows.append(_row(share, period))
    return rows


def _asked(target: Target, plan: Plan, in_force: Rules, since: date) -> Asked | None:
    """When the target's shares are reported; None without a first day."""
    first = target.start or plan.period_from
    if first is None:
        return None
    if target.rhythm or not target.recurrence:
        rhythm = Rhythm(target.rhythm or in_force.reports.rhythm)
    else:
        rhythm = Rhythm(Recurrence(target.recurrence).value)
    return Asked(rhythm, first, target.deadline or plan.period_to, since, in_force.reports.due_days)


def _row(share: Allocation, period: Period) -> dict[str, Any]:
    return {
        "id": report_id(share.id, period.first),
        "version": 1,
        "allocation_id": share.id,
        "target_id": share.target_id,
        "unit_id": share.unit_id,
        "area": share.area,
        "period_first": period.first,
        "period_last": period.last,
        "due_on": period.due_on,
        "state": State.EXPECTED,
    }


async def _let_go(session: AsyncSession, needed: Collection[UUID], now: datetime) -> int:
    """Nothing is expected of shares taken back or of plans that are concluded (免报)."""
    rows = await repository.needless(session, needed, BATCH)
    for report in rows:
        before = advance(report, Action.VOID)
        change = Change("void", before, report.state)
        await tell(session, report, ReportVoided, change, By(TARGETS, now))
    return len(rows)


async def mark_missed(session: AsyncSession, now: datetime) -> int:
    """Mark what was not reported by its last day (未按期填报)."""
    rows = await repository.claim_missed(session, local_date(now), BATCH)
    for report in rows:
        report.missed_at = now
        change = Change("missed", report.state, report.state, fields={"due_on": report.due_on})
        await tell(session, report, ReportMissed, change, By(TARGETS, now))
    return len(rows)


async def submit(session: AsyncSession, report_id: UUID, told: Told, by: By) -> Report:
    """The unit reports (提交). Raises `ReportNotFound`, `Stale`, `TooEarly` and what `check_given` raises."""
    report = await _own(session, report_id, by)
    before = advance(report, Action.SUBMIT)
    check_begun(report.period_first, local_date(by.now))
    await _keep(session, report, told, None, by)
    if report.late is None:
        report.late = local_date(by.now) > report.due_on
    change = Change("submit", before, report.state, told.note or None, {"revision": report.revision})
    return await tell(session, report, ReportSubmitted, change, by, {"late": report.late})


async def correct(session: AsyncSession, report_id: UUID, told: Told, reason: str, by: By) -> Report:
    """Another version of an accepted report (更正); the accepted one counts until then."""
    report = await _own(session, report_id, by)
    before = advance(report, Action.CORRECT)
    await _keep(session, report, told, reason, by)
    change = Change("correct", before, report.state, reason, {"revision": report.revision})
    return await tell(session, report, ReportCorrected, change, by)


async def _keep(session: AsyncSession, report: Report, told: Told, reason: str | None, by: By) -> None:
    target = await targets.read(session, report.target_id)
    given = told.given
    base = check_given(given, Kind(target.kind), target.unit, evidence=len(told.photos))
    await attach(
        session, told.photos, to=Record("report", report.id), purpose=Purpose.EVIDENCE,
        actor=by.actor, now=by.now,
    )  # fmt: skip
    report.revision += 1
    report.submitted_at = by.now
    version = ReportVersion(
        report_id=report.id, revision=report.revision, quantity=given.quantity, unit=given.unit,
        base_quantity=base, numerator=given.numerator, denominator=given.denominator, done=given.done,
        note=told.note, reason=reason, photos=list(told.photos), submitted_by=by.actor.subject,
        submitted_at=by.now,
    )  # fmt: skip
    await repository.add_version(session, version)


async def accept(session: AsyncSession, report_id: UUID, note: str, by: By) -> Report:
    """The figures count from now on (审定). Raises `ReportNotFound`, `Stale`, `OwnReport`."""
    report, version = await _to_decide(session, report_id, by)
    before = advance(report, Action.ACCEPT)
    check_accepter(by.actor.subject, by.actor.unit_id, version.submitted_by, report.unit_id)
    _decide(report, version, "accepted", note, by)
    report.accepted_revision = report.revision
    report.missed_at = None
    if report.counts_from is None:
        report.counts_from = counts_from(report.period_last, local_date(by.now))
    change = Change("accept", before, report.state, note or None, {"revision": report.revision})
    facts = {name: getattr(version, name) for name in _FIGURES}
    return await tell(
        session, report, ReportAccepted, change, by, {**facts, "evidence_count": len(version.photos)}
    )


_FIGURES = ("quantity", "unit", "numerator", "denominator", "done")


async def send_back(session: AsyncSession, report_id: UUID, note: str, by: By) -> Report:
    """Back to the unit, with the reason (退回). Raises `ReportNotFound`, `Stale`."""
    report, version = await _to_decide(session, report_id, by)
    before = advance(report, Action.SEND_BACK)
    _decide(report, version, "sent_back", note, by)
    return await tell(session, report, ReportSentBack, Change("send-back", before, report.state, note), by)


def _decide(report: Report, version: ReportVersion, decision: str, note: str, by: By) -> None:
    version.decision, version.decided_by, version.decided_at = decision, by.actor.subject, by.now
    version.decision_note = note or None
    report.decided_at = by.now


async def _own(session: AsyncSession, report_id: UUID, by: By) -> Report:
    """The report of the caller's own unit, locked. Raises `ReportNotFound`, `Stale`."""
    report = await _locked(session, report_id, by)
    if report.unit_id != by.actor.unit_id:
        raise ReportNotFound
    return report


async def _to_decide(session: AsyncSession, report_id: UUID, by: By) -> tuple[Report, ReportVersion]:
    report = await _locked(session, report_id, by)
    if by.viewer is not None:
        require_area(by.viewer, report.area)
    LIFE.after(State(report.state), Action.SEND_BACK)
    return report, await repository.version(session, report.id, report.revision)


async def _locked(session: AsyncSession, report_id: UUID, by: By) -> Report:
    if by.viewer is not None:
        await read(session, report_id, by.viewer)
    report = await repository.lock(session, report_id)
    if report is None:
        raise ReportNotFound
    if by.version is not None:
        check_version(report, by.version)
    return report


def advance(report: Report, action: Action) -> State:
    """Put the report into its next state; answers the state before. Raises `IllegalTransition`."""
    before = State(report.state)
    report.state = LIFE.after(before, action)
    return before


async def tell(
    session: AsyncSession,
    report: Report,
    event: type[ReportFact],
    change: Change,
    by: By,
    facts: Mapping[str, Any] | None = None,
) -> Report:
    """Write the step into history and log."""
    told = event(**facts_of(report, by.now), **(facts or {}))
    await record(session, report, told, actor=by.actor, now=by.now, change=change)
    return report


def facts_of(report: Report, now: datetime) -> dict[str, Any]:
    """What every event of the report carries."""
    named = ("target_id", "allocation_id", "unit_id", "area", "period_first", "period_last", "due_on")
    told = {name: getattr(report, name) for name in named}
    return told | {"happened_at": now, "status": report.state, "revision": report.revision}


async def read(session: AsyncSession, report_id: UUID, viewer: Principal) -> Report:
    """The report, if the viewer may see it. Raises `ReportNotFound`."""
    report = await repository.find_visible(session, report_id, viewer)
    if report is None:
        raise ReportNotFound
    return report


async def may_read(session: AsyncSession, report_id: UUID, viewer: Principal) -> bool:
    """Whether the viewer may see the report."""
    return await repository.find_visible(session, report_id, viewer) is not None


async def versions(session: AsyncSession, report: Report) -> Sequence[ReportVersion]:
    """The versions of its figures, oldest first."""
    return await repository.versions(session, report.id)


async def history(session: AsyncSession, report: Report) -> Sequence[History]:
    """The report's steps, oldest first."""
    return await repository.history(session, report.id)


async def list_reports(
    session: AsyncSession, narrow: ReportFilter, viewer: Principal, paging: Paging
) -> Slice[Report]:
    """A unit's own, for others those of their areas: what waits by its last day, everything newest first."""
    rows = repository.narrowed(narrow, viewer)
    total = await repository.count(session, rows) if paging.total else None
    if narrow.show is Show.ALL:
        page = await repository.newest(session, rows, paging.limit + 1, NEWEST.after(paging))
        return NEWEST.slice(page, paging, lambda report: (report.period_last, report.id), total)
    page = await repository.by_due(session, rows, paging.limit + 1, BY_DUE.after(paging))
    return BY_DUE.slice(page, paging, lambda report: (report.due_on, report.id), total)


async def figures(session: AsyncSession, target_ids: Collection[UUID]) -> list[Figure]:
    """What counts of the targets' reports, in one statement."""
    return [
        Figure(
            target_id=report.target_id,
            area=report.area,
            first=report.period_first,
            last=report.period_last,
            known=report.counts_from or report.period_last,
            quantity=version.base_quantity,
            numerator=version.numerator,
            denominator=version.denominator,
            done=version.done,
            holder=report.allocation_id,
        )
        for report, version in await repository.accepted(session, target_ids)
    ]


async def due(session: AsyncSession, target_ids: Collection[UUID]) -> dict[UUID, list[Due]]:
    """The period ends on which somebody was expected to report, by target, oldest first."""
    return await repository.due(session, target_ids) if target_ids else {}


async def due_by(session: AsyncSession, target_ids: Collection[UUID], day: date) -> Sequence[Report]:
    """The reports of the targets that were due by the local day, whatever came of them."""
    return await repository.of_targets(session, target_ids, day) if target_ids else ()


async def last_decision(session: AsyncSession) -> datetime | None:
    """When a report was decided on last, UTC."""
    return await repository.last_decision(session)
