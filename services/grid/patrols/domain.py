"""When a patrol comes round, what stands against a check-in, how far it was from the point. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from libs.common.areas import check_code, contains
from libs.common.clocks import local_date
from libs.common.coordinates import distance_m
from libs.common.errors import Conflict, Invalid, NotFound

_DAY = timedelta(days=1)
AHEAD = timedelta(minutes=10)
"""How far a device's clock may be ahead."""


class Every(StrEnum):
    """What a plan's rhythm is counted in (周期单位)."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class ItemState(StrEnum):
    """How an item stands (巡查任务状态)."""

    DUE = "due"  # 待巡查
    DONE = "done"  # 已巡查
    MISSED = "missed"  # 漏巡


class PatrolResult(StrEnum):
    """What was found (巡查结果)."""

    NORMAL = "normal"  # 正常
    FOUND = "found"  # 发现问题


class PatrolPlanUnknown(NotFound):
    """No plan has this id (巡查计划不存在)."""

    code = "patrol-plan-unknown"
    zh = "没有该巡查计划"
    en = "There is no such patrol plan"


class PatrolUnknown(NotFound):
    """No item has this id (巡查任务不存在)."""

    code = "patrol-unknown"
    zh = "没有该巡查任务"
    en = "There is no such patrol item"


class PatrolKindUnknown(Invalid):
    """The rules know no such kind (巡查类别不存在)."""

    code = "patrol-kind-unknown"
    zh = "巡查类别 {kind} 不存在"
    en = "There is no kind of patrol '{kind}'"


class PointOutside(Invalid):
    """A plan's points lie in its area (点位超出计划区域)."""

    code = "patrol-point-outside"
    zh = "点位区划 {point} 不在计划区划 {area} 内"
    en = "The point's area {point} does not lie in the plan's area {area}"


class PlanDatesInverted(Invalid):
    """The last day lies before the first (日期颠倒)."""

    code = "dates-inverted"
    zh = "截止日期 {last_day} 早于起始日期 {first_day}"
    en = "The last day {last_day} lies before the first day {first_day}"


class AlreadyPatrolled(Conflict):
    """Somebody has checked in there in this period (已打卡)."""

    code = "already-patrolled"
    zh = "该巡查任务已由 {person} 完成"
    en = "{person} has checked in there in this period already"


class OutsidePeriod(Invalid):
    """One checks in within the item's period, and not in the future (不在巡查周期内)."""

    code = "outside-patrol-period"
    zh = "打卡时间须在 {period_start} 至 {period_end} 之间，且不晚于现在"
    en = "The time must lie between {period_start} and {period_end}, and not in the future"


class CaseMissing(Invalid):
    """What was found is a case; what is normal is none (关联案件与结果不符)."""

    code = "patrol-case-mismatch"
    zh = "发现问题须关联案件，结果正常不得关联"
    en = "Name the case of what was found, and none where all is normal"


class CaseNotOwn(Invalid):
    """The case was not reported by the caller from own inspection (非本人自查案件)."""

    code = "patrol-case-not-own"
    zh = "案件 {case} 不存在，或不是本人经渠道 {channel} 上报"
    en = "The case {case} does not exist, or the caller did not report it through the channel '{channel}'"


@dataclass(frozen=True)
class Point:
    """Somewhere to go to (巡查点位); degrees CGCS2000, or the area as a whole."""

    name: str
    area: str
    building: str | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class PlanFields:
    """What a plan is (巡查计划). `inspector`: who is to go; None: whoever works there. Days are local."""

    name: str
    kind: str
    area: str
    estate_id: UUID | None
    every: int
    unit: str
    first_day: date
    last_day: date | None
    inspector: str | None
    source: str
    points: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Seen:
    """What somebody says of having been there (打卡); `place` in degrees CGCS2000."""

    at: datetime
    result: str
    place: tuple[float, float] | None = None
    case_id: UUID | None = None
    note: str | None = None
    photos: tuple[str, ...] = ()


def check_plan(fields: PlanFields) -> None:
    """Raises `AreaCodeInvalid`, `PlanDatesInverted`, `PointOutside`."""
    check_code(fields.area)
    if fields.last_day is not None and fields.last_day < fields.first_day:
        told = {"first_day": fields.first_day.isoformat(), "last_day": fields.last_day.isoformat()}
        raise PlanDatesInverted(pointer="/last_day", **told)
    for place, point in enumerate(fields.points):
        check_code(point.area)
        if not contains(fields.area, point.area):
            raise PointOutside(point=point.area, area=fields.area, pointer=f"/points/{place}/area")


def start_of(first_day: date, every: int, unit: str, number: int) -> date:
    """The first day of the period of that number, from 0; a month that is too short ends earlier.

    >>> start_of(date(2026, 1, 31), 1, "months", 1), start_of(date(2026, 1, 31), 1, "months", 2)
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    """
    if unit != Every.MONTHS:
        return first_day + number * every * _DAY * (7 if unit == Every.WEEKS else 1)
    months = first_day.year * 12 + first_day.month - 1 + number * every
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(first_day.day, monthrange(year, month)[1]))


def number_at(first_day: date, every: int, unit: str, day: date) -> int:
    """The number of the period that holds the day; 0 before the first one."""
    if day <= first_day:
        return 0
    if unit == Every.MONTHS:
        months = (day.year - first_day.year) * 12 + day.month - first_day.month
        number = months // every
        return number if start_of(first_day, every, unit, number) <= day else number - 1
    return (day - first_day).days // (every * (7 if unit == Every.WEEKS else 1))


def periods(fields: PlanFields, number: int, until: date) -> Iterator[tuple[date, date]]:
    """First and last day of the periods from that number on that begin by the day, inside the plan's days."""
    last = fields.last_day or date.max
    start = start_of(fields.first_day, fields.every, fields.unit, number)
    while start <= min(until, last):
        number += 1
        following = start_of(fields.first_day, fields.every, fields.unit, number)
        yield start, min(following - _DAY, last)
        start = following


def check_seen(period: tuple[date, date], seen: Seen, now: datetime) -> None:
    """Raises `OutsidePeriod`, `CaseMissing`."""
    if seen.at > now + AHEAD or not period[0] <= local_date(seen.at) <= period[1]:
        told = {"period_start": period[0].isoformat(), "period_end": period[1].isoformat()}
        raise OutsidePeriod(pointer="/at", **told)
    if (seen.case_id is None) == (seen.result == PatrolResult.FOUND):
        raise CaseMissing(pointer="/case_id")


def away(point: tuple[float, float] | None, place: tuple[float, float] | None) -> float | None:
    """Metres between the point and where somebody was; None where one of them is not known."""
    return None if point is None or place is None else round(distance_m(point, place), 1)
