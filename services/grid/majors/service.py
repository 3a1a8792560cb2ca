"""Use cases of major matters: report, follow up, conclude, receive, mark. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.contracts.cases import CaseMajorReported
from libs.common.contracts.grid import ReporterRevealed
from libs.common.contracts.majors import (
    MajorConcluded,
    MajorFollowedUp,
    MajorNotified,
    MajorReceiptOverdue,
    MajorReceived,
    MajorReported,
    MajorRestated,
)
from libs.common.events.record import Change, record, record_access, restate
from libs.common.policy import Principal, scoped_for, sees
from libs.common.rules.domain import RuleUnknown
from libs.common.versions import check_version
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.majors import repository
from services.grid.majors.domain import (
    LIFE,
    MajorState,
    MajorUnknown,
    Matter,
    NoticeUnknown,
    ReceivedAlready,
    ReportKind,
    Told,
    check_matter,
    check_receiver,
    up_the_line,
)
from services.grid.majors.models import Major as Major
from services.grid.majors.models import MajorNotice as MajorNotice
from services.grid.majors.models import MajorReport as MajorReport
from services.grid.majors.repository import Wanted as Wanted
from services.grid.nodes import service as nodes
from services.grid.reports import service as places
from services.grid.reports.domain import OutsideYourArea, pointing
from services.grid.rules import service as rules
from services.grid.rules.domain import Rules

REPORT, READ, RECEIVE = "grid.major.report", "grid.major.read", "grid.major.receive"
SWEPT = 100

_EVENTS: dict[ReportKind, type[MajorNotified]] = {
    ReportKind.FIRST: MajorReported,
    ReportKind.FOLLOW_UP: MajorFollowedUp,
    ReportKind.FINAL: MajorConcluded,
}


@dataclass(frozen=True)
class Dossier:
    """A major matter with its reports, its notices, and the names of the nodes (重大事项卷宗)."""

    major: Major
    reports: Sequence[MajorReport]
    notices: Sequence[MajorNotice]
    nodes: dict[UUID, str]


async def report(session: AsyncSession, matter: Matter, *, by: By) -> Major:
    """Report a major matter (初报): it goes up the line in this very step.

    Raises `MajorKindUnknown`, `NotHappenedYet`, `PlaceUnknown`, `OutsideYourArea`, `CaseNotFound`,
    `RuleUnknown` where no rule says who is told.
    """
    limits = await rules.rules(session)
    check_matter(matter, limits.majors, by.now, timedelta(minutes=limits.report.ahead_minutes))
    area, estate_id = await _where(session, matter, by)
    major = Major(
        version=0, kind=matter.kind, state=LIFE.initial, area=area, estate_id=estate_id,
        case_id=matter.case_id, address=matter.address, occurred_at=min(matter.occurred_at, by.now),
        reported_at=by.now, reported_by=by.actor.subject, reports=0,
    )  # fmt: skip
    await repository.add(session, [major])
    return await _told(session, major, ReportKind.FIRST, matter.told, limits, by)


async def _where(session: AsyncSession, matter: Matter, by: By) -> tuple[str, UUID | None]:
    """The area and the estate of what is reported, inside the caller's scope."""
    assert by.viewer is not None, "a person reports"
    if matter.case_id is not None:
        case = await cases.find_to_read(session, matter.case_id, by.viewer, by.now)
        return case.area, case.estate_id
    day = local_date(by.now)
    if matter.estate_id is not None:
        with pointing("/estate_id"):
            area = await places.area_of_estate(session, matter.estate_id, day)
    else:
        assert matter.area is not None, "an area, where there is neither case nor estate"
        with pointing("/area"):
            area = await places.area_in_force(session, matter.area, day)
    if not sees(scoped_for(by.viewer, REPORT), area, estate=matter.estate_id, now=by.now):
        raise OutsideYourArea(pointer="/estate_id" if matter.estate_id else "/area")
    return area, matter.estate_id


async def follow_up(session: AsyncSession, major_id: UUID, told: Told, *, by: By) -> Major:
    """Report what has become known since (续报). Raises `MajorUnknown`, `Stale`, `IllegalTransition`."""
    return await _again(session, major_id, ReportKind.FOLLOW_UP, told, by)


async def conclude(session: AsyncSession, major_id: UUID, told: Told, *, by: By) -> Major:
    """Report the end of it (终报): nothing is reported after that. Raises as `follow_up`."""
    return await _again(session, major_id, ReportKind.FINAL, told, by)


async def _again(session: AsyncSession, major_id: UUID, kind: ReportKind, told: Told, by: By) -> Major:
    major = await _locked(session, major_id, by)
    major.state = LIFE.after(MajorState(major.state), kind)
    if kind is ReportKind.FINAL:
        major.concluded_at = by.now
    return await _told(session, major, kind, told, await rules.rules(session), by)


async def _locked(session: AsyncSession, major_id: UUID, by: By, permission: str = REPORT) -> Major:
    major = await repository.get_for_update(session, major_id)
    if major is None or not _seen(major, by.viewer, permission, by.now):
        raise MajorUnknown
    if by.version is not None:
        check_version(major, by.version)
    return major


def _seen(major: Major, viewer: Principal | None, permission: str, now: datetime) -> bool:
    return viewer is None or sees(scoped_for(viewer, permission), major.area, estate=major.estate_id, now=now)


async def _told(
    session: AsyncSession, major: Major, kind: ReportKind, told: Told, limits: Rules, by: By
) -> Major:
    """Keep the report, tell every node up the line, and say so in log and history."""
    if limits.reporting is None:
        raise RuleUnknown(key="reporting")
    before, major.reports = major.reports, major.reports + 1
    line = up_the_line(limits.levels, limits.reporting.levels)
    standing = (await nodes.standing(session, [major.area], local_date(by.now)))[major.area]
    hurt = told.casualties
    row = MajorReport(
        major_id=major.id, serial=major.reports, kind=kind, told=told.text, dead=hurt.dead,
        injured=hurt.injured, missing=hurt.missing, persons=hurt.persons, at=by.now, by=by.actor.subject,
        role=by.actor.role, unreached=[level for level in line if level not in standing],
    )  # fmt: skip
    due_at = by.now + timedelta(minutes=limits.reporting.receipt_minutes)
    notices = [
        MajorNotice(
            major_id=major.id, serial=row.serial, node_id=standing[level].id, level=level, area=major.area,
            sent_at=by.now, due_at=due_at,
        )
        for level in line
        if level in standing
    ]  # fmt: skip
    await repository.add(session, [row, *notices])
    event = _EVENTS[kind](
        **_facts(major, by.now), serial=row.serial, node_ids=tuple(notice.node_id for notice in notices),
        unreached=tuple(row.unreached), receipt_due_at=due_at,
    )  # fmt: skip
    change = Change(kind.value, None if before == 0 else MajorState.OPEN, major.state)
    await record(session, major, event, actor=by.actor, now=by.now, change=change)
    await _note_on_case(session, major, row, by)
    return major


def _facts(major: Major, now: datetime) -> dict[str, Any]:
    names = ("kind", "state", "area", "estate_id", "case_id", "occurred_at", "reports")
    return {"happened_at": now, **{name: getattr(major, name) for name in names}}


async def _note_on_case(session: AsyncSession, major: Major, row: MajorReport, by: By) -> None:
    """The case's history says that it was reported; its state and its clocks stay as they are."""
    if major.case_id is None:
        return
    case: Case = await cases.locked(session, major.case_id, By(by.actor, by.now))
    facts = {"major_id": major.id, "serial": row.serial}
    fields = {**facts, "kind": major.kind, "report": row.kind}
    change = Change("report-major", case.state, case.state, fields=fields)
    event = CaseMajorReported(**cases.case_facts(case, by.now), **facts)
    await record(session, case, event, actor=by.actor, now=by.now, change=change)


async def receive(session: AsyncSession, major_id: UUID, notice_id: UUID, *, by: By) -> MajorNotice:
    """An officer says that the node has the report (签收). Late is marked, never refused.

    Raises `MajorUnknown`, `NoticeUnknown`, `ReceivedAlready`, `OfAnotherNode`, `OneReceiptEach`.
    """
    assert by.viewer is not None, "a person receives"
    major = await _locked(session, major_id, by, RECEIVE)
    every = {notice.id: notice for notice in await repository.notices_of(session, major.id)}
    if (notice := every.get(notice_id)) is None:
        raise NoticeUnknown
    if notice.received_at is not None:
        raise ReceivedAlready
    told = await repository.report(session, major.id, notice.serial)
    node = (await nodes.find(session, notice.node_id)).node
    others = [other.received_by for other in every.values() if other.serial == notice.serial]
    check_receiver(by.viewer.areas, node.area, by.actor.subject, told.by, others)
    notice.received_at, notice.received_by, notice.officer = by.now, by.actor.subject, by.viewer.name
    on_time = by.now <= notice.due_at
    facts = {"serial": notice.serial, "node_id": notice.node_id}
    event = MajorReceived(**_facts(major, by.now), **facts, on_time=on_time)
    change = Change("receive", major.state, major.state, fields={**facts, "on_time": on_time})
    await record(session, major, event, actor=by.actor, now=by.now, change=change)
    return notice


async def mark_overdue(session: AsyncSession, now: datetime) -> int:
    """Mark notices that no officer has received in time (签收超时), the longest first. Answers how many.

    Several replicas may sweep at once: a matter that another has is left to it.
    """
    found = {major.id: major for major in await repository.claim_overdue(session, now, SWEPT)}
    late = await repository.overdue_of(session, list(found), now) if found else []
    for notice in late:
        major, notice.overdue_at = found[notice.major_id], now
        facts = {"serial": notice.serial, "node_id": notice.node_id}
        event = MajorReceiptOverdue(**_facts(major, now), **facts)
        change = Change("receipt-overdue", major.state, major.state, fields=facts)
        await record(session, major, event, actor=cases.GRID, now=now, change=change)
    return len(late)


async def find(session: AsyncSession, major_id: UUID, viewer: Principal, now: datetime) -> Dossier:
    """The matter with all that belongs to it. Raises `MajorUnknown`."""
    major = await repository.get(session, major_id)
    if major is None or not _seen(major, viewer, READ, now):
        raise MajorUnknown
    return await dossier_of(session, major)


async def dossier_of(session: AsyncSession, major: Major) -> Dossier:
    """The matter with all that belongs to it."""
    notices = await repository.notices_of(session, major.id)
    names = await nodes.names(session, {notice.node_id for notice in notices})
    return Dossier(major, await repository.reports_of(session, major.id), notices, names)


async def on_case(session: AsyncSession, case_id: UUID, viewer: Principal, now: datetime) -> Sequence[Major]:
    """The matters reported on the case that the viewer may see. Raises `CaseNotFound`."""
    case = await cases.find_to_read(session, case_id, viewer, now)
    found = await repository.list_of_case(session, case.id)
    return [major for major in found if _seen(major, viewer, READ, now)]


async def latest(
    session: AsyncSession, wanted: Wanted, viewer: Principal, now: datetime, **paging: Any
) -> Sequence[Major]:
    """What the viewer may see, the latest first; `paging`: `after` and `limit`."""
    return await repository.list_latest(session, scoped_for(viewer, READ), wanted, now, **paging)


async def casualties(session: AsyncSession, major_id: UUID, reason: str, *, by: By) -> Dossier:
    """Who was hurt, in full, with a recorded reason (查看伤亡情况). Raises `MajorUnknown`."""
    assert by.viewer is not None, "a person asks"
    found = await find(session, major_id, by.viewer, by.now)
    event = ReporterRevealed(
        happened_at=by.now, subject_type="major", subject_id=found.major.id, fields=("persons",),
        purpose="major",
    )  # fmt: skip
    change = Change("reveal", note=reason, fields={"major": found.major.id})
    await record_access(session, event, actor=by.actor, now=by.now, change=change)
    return found


async def restate_majors(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next matters stand. Answers the last id, None at the end."""
    rows = await repository.after(session, after, limit)
    for major in rows:
        await restate(session, major, MajorRestated(**_facts(major, utc_now())), actor=cases.GRID)
    return rows[-1].id if rows else None


waiting = repository.list_waiting
node_names = nodes.names
"""Statements that the routes need as they are."""
