"""Lights 红绿灯: the schedule of a target, and how what was reached by a day stands to it. Pure.

A light compares with what the schedule 序时进度 asks on the day, never with the final figure. The schedule is
a straight line by days, both ends included, from the baseline on the eve of the start over the milestones to
the figure on the deadline. A target is judged on the last day whose reports are due (`judged_on`): what
nobody had to report yet is not held against it, and who stops reporting falls behind and turns red.

>>> half = Yardstick(Kind.SUM, Decimal(30_000_000), start=date(2019, 1, 1), deadline=date(2020, 12, 31))
>>> round(float(scheduled(half, date(2019, 12, 31))))  # 365 of 731 days
14979480
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from services.targets.targets.domain import Kind, Recurrence


class Light(StrEnum):
    """How a target stands (红绿灯)."""

    GREY = "grey"  # 灰：不评判
    GREEN = "green"  # 绿：正常
    YELLOW = "yellow"  # 黄：滞后或临近
    RED = "red"  # 红：严重滞后或逾期


class Reason(StrEnum):
    """Why the light is what it is (亮灯原因)."""

    DRAFT = "draft"  # 计划尚未启动
    CONCLUDED = "concluded"  # 计划已结束
    ALREADY_MET = "already-met"  # 文件载明已达到的基数
    NO_VALUE = "no-value"  # 未定目标值
    NO_DEADLINE = "no-deadline"  # 未定期限
    NOT_STARTED = "not-started"  # 尚未开始
    NOT_DUE = "not-due"  # 尚无到期填报
    NO_FIGURES = "no-figures"  # 未分解也无数据
    REACHED = "reached"  # 已达到
    ON_SCHEDULE = "on-schedule"  # 达到序时进度
    BEHIND = "behind"  # 滞后于序时进度
    FAR_BEHIND = "far-behind"  # 严重滞后
    NEAR_DUE = "near-due"  # 临近期限
    SOFT_MISSED = "soft-missed"  # 力争类目标未达到
    MISSED = "missed"  # 期满未达到


class Verdict(StrEnum):
    """What came of it (结论)."""

    OPEN = "open"  # 未到期
    MET = "met"  # 按期达到
    MET_LATE = "met-late"  # 逾期达到
    SOFT_MISSED = "soft-missed"  # 力争类目标未达到，不作未完成
    MISSED = "missed"  # 未达到
    NOT_JUDGED = "not-judged"  # 不评判


@dataclass(frozen=True)
class Thresholds:
    """From which share of the schedule a light is green or yellow; yellow so many days before a deadline."""

    green: Decimal
    yellow: Decimal
    near_days: int


@dataclass(frozen=True)
class Yardstick:
    """By what a target is judged: figures in the base unit, of a rate in per cent (评判依据).

    `points`: milestones on the way as (day, figure). `at_most`: the figure must not be exceeded.
    """

    kind: Kind
    floor: Decimal | None
    baseline: Decimal | None = None
    start: date | None = None
    deadline: date | None = None
    points: tuple[tuple[date, Decimal], ...] = ()
    at_most: bool = False
    soft: bool = False
    already_met: bool = False


@dataclass(frozen=True)
class Held:
    """What was reached on the day judged, and by the deadline where that has passed (完成情况).

    `asked`: somebody was expected to report. None: nothing is known.
    """

    value: Fraction | None = None
    by_deadline: Fraction | None = None
    done: bool | None = None
    done_by_deadline: bool | None = None
    asked: bool = False


@dataclass(frozen=True)
class Judgement:
    """A light with its reason, what the schedule asked and what came of it (评判结果)."""

    light: Light
    reason: Reason
    verdict: Verdict = Verdict.NOT_JUDGED
    scheduled: Fraction | None = None
    judged_on: date | None = None


def judge(yard: Yardstick, held: Held, day: date | None, thresholds: Thresholds) -> Judgement:
    """The light on `day`, the last local day whose reports are due; None = none is due yet."""
    grey = _not_judged(yard, held, day)
    if grey is not None or day is None or yard.deadline is None:
        return Judgement(Light.GREY, grey or Reason.NOT_DUE, judged_on=day)
    over = day >= yard.deadline
    asked = None if yard.floor is None else scheduled(yard, day)
    if _reached(yard, held.value, held.done):
        in_time = _reached(yard, held.by_deadline, held.done_by_deadline)
        verdict = Verdict.OPEN if not over else Verdict.MET if in_time else Verdict.MET_LATE
        return Judgement(Light.GREEN, Reason.REACHED, verdict, asked, day)
    if over:
        if yard.soft:
            return Judgement(Light.YELLOW, Reason.SOFT_MISSED, Verdict.SOFT_MISSED, asked, day)
        return Judgement(Light.RED, Reason.MISSED, Verdict.MISSED, asked, day)
    light, reason = _on_the_way(yard, held, day, thresholds)
    if yard.soft and light is Light.RED:  # an effort is asked for: it may lag, it does not fail
        light = Light.YELLOW
    return Judgement(light, reason, Verdict.OPEN, asked, day)


def _not_judged(yard: Yardstick, held: Held, day: date | None) -> Reason | None:
    """Why no light is shown; None where there is one."""
    nothing = held.value is None and held.done is None
    checks = (
        (yard.already_met, Reason.ALREADY_MET),
        (yard.kind.measured and yard.floor is None, Reason.NO_VALUE),
        (yard.deadline is None, Reason.NO_DEADLINE),
        (day is None, Reason.NOT_DUE),
        (day is not None and yard.start is not None and day < yard.start, Reason.NOT_STARTED),
        (nothing and (not held.asked or yard.kind is Kind.QUALITATIVE), Reason.NO_FIGURES),
    )
    return next((reason for holds, reason in checks if holds), None)


def _reached(yard: Yardstick, value: Fraction | None, done: bool | None) -> bool:
    if not yard.kind.measured:
        return done is True
    if value is None or yard.floor is None:
        return False
    return value <= Fraction(yard.floor) if downward(yard) else value >= Fraction(yard.floor)


def downward(yard: Yardstick) -> bool:
    """Whether less is better: a figure not to be exceeded, or one below its baseline."""
    sinks = yard.baseline is not None and yard.floor is not None and yard.floor < yard.baseline
    return yard.at_most or sinks


def _on_the_way(yard: Yardstick, held: Held, day: date, thresholds: Thresholds) -> tuple[Light, Reason]:
    """Before the deadline and not reached. Who was asked and told nothing has reached nothing."""
    assert yard.deadline is not None, "an undated target is not judged"
    if yard.kind.measured:
        share = attained(yard, held.value, day)
        if share < Fraction(thresholds.yellow):
            return Light.RED, Reason.FAR_BEHIND
        if share < Fraction(thresholds.green):
            return Light.YELLOW, Reason.BEHIND
    if day >= yard.deadline - timedelta(days=thresholds.near_days) and not downward(yard):
        return Light.YELLOW, Reason.NEAR_DUE
    return Light.GREEN, Reason.ON_SCHEDULE


def attained(yard: Yardstick, value: Fraction | None, day: date) -> Fraction:
    """What was reached as a share of what the schedule asks on the day, both counted from the baseline."""
    base = Fraction(yard.baseline or 0)
    asked = scheduled(yard, day) - base
    if not asked:
        return Fraction(1) if value is None or value <= base or not yard.at_most else Fraction(0)
    if yard.at_most and yard.baseline is None:  # nothing to come down from: it is kept or it is not
        return Fraction(1) if value is None or value <= Fraction(yard.floor or 0) else Fraction(0)
    return ((base if value is None else value) - base) / asked


def scheduled(yard: Yardstick, day: date) -> Fraction:
    """What the schedule asks by the end of the local day, exactly."""
    assert yard.floor is not None, "a schedule leads to a figure"
    goal = Fraction(yard.floor)
    if yard.deadline is None or yard.start is None or day >= yard.deadline:
        return goal
    at, reached = yard.start - timedelta(days=1), Fraction(yard.baseline or 0)
    for by, figure in (*_points(yard), (yard.deadline, yard.floor)):
        if day <= by:
            share = Fraction(max((day - at).days, 0), (by - at).days)
            return reached + (Fraction(figure) - reached) * share
        at, reached = by, Fraction(figure)
    return goal


def _points(yard: Yardstick) -> list[tuple[date, Decimal]]:
    """The milestones that bend the line.

    One that names the whole figure before the deadline counts something else, such as what was begun 启动.
    """
    first, last = yard.start or date.min, yard.deadline or date.max
    inside = (point for point in yard.points if first <= point[0] < last)
    return sorted(point for point in inside if point[1] != yard.floor)


_MONTHS = {Recurrence.YEAR: 12, Recurrence.HALF_YEAR: 6, Recurrence.QUARTER: 3}


def window(recurrence: Recurrence, day: date) -> tuple[date, date]:
    """First and last day of the calendar period in which a recurring target counts afresh (周期).

    >>> window(Recurrence.HALF_YEAR, date(2008, 8, 8))
    (datetime.date(2008, 7, 1), datetime.date(2008, 12, 31))
    """
    months = _MONTHS[recurrence]
    first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    beyond = first.month + months
    following = date(first.year + (beyond - 1) // 12, (beyond - 1) % 12 + 1, 1)
    return first, following - timedelta(days=1)
