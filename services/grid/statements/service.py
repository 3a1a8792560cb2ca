"""Use cases of statements: make, take as a basis, list. Nothing here commits, and no case moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.contracts.estates import StatementMade, StatementState, StatementTaken
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.ids import new_id
from libs.common.media import Purpose, Record, attach_photos
from libs.common.policy import Principal, scoped_for, sees, sees_area
from libs.common.versions import check_version
from services.grid.cases import service as cases
from services.grid.cases.domain import CaseNotFound
from services.grid.cases.service import By, Case
from services.grid.statements import repository
from services.grid.statements.domain import Said, StatementUnknown, check_said, check_taker
from services.grid.statements.models import Statement as Statement

MAKE = "grid.statement.make"
RECORD = "statement"
"""The kind of record that its photos belong to: the case's own keep their room."""


async def of_their_estate(session: AsyncSession, case_id: UUID, permission: str, by: By) -> tuple[Case, UUID]:
    """The case, locked, with its estate, which the person is bound to now. Raises `CaseNotFound`."""
    assert by.viewer is not None, "a person says it"
    case = await cases.locked(session, case_id, By(by.actor, by.now))
    scope = scoped_for(by.viewer, permission)
    if case.estate_id is None or not sees(scope, case.area, estate=case.estate_id, now=by.now):
        raise CaseNotFound
    return case, case.estate_id


async def make(session: AsyncSession, case_id: UUID, said: Said, *, by: By) -> Statement:
    """Say what was done about a case of the own estate (情况说明); its photos are seen with the case.

    Raises `CaseNotFound`, `StatementTooLate`, `DoneTimeImplausible`, `MediaUnknown`.
    """
    case, estate_id = await of_their_estate(session, case_id, MAKE, by)
    check_said(case, said, by.now)
    photos = list(dict.fromkeys(said.photos))
    row = Statement(
        id=new_id(), version=0, case_id=case.id, estate_id=estate_id, area=case.area, role=by.actor.role,
        text=said.text, done_at=said.done_at, photos=photos, said_by=by.actor.subject, said_at=by.now,
    )  # fmt: skip
    await repository.add(session, row)
    to = Record(RECORD, row.id)
    await attach_photos(session, photos, to=to, purpose=Purpose.EVIDENCE, actor=by.actor, now=by.now)
    told = _state(row, StatementMade, by.now)
    await record(session, row, told, actor=by.actor, now=by.now, change=Change("make"))
    return row


async def take(session: AsyncSession, statement_id: UUID, note: str | None, *, by: By) -> Statement:
    """Take it as a basis of handling (采信): the answer stays the handler's own step.

    Raises `StatementUnknown`, `Stale`, `StatementTooLate`, `NotTheHandler`, `TakenAlready`.
    """
    assert by.viewer is not None, "a person takes it"
    row = await repository.get_for_update(session, statement_id)
    if row is None or not sees_area(by.viewer, row.area):
        raise StatementUnknown
    check_version(row, by.version or 0)
    case = await cases.find(session, row.case_id, by.viewer)
    check_taker(case, row.taken_by, by.actor)
    row.taken_by, row.taken_at, row.taken_note = by.actor.subject, by.now, note
    step = Change("take", note=note)
    told = _state(row, StatementTaken, by.now)
    await record(session, row, told, actor=by.actor, now=by.now, change=step)
    return row


async def may_read(session: AsyncSession, row_id: UUID, viewer: Principal, now: datetime) -> bool:
    """Whether the viewer may read the case, and so the photos of what was said to it."""
    row = await repository.get(session, row_id)
    return row is not None and await cases.may_read(session, row.case_id, viewer, now)


async def statements_on(session: AsyncSession, case: Case, *, inside: bool) -> Sequence[Statement]:
    """Every statement about the case; outside, of the estate where it now lies."""
    rows = await repository.list_of_case(session, case.id)
    return [row for row in rows if inside or row.estate_id == case.estate_id]


def _state(row: Statement, event: type[StatementState], now: datetime) -> StatementState:
    return event(
        happened_at=now, case_id=row.case_id, estate_id=row.estate_id, area=row.area, role=row.role,
        photos=len(row.photos), taken=row.taken_at is not None,
    )  # fmt: skip


async def restate_statements(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next statements stand. Answers the last id, None at the end."""
    now, rows = utc_now(), await repository.list_after(session, after, limit)
    entries = [
        Entry(
            _state(row, StatementTaken if row.taken_at else StatementMade, now),
            row.id,
            row.version,
            cases.GRID,
        )
        for row in rows
    ]
    await append_many(session, entries)
    return rows[-1].id if rows else None
