"""What a studio is, when it is open, what a visit is. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple, Protocol
from uuid import UUID

from libs.common.areas import AreaLevel, check_code, level_of
from libs.common.clocks import SHANGHAI, start_of_local_day
from libs.common.errors import Conflict, Invalid, NotFound


class StudioUnknown(NotFound):
    """No studio has this id (工作室不存在)."""

    code = "studio-unknown"
    zh = "没有该城管社区工作室"
    en = "There is no such studio"


class NoNeighbourhood(Invalid):
    """A studio is for one neighbourhood, twelve digits (须为居村代码)."""

    code = "studio-no-neighbourhood"
    zh = "工作室须对应一个居(村)委，区划 {area} 不是"
    en = "A studio is for one neighbourhood, which {area} is not"


class HoursInvalid(Invalid):
    """Opening times follow each other in the week without overlap (开放时间无效)."""

    code = "studio-hours-invalid"
    zh = "开放时间须起止分明、互不重叠"
    en = "Opening times begin before they end and do not overlap"


class StudioDatesInverted(Invalid):
    """Its last day comes after its first (起止日期颠倒)."""

    code = "studio-dates-inverted"
    zh = "停用日期早于启用日期"
    en = "The last day lies before the first"


class StudioTaken(Conflict):
    """One neighbourhood has one studio at a time (一居一室)."""

    code = "studio-taken"
    zh = "该居(村)委在此期间已有工作室“{name}”"
    en = "The neighbourhood has the studio '{name}' in that time"


class VisitTimeImplausible(Invalid):
    """A visit ends after it begins, and lies in the past, while there was a studio (走访时间不符)."""

    code = "visit-time-implausible"
    zh = "走访须先起后止、不晚于现在，且在工作室启用期间"
    en = "A visit ends after it begins, not later than now, while the studio is there"


class VisitKind(StrEnum):
    """Who came to whom (接待、走访)."""

    RECEPTION = "reception"  # 定点接待
    VISIT = "visit"  # 上门走访


class Hours(NamedTuple):
    """One opening in the week (开放时段): 1 Monday … 7 Sunday, local time."""

    weekday: int
    begins: time
    ends: time


@dataclass(frozen=True)
class StudioFields:
    """What a studio is (工作室): `role`, `contact` and `place` are public and name no person. Local days.

    `unit_id`: the enforcement unit whose person is there (承担单位)."""

    area: str
    unit_id: UUID | None
    name: str
    role: str
    contact: str
    place: str
    hours: tuple[Hours, ...]
    valid_from: date
    valid_to: date | None
    source: str


class Dated(Protocol):
    """A studio with its days."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


def check_fields(fields: StudioFields) -> None:
    """Raises `AreaCodeInvalid`, `NoNeighbourhood`, `HoursInvalid`, `StudioDatesInverted`."""
    if level_of(check_code(fields.area)) is not AreaLevel.NEIGHBOURHOOD:
        raise NoNeighbourhood(area=fields.area, pointer="/area")
    check_hours(fields.hours)
    if fields.valid_to is not None and fields.valid_to < fields.valid_from:
        raise StudioDatesInverted(pointer="/valid_to")


def check_hours(hours: Sequence[Hours]) -> None:
    """Raises `HoursInvalid`."""
    wrong = any(one.begins >= one.ends for one in hours)
    follow = pairwise(sorted(hours))
    if not hours or wrong or any(a.weekday == b.weekday and b.begins < a.ends for a, b in follow):
        raise HoursInvalid(pointer="/hours")


def check_alone(fields: StudioFields, own: UUID | None, others: Iterable[Dated]) -> None:
    """Raises `StudioTaken` if another one of the neighbourhood is there on one of the days."""
    end = fields.valid_to or date.max
    for other in others:
        if other.id != own and other.valid_from <= end and fields.valid_from <= (other.valid_to or date.max):
            raise StudioTaken(name=other.name, pointer="/valid_from")


def check_visit(studio: Dated, span: tuple[datetime, datetime], now: datetime) -> None:
    """Raises `VisitTimeImplausible`."""
    begins, ends = span
    day = begins.astimezone(SHANGHAI).date()
    there = studio.valid_from <= day <= (studio.valid_to or day)
    if not begins < ends <= now or not there:
        raise VisitTimeImplausible(pointer="/begins_at")


def in_hours(begins: datetime, hours: Sequence[Hours]) -> bool:
    """Whether it began while the studio was to be open (是否在公布时段)."""
    local = begins.astimezone(SHANGHAI)
    return any(one.weekday == local.isoweekday() and one.begins <= local.time() < one.ends for one in hours)


def openings(
    hours: Sequence[Hours], valid: tuple[date, date | None], first: date, last: date
) -> list[tuple[datetime, datetime]]:
    """When it was to be open between two days, both included (应开放时段), UTC, the earliest first.

    >>> tuesday = Hours(2, time(9), time(11))
    >>> days = date(2026, 11, 23), date(2026, 12, 1)
    >>> [opens.day for opens, _ in openings([tuesday], (date(2026, 11, 25), None), *days)]
    [1]
    """
    begins, ends = max(first, valid[0]), min(last, valid[1] or last)
    days = (begins + timedelta(days=n) for n in range((ends - begins).days + 1))
    return sorted(
        (_at(day, one.begins), _at(day, one.ends))
        for day in days
        for one in hours
        if one.weekday == day.isoweekday()
    )


def _at(day: date, at: time) -> datetime:
    return start_of_local_day(day) + timedelta(hours=at.hour, minutes=at.minute)


def kept(planned: Iterable[tuple[datetime, datetime]], begun: Collection[datetime]) -> int:
    """In how many of the openings a reception began (实际接待次数)."""
    return sum(any(opens <= at < shuts for at in begun) for opens, shuts in planned)
