"""When a point is emptied, when a removal is late, what follows from it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from libs.common.clocks import SHANGHAI, is_overdue, start_of_local_day
from libs.common.errors import Conflict, Invalid, NotFound
from libs.common.fsm import Machine
from services.grid.rules.domain import Removable


class RemovalState(StrEnum):
    """Where a removal stands (清运状态)."""

    DUE = "due"  # 待清运
    REMOVED = "removed"  # 已清运
    CANCELLED = "cancelled"  # 已取消


class RemovalAction(StrEnum):
    """What is done with it."""

    RECORD = "record"
    CANCEL = "cancel"


_S, _A = RemovalState, RemovalAction
LIFE: Machine[RemovalState, RemovalAction] = Machine(
    name="removal",
    initial=_S.DUE,
    table={(_S.DUE, _A.RECORD): _S.REMOVED, (_S.DUE, _A.CANCEL): _S.CANCELLED},
)
"""Taken away once, or not needed any more."""


class PointUnknown(NotFound):
    """No collection point has this id (清运点不存在)."""

    code = "collection-point-unknown"
    zh = "没有该清运点"
    en = "There is no such collection point"


class RemovalUnknown(NotFound):
    """No removal has this id (清运记录不存在)."""

    code = "removal-unknown"
    zh = "没有该清运记录"
    en = "There is no such removal"


class RemovalKindUnknown(Invalid):
    """The rules `removal.*` say what is carried away (清运类别不存在)."""

    code = "removal-kind-unknown"
    zh = "没有清运类别“{kind}”，可选：{known}"
    en = "There is no kind '{kind}' of removals; there are: {known}"


class ScheduleInvalid(Invalid):
    """Agreed days come with a time, each once; on demand there is neither (清运约定无效)."""

    code = "removal-schedule-invalid"
    zh = "约定清运须注明星期与时间且不重复；预约清运两者都不填"
    en = "Agreed days come with a time, each once; a point on demand has neither"


class PointDatesInverted(Invalid):
    """Its last day comes after its first (起止日期颠倒)."""

    code = "collection-point-dates-inverted"
    zh = "停用日期早于启用日期"
    en = "The last day lies before the first"


class PointEnded(Conflict):
    """Nothing is taken away there on that day (清运点未启用或已停用)."""

    code = "collection-point-ended"
    zh = "清运点在该日未启用或已停用"
    en = "The collection point is not in use on that day"


class WantedTooEarly(Invalid):
    """One orders for today or later, at most a month ahead (预约日期不符)."""

    code = "removal-wanted-too-early"
    zh = "预约日期应在今天至 31 天内"
    en = "A removal is ordered for a day from today to 31 days ahead"


class RemovedTimeImplausible(Invalid):
    """Not in the future, and not before it was to be taken away (清运时间不符)."""

    code = "removed-time-implausible"
    zh = "清运时间不得晚于现在，也不得早于当次清运开始"
    en = "The time of a removal is not in the future and not before it was asked for"


class NotOrdered(Conflict):
    """Only what was ordered is cancelled (非预约清运不得取消)."""

    code = "removal-not-ordered"
    zh = "按约定时间的清运不能取消"
    en = "A removal by the agreed days is not cancelled"


@dataclass(frozen=True)
class PointFields:
    """Where what is collected and when it is taken away (清运点). Days and times are local.

    `weekdays`: 1 Monday … 7 Sunday, with `by_time`; none = on demand. `carrier`: the firm that takes it away.
    """

    estate_id: UUID
    kind: str
    place: str
    weekdays: tuple[int, ...]
    by_time: time | None
    carrier: str
    valid_from: date
    valid_to: date | None
    source: str


def check_point(fields: PointFields, kinds: Mapping[str, Removable]) -> None:
    """Raises `RemovalKindUnknown`, `ScheduleInvalid`, `PointDatesInverted`."""
    kind_of(fields.kind, kinds)
    if bool(fields.weekdays) != (fields.by_time is not None):
        raise ScheduleInvalid(pointer="/by_time")
    if len(set(fields.weekdays)) != len(fields.weekdays):
        raise ScheduleInvalid(pointer="/weekdays")
    if fields.valid_to is not None and fields.valid_to < fields.valid_from:
        raise PointDatesInverted(pointer="/valid_to")


def kind_of(kind: str, kinds: Mapping[str, Removable]) -> Removable:
    """Raises `RemovalKindUnknown`."""
    if kind not in kinds:
        raise RemovalKindUnknown(kind=kind, known=", ".join(sorted(kinds)), pointer="/kind")
    return kinds[kind]


def check_in_use(valid_from: date, valid_to: date | None, day: date) -> None:
    """Raises `PointEnded`."""
    if not valid_from <= day <= (valid_to or day):
        raise PointEnded


def agreed_days(weekdays: Collection[int], after: date, until: date) -> Iterator[date]:
    """The agreed days behind one day up to another.

    >>> [day.day for day in agreed_days((1, 4), date(2026, 11, 23), date(2026, 11, 30))]
    [26, 30]
    """
    day = after + timedelta(days=1)
    while day <= until:
        if day.isoweekday() in weekdays:
            yield day
        day += timedelta(days=1)


def agreed_due(day: date, by_time: time) -> datetime:
    """By when it is to be taken away on an agreed day, UTC."""
    return start_of_local_day(day) + timedelta(hours=by_time.hour, minutes=by_time.minute)


def ordered_due(now: datetime, wanted_on: date | None, kind: Removable) -> datetime:
    """By when what is ordered is to be taken away, UTC: hours from now, or from the wanted day.

    Raises `WantedTooEarly`.
    """
    today = now.astimezone(SHANGHAI).date()
    if wanted_on is not None and not today <= wanted_on <= today + timedelta(days=31):
        raise WantedTooEarly(pointer="/wanted_on")
    begins = now if wanted_on is None else max(now, start_of_local_day(wanted_on))
    return begins + timedelta(hours=kind.within_hours)


def check_removed(removed_at: datetime, since: datetime, now: datetime) -> None:
    """Raises `RemovedTimeImplausible`."""
    if not since <= removed_at <= now:
        raise RemovedTimeImplausible(pointer="/removed_at")


def is_late(removed_at: datetime, due_at: datetime) -> bool:
    """Whether it was taken away after the agreed time; the time itself is still on time."""
    return is_overdue(removed_at, due_at)


def case_due(due_at: datetime, kind: Removable | None) -> datetime | None:
    """When what is overdue becomes a case, UTC; None: never by itself."""
    if kind is None or kind.case_after_hours is None:
        return None
    return due_at + timedelta(hours=kind.case_after_hours)


def share(on_time: int, counted: int) -> float | None:
    """On time of all that were due; None where nothing was.

    >>> share(9, 10), share(0, 0)
    (0.9, None)
    """
    return on_time / counted if counted else None
