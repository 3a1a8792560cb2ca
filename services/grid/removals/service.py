"""Use cases of removals: points, orders, records, what is overdue, shares. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import fields as columns_of
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import SHANGHAI, end_of_local_day, local_date, start_of_local_day, utc_now
from libs.common.contracts.estates import (
    CollectionPointChanged,
    RemovalCancelled,
    RemovalDone,
    RemovalOrdered,
    RemovalOverdue,
)
from libs.common.contracts.estates import RemovalState as RemovalTold
from libs.common.errors import DomainError
from libs.common.events.models import History
from libs.common.events.record import Change, Entry, append_many, record
from libs.common.ids import new_id
from libs.common.media import Purpose, Record, attach_photos
from libs.common.policy import Principal, allows, scoped_for, sees, sees_area
from libs.common.versions import check_version
from services.grid.cases import service as cases
from services.grid.cases.service import By
from services.grid.places.domain import EstateUnknown
from services.grid.removals import repository
from services.grid.removals.domain import (
    LIFE,
    NotOrdered,
    PointFields,
    PointUnknown,
    RemovalAction,
    RemovalState,
    RemovalUnknown,
    agreed_days,
    agreed_due,
    case_due,
    check_in_use,
    check_point,
    check_removed,
    is_late,
    kind_of,
    ordered_due,
)
from services.grid.removals.models import CollectionPoint as CollectionPoint
from services.grid.removals.models import Removal as Removal
from services.grid.removals.repository import Asked as Asked
from services.grid.reports import service as reports
from services.grid.reports.domain import GivenPlace, PlaceUnknown, Report, pointing
from services.grid.rules import service as rules
from services.grid.rules.domain import Removable

RECORD = "removal"
"""The kind of record that photos of a removal belong to."""

READ, ORDER, DONE = "grid.removal.read", "grid.removal.order", "grid.removal.record"
CHANNEL = "removal"
AHEAD = timedelta(days=7)
"""How long before its day an agreed removal stands on the list."""

_ENDED: Mapping[RemovalState, type[RemovalTold]] = {
    RemovalState.REMOVED: RemovalDone,
    RemovalState.CANCELLED: RemovalCancelled,
}
_COLUMNS = tuple(column.name for column in columns_of(PointFields))

list_points = repository.list_points
list_due = repository.list_due
punctuality = repository.punctuality


@dataclass(frozen=True)
class Order:
    """What is ordered (预约清运): from today, or from the day that is wanted (local)."""

    wanted_on: date | None = None
    note: str | None = None


async def register(session: AsyncSession, fields: PointFields, *, by: By) -> CollectionPoint:
    """A new collection point (登记清运点); a job makes its agreed removals ahead.

    Raises `RemovalKindUnknown`, `ScheduleInvalid`, `PointDatesInverted`, `PlaceUnknown`, `EstateUnknown` for
    an estate outside the viewer's area.
    """
    assert by.viewer is not None, "a person registers"
    check_point(fields, (await rules.rules(session)).removals)
    with pointing("/estate_id", PlaceUnknown):
        area = await reports.area_of_estate(session, fields.estate_id, local_date(by.now))
    if not sees_area(by.viewer, area):
        raise EstateUnknown(estate=str(fields.estate_id), pointer="/estate_id")
    row = CollectionPoint(id=new_id(), version=0, area=area, **_row(fields))
    _begin(row, by.now)
    await repository.add(session, row)
    await record(session, row, _point(row, by.now), actor=by.actor, now=by.now, change=Change("register"))
    return row


def _begin(row: CollectionPoint, now: datetime) -> None:
    """What was over before there was an agreement was not late, today's included."""
    row.made_until = None
    if row.by_time is not None:
        today = local_date(now)
        over = agreed_due(today, row.by_time) <= now
        first = max(row.valid_from, today + timedelta(days=1) if over else today)
        row.made_until = first - timedelta(days=1)


async def change(
    session: AsyncSession, point_id: UUID, changes: Mapping[str, Any], *, by: By
) -> CollectionPoint:
    """Another place, carrier or last day (变更清运点); what was made behind the last day is taken back.

    Raises `PointUnknown`, `Stale`, `PointDatesInverted`.
    """
    assert by.viewer is not None, "a person changes"
    row = await repository.get_point(session, point_id, lock=True)
    if row is None or not sees_area(by.viewer, row.area):
        raise PointUnknown
    check_version(row, by.version or 0)
    before = PointFields(**{name: getattr(row, name) for name in _COLUMNS})
    check_point(replace(before, **changes), (await rules.rules(session)).removals)
    for name, value in changes.items():
        setattr(row, name, value)
    if "valid_to" in changes:
        if row.valid_to is not None:
            await repository.drop_agreed(session, row.id, end_of_local_day(row.valid_to))
        _begin(row, by.now)
    told = {name: {"from": getattr(before, name), "to": value} for name, value in changes.items()}
    step = Change("change", fields=told)
    await record(session, row, _point(row, by.now), actor=by.actor, now=by.now, change=step)
    return row


async def history(
    session: AsyncSession, point_id: UUID, viewer: Principal, now: datetime
) -> Sequence[History]:
    """Every change of the point. Raises `PointUnknown`."""
    row = await repository.get_point(session, point_id)
    if row is None or not sees(scoped_for(viewer, READ), row.area, estate=row.estate_id, now=now):
        raise PointUnknown
    return await repository.list_history(session, point_id)


async def make_agreed(session: AsyncSession, now: datetime, limit: int = 200) -> int:
    """Make the removals of the agreed days that come up (生成约定清运). Answers how many points.

    A point is locked while its removals are made, and has one at a time, however often it runs.
    """
    until = local_date(now) + AHEAD
    points = await repository.points_to_make(session, until, limit)
    rows = [row for point in points for row in _agreed(point, until)]
    for point in points:
        point.made_until = until if (point.valid_to or until) >= until else None
    await repository.add_agreed(session, rows)
    return len(points)


def _agreed(point: CollectionPoint, until: date) -> list[dict[str, Any]]:
    assert point.made_until is not None and point.by_time is not None, "it has agreed days"  # noqa: PT018
    last = min(until, point.valid_to or until)
    return [
        {
            "id": new_id(), "version": 0, "point_id": point.id, "estate_id": point.estate_id,
            "area": point.area, "kind": point.kind, "state": LIFE.initial, "on_demand": False,
            "since": start_of_local_day(day), "due_at": agreed_due(day, point.by_time),
        }
        for day in agreed_days(point.weekdays, point.made_until, last)
    ]  # fmt: skip


async def order(session: AsyncSession, point_id: UUID, given: Order, *, by: By) -> Removal:
    """Order a removal at a point (预约清运), due by the kind's rule. Raises `PointUnknown`, `PointEnded`,
    `WantedTooEarly`, `RemovalKindUnknown`.
    """
    assert by.viewer is not None, "a person orders"
    point = await repository.get_point(session, point_id)
    scope = scoped_for(by.viewer, ORDER)
    if point is None or not sees(scope, point.area, estate=point.estate_id, now=by.now):
        raise PointUnknown
    kind = kind_of(point.kind, (await rules.rules(session)).removals)
    due = ordered_due(by.now, given.wanted_on, kind)
    check_in_use(point.valid_from, point.valid_to, given.wanted_on or local_date(by.now))
    row = Removal(
        id=new_id(), version=0, point_id=point.id, estate_id=point.estate_id, area=point.area,
        kind=point.kind, state=LIFE.initial, on_demand=True, since=by.now, due_at=due,
        ordered_by=by.actor.subject, note=given.note, photos=[],
    )  # fmt: skip
    await repository.add(session, row)
    told = _told(row, RemovalOrdered, by.now)
    await record(session, row, told, actor=by.actor, now=by.now, change=Change("order"))
    return row


async def _held(session: AsyncSession, removal_id: UUID, permission: str, by: By) -> Removal:
    assert by.viewer is not None, "a person does it"
    row = await repository.get(session, removal_id, lock=True)
    scope = scoped_for(by.viewer, permission)
    if row is None or not sees(scope, row.area, estate=row.estate_id, now=by.now):
        raise RemovalUnknown
    return row


async def done(
    session: AsyncSession, removal_id: UUID, removed_at: datetime, photos: Sequence[str], *, by: By
) -> Removal:
    """It was taken away (清运记录); a time before the agreed one is believed, though it comes late.

    Raises `RemovalUnknown`, `IllegalTransition`, `RemovedTimeImplausible`, `MediaUnknown`.
    """
    row = await _held(session, removal_id, DONE, by)
    before = RemovalState(row.state)
    after = LIFE.after(before, RemovalAction.RECORD)
    check_removed(removed_at, row.since, by.now)
    to = Record(RECORD, row.id)
    await attach_photos(session, photos, to=to, purpose=Purpose.AFTER, actor=by.actor, now=by.now)
    row.state, row.removed_at, row.removed_by = after, removed_at, by.actor.subject
    row.photos, row.late = list(dict.fromkeys(photos)), is_late(removed_at, row.due_at)
    row.overdue_at = row.due_at if row.late else None
    step = Change("record", before, after, fields={"late": row.late})
    told = _told(row, RemovalDone, by.now)
    await record(session, row, told, actor=by.actor, now=by.now, change=step)
    return row


async def cancel(session: AsyncSession, removal_id: UUID, reason: str, *, by: By) -> Removal:
    """What was ordered is not needed (取消预约).

    Raises `RemovalUnknown`, `IllegalTransition`, `NotOrdered`.
    """
    row = await _held(session, removal_id, ORDER, by)
    before = RemovalState(row.state)
    after = LIFE.after(before, RemovalAction.CANCEL)
    if not row.on_demand:
        raise NotOrdered
    row.state = after
    step = Change("cancel", before, after, reason)
    told = _told(row, RemovalCancelled, by.now)
    await record(session, row, told, actor=by.actor, now=by.now, change=step)
    return row


async def mark_overdue(session: AsyncSession, now: datetime, limit: int = 200) -> int:
    """Mark what should have been taken away (清运超时), told by one statement. Answers how many."""
    kinds = (await rules.rules(session)).removals
    late = await repository.list_late(session, now, limit)
    entries = []
    for row in late:
        row.overdue_at, row.case_due_at = row.due_at, case_due(row.due_at, kinds.get(row.kind))
        row.version += 1
        entries.append(_overdue(row, now, Change("overdue")))
    await session.flush()
    if entries:
        await append_many(session, entries)
    return len(late)


async def report_overdue(session: AsyncSession, now: datetime, limit: int = 50) -> int:
    """Make a case of what has been overdue for as long as the rule says (超时立案). Answers how many.

    What cannot become a case, since its rule or category has ended, stays on the list of what is overdue.
    """
    kinds = (await rules.rules(session)).removals
    late = await repository.list_to_report(session, now, limit)
    for row, point in late:
        row.case_due_at = None
        kind = kinds.get(row.kind)
        if kind is None:
            continue
        try:
            row.case_id = await _case(session, row, point, kind, now)
        except DomainError:
            continue
        row.version += 1
        await session.flush()
        step = Change("report", fields={"case_id": str(row.case_id)})
        await append_many(session, [_overdue(row, now, step)])
    return len(late)


async def _case(
    session: AsyncSession, row: Removal, point: CollectionPoint, kind: Removable, now: datetime
) -> UUID:
    due = row.due_at.astimezone(SHANGHAI)
    told = f"{kind.zh}应于{due:%Y-%m-%d %H:%M}前清运（清运单位：{point.carrier}），至今未清运"
    place = GivenPlace(area=row.area, estate_id=row.estate_id, address=point.place, inside_wall=True)
    given = Report(CHANNEL, kind.category, told, row.due_at, place)
    by = By(cases.GRID, now)
    made = await reports.report(session, new_id(), given, fingerprint=row.id.bytes, by=by)
    return made.case.id


def _overdue(row: Removal, now: datetime, step: Change) -> Entry:
    return Entry(_told(row, RemovalOverdue, now), row.id, row.version, cases.GRID, now, step)


async def may_read(session: AsyncSession, removal_id: UUID, viewer: Principal, now: datetime) -> bool:
    """Whether the viewer may see the removal and so its photos."""
    row = await repository.get(session, removal_id)
    if row is None or not allows(viewer, READ):
        return False
    return sees(scoped_for(viewer, READ), row.area, estate=row.estate_id, now=now)


def _row(fields: PointFields) -> dict[str, Any]:
    return {**vars(fields), "weekdays": sorted(fields.weekdays)}


def _point(row: CollectionPoint, now: datetime) -> CollectionPointChanged:
    return CollectionPointChanged(
        happened_at=now, kind=row.kind, estate_id=row.estate_id, area=row.area,
        weekdays=tuple(row.weekdays), valid_from=row.valid_from, valid_to=row.valid_to,
    )  # fmt: skip


def _told(row: Removal, event: type[RemovalTold], now: datetime) -> RemovalTold:
    told = {name: getattr(row, name) for name in RemovalTold.model_fields if name != "happened_at"}
    return event(happened_at=now, **told)


async def restate_points(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next points stand. Answers the last id, None at the end."""
    now, rows = utc_now(), await repository.points_after(session, after, limit)
    await append_many(session, [Entry(_point(row, now), row.id, row.version, cases.GRID) for row in rows])
    return rows[-1].id if rows else None


async def restate_removals(session: AsyncSession, limit: int, after: UUID | None) -> UUID | None:
    """Say again how the next removals stand that were told of. Answers the last id, None at the end."""
    now, rows = utc_now(), await repository.removals_after(session, after, limit)
    entries = []
    for row in rows:
        waits = RemovalOverdue if row.overdue_at else RemovalOrdered
        event = _ENDED.get(RemovalState(row.state), waits)
        entries.append(Entry(_told(row, event, now), row.id, row.version, cases.GRID))
    await append_many(session, entries)
    return rows[-1].id if rows else None
