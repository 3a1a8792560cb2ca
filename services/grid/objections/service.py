"""Use cases of objections: ask, decide, list. Nothing here commits, and no case moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.contracts.estates import ObjectionAsked, ObjectionDecided
from libs.common.contracts.estates import ObjectionState as ObjectionTold
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.ids import new_id
from libs.common.media import Purpose, Record, attach_photos
from libs.common.policy import Principal, sees_area
from libs.common.versions import check_version
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.objections import repository
from services.grid.objections.domain import (
    LIFE,
    Ground,
    ObjectionAction,
    ObjectionState,
    ObjectionUnknown,
    check_decider,
    check_objectable,
    check_once,
)
from services.grid.objections.models import Objection as Objection
from services.grid.statements import service as statements
from services.grid.terms.service import terms

ASK = "grid.objection.ask"
LIMIT = "objection"
RECORD = "objection"
"""The kind of record that its photos belong to."""
to_decide = repository.list_asked


@dataclass(frozen=True)
class Grounds:
    """What is disputed and why (异议), with photos by their hash."""

    ground: Ground
    reason: str
    photos: Sequence[str] = ()


async def ask(session: AsyncSession, case_id: UUID, given: Grounds, *, by: By) -> Objection:
    """Dispute a case of the own estate (提出异议): nothing changes, it is to be decided by a limit.

    Raises `CaseNotFound`, `NothingToObjectTo`, `ObjectedAlready`, `MediaUnknown`, `RuleUnknown`.
    """
    case, estate_id = await statements.of_their_estate(session, case_id, ASK, by)
    check_objectable(case)
    former = await repository.list_of_case(session, case.id)
    this = (case.round, given.ground.value, by.actor.role)
    check_once(this, {(row.round, row.ground, row.role) for row in former})
    photos = list(dict.fromkeys(given.photos))
    found = await terms(session)
    row = Objection(
        id=new_id(), version=0, case_id=case.id, round=case.round, estate_id=estate_id, area=case.area,
        role=by.actor.role, ground=given.ground, state=LIFE.initial, reason=given.reason, photos=photos,
        asked_by=by.actor.subject, asked_at=by.now, due_at=found.due(by.now, found.rules.limit(LIMIT)),
    )  # fmt: skip
    await repository.add(session, row)
    to = Record(RECORD, row.id)
    await attach_photos(session, photos, to=to, purpose=Purpose.EVIDENCE, actor=by.actor, now=by.now)
    step = Change("ask", after=row.state, fields={"ground": row.ground})
    await record(session, row, _state(row, by.now), actor=by.actor, now=by.now, change=step)
    return row


async def decide(
    session: AsyncSession, objection_id: UUID, action: ObjectionAction, note: str, *, by: By
) -> Objection:
    """Uphold or refuse it (异议复核), by another person. The case stays as it is.

    Raises `ObjectionUnknown`, `Stale`, `IllegalTransition`, `SameObjector`.
    """
    assert by.viewer is not None, "a person decides"
    row = await repository.get_for_update(session, objection_id)
    if row is None or not sees_area(by.viewer, row.area):
        raise ObjectionUnknown
    check_version(row, by.version or 0)
    before = ObjectionState(row.state)
    after = LIFE.after(before, action)
    check_decider(await cases.find(session, row.case_id, by.viewer), row.asked_by, by.actor)
    row.state, row.decision = after, note
    row.decided_by, row.decided_at = by.actor.subject, by.now
    step = Change(action.value, before, after, note)
    await record(session, row, _state(row, by.now), actor=by.actor, now=by.now, change=step)
    return row


async def may_read(session: AsyncSession, row_id: UUID, viewer: Principal, now: datetime) -> bool:
    """Whether the viewer may read the case, and so the photos of what was said to it."""
    row = await repository.get(session, row_id)
    return row is not None and await cases.may_read(session, row.case_id, viewer, now)


async def objections_to(session: AsyncSession, case: Case, *, inside: bool) -> Sequence[Objection]:
    """Every objection to the case; outside, of the estate where it now lies."""
    rows = await repository.list_of_case(session, case.id)
    return [row for row in rows if inside or row.estate_id == case.estate_id]


def _state(row: Objection, now: datetime) -> ObjectionTold:
    event = ObjectionAsked if row.state == ObjectionState.ASKED else ObjectionDecided
    return event(
        happened_at=now, case_id=row.case_id, estate_id=row.estate_id, area=row.area, round=row.round,
        ground=row.ground, state=row.state, role=row.role, due_at=row.due_at,
    )  # fmt: skip


async def restate_objections(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next objections stand. Answers the last id, None at the end."""
    now, rows = utc_now(), await repository.list_after(session, after, limit)
    await append_many(session, [Entry(_state(row, now), row.id, row.version, cases.GRID) for row in rows])
    return rows[-1].id if rows else None
