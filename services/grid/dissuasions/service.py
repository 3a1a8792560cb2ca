"""Use cases of what could not be stopped: report, list, count. Nothing here commits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import is_overdue, utc_now
from libs.common.contracts.estates import DissuasionReported
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.ids import new_id
from libs.common.policy import Principal, bound_estates, scoped_for, sees
from services.grid.cases import service as cases
from services.grid.cases.service import By, Case
from services.grid.dissuasions import repository
from services.grid.dissuasions.domain import (
    Act,
    DissuasionUnknown,
    check_act,
    description_of,
)
from services.grid.dissuasions.models import Dissuasion as Dissuasion
from services.grid.dissuasions.repository import Asked as Asked
from services.grid.lifecycle.domain import PhotoStage
from services.grid.places.domain import EstateUnknown
from services.grid.reports import service as reports
from services.grid.reports.domain import GivenPlace, Report, TimeOutOfRange, pointing
from services.grid.rules.domain import Unstoppable
from services.grid.terms.service import terms

REPORT, READ = "grid.dissuasion.report", "grid.dissuasion.read"
CHANNEL = "property"
LIMIT = "dissuasion"

list_latest = repository.list_latest
punctuality = repository.punctuality


def check_bound(viewer: Principal, permission: str, estate_id: UUID, now: datetime) -> None:
    """Raise `EstateUnknown` for an estate that the person is not bound to now."""
    if estate_id not in bound_estates(scoped_for(viewer, permission), now):
        raise EstateUnknown(estate=str(estate_id), pointer="/estate_id")


async def report(
    session: AsyncSession, estate_id: UUID, act: Act, *, fingerprint: bytes, by: By
) -> Dissuasion:
    """Report an act that the firm could not stop (劝阻无效报告): a case at once, late or not.

    Raises `EstateUnknown`, `ActUnknown`, `DissuadedTimeImplausible`, `EvidenceMissing`, `TimeOutOfRange`,
    `PlaceUnknown`, `MediaUnknown`, `RuleUnknown`.
    """
    assert by.viewer is not None, "a person reports"
    check_bound(by.viewer, REPORT, estate_id, by.now)
    found = await terms(session)
    kind = check_act(act, found.rules.dissuasions, by.now)
    due = found.due(act.seen_at, found.rules.limit(LIMIT))
    case = await _case(session, estate_id, act, kind, fingerprint, by)
    row = Dissuasion(
        id=new_id(), version=0, case_id=case.id, receipt_number=case.receipt_number, estate_id=estate_id,
        area=case.area, reported_by=by.actor.subject, reported_at=by.now, due_at=due,
        on_time=not is_overdue(by.now, due), **{**vars(act), "photos": list(dict.fromkeys(act.photos))},
    )  # fmt: skip
    await repository.add(session, row)
    step = Change("report", fields={"case": case.receipt_number, "on_time": row.on_time})
    await record(session, row, _state(row, by.now), actor=by.actor, now=by.now, change=step)
    return row


async def _case(
    session: AsyncSession, estate_id: UUID, act: Act, kind: Unstoppable, fingerprint: bytes, by: By
) -> Case:
    """The case of the act. The firm's scope is the estate, which has been looked at: no area is asked for."""
    place = GivenPlace(estate_id=estate_id, address=act.address, inside_wall=True)
    given = Report(CHANNEL, kind.category, description_of(act, kind), act.seen_at, place)
    with pointing("/seen_at", TimeOutOfRange):
        told = await reports.report(
            session, new_id(), given, fingerprint=fingerprint, by=By(by.actor, by.now)
        )
    await cases.add_photos(session, told.case, act.photos, PhotoStage.BEFORE, by)
    return told.case


async def find(session: AsyncSession, dissuasion_id: UUID, viewer: Principal, now: datetime) -> Dissuasion:
    """The report, if it lies in the viewer's area or estates. Raises `DissuasionUnknown`."""
    row = await repository.get(session, dissuasion_id)
    if row is None or not sees(scoped_for(viewer, READ), row.area, estate=row.estate_id, now=now):
        raise DissuasionUnknown
    return row


def _state(row: Dissuasion, now: datetime) -> DissuasionReported:
    told = {name: getattr(row, name) for name in DissuasionReported.model_fields if name != "happened_at"}
    return DissuasionReported(happened_at=now, **told)


async def restate_dissuasions(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next reports stand. Answers the last id, None at the end."""
    now, rows = utc_now(), await repository.list_after(session, after, limit)
    await append_many(session, [Entry(_state(row, now), row.id, row.version, cases.GRID) for row in rows])
    return rows[-1].id if rows else None
