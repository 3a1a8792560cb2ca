"""Reports 填报: periods, when they are due, and the life of one report. Pure.

A unit that owes a share of a target is expected to report on each period of the rhythm. What was over before
anybody was asked is told once, as an opening figure 期初数. An accepted report is corrected by another
version with a reason; until that is accepted the former figure counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from libs.common.errors import Conflict, Forbidden, NotFound
from libs.common.fsm import Machine
from libs.common.ids import stable_id


class Rhythm(StrEnum):
    """How often is reported (填报频次)."""

    MONTH = "month"  # 月报
    QUARTER = "quarter"  # 季报
    HALF_YEAR = "half_year"  # 半年报
    YEAR = "year"  # 年报
    ONCE = "once"  # 期末一次

    @property
    def months(self) -> int:
        """How many months a period has; 0 = all the time is one period."""
        return {"month": 1, "quarter": 3, "half_year": 6, "year": 12, "once": 0}[self.value]


class State(StrEnum):
    """Where a report stands (填报状态)."""

    EXPECTED = "expected"  # 待填报
    SUBMITTED = "submitted"  # 待审定
    ACCEPTED = "accepted"  # 已审定
    SENT_BACK = "sent_back"  # 已退回
    VOID = "void"  # 免报


class Action(StrEnum):
    """The steps of a report (操作)."""

    SUBMIT = "submit"  # 提交
    ACCEPT = "accept"  # 审定
    SEND_BACK = "send-back"  # 退回
    CORRECT = "correct"  # 更正
    VOID = "void"  # 免报


_S, _A = State, Action
LIFE = Machine(
    name="report",
    initial=State.EXPECTED,
    table={
        (_S.EXPECTED, _A.SUBMIT): _S.SUBMITTED,
        (_S.SENT_BACK, _A.SUBMIT): _S.SUBMITTED,
        (_S.SUBMITTED, _A.ACCEPT): _S.ACCEPTED,
        (_S.SUBMITTED, _A.SEND_BACK): _S.SENT_BACK,
        (_S.ACCEPTED, _A.CORRECT): _S.SUBMITTED,
        (_S.EXPECTED, _A.VOID): _S.VOID,
        (_S.SENT_BACK, _A.VOID): _S.VOID,
    },
)
OPEN = (State.EXPECTED, State.SENT_BACK)
"""The unit's turn."""


class ReportNotFound(NotFound):
    """No report has this id, or it is another unit's or area's (填报不存在)."""

    code = "report-not-found"
    zh = "填报不存在"
    en = "There is no such report"


class OwnReport(Forbidden):
    """Nobody accepts what they reported themselves (不得审定本人填报)."""

    code = "report-own"
    zh = "不得审定本人或本单位提交的填报"
    en = "You may not accept your own or your unit's report"


class TooEarly(Conflict):
    """The period has not begun (填报期尚未开始)."""

    code = "report-too-early"
    zh = "填报期自 {first} 开始，尚不能填报"
    en = "The period begins on {first}: it cannot be reported yet"


@dataclass(frozen=True)
class Asked:
    """When a share is to be reported; local days (填报安排).

    `last` None: no end. `since`: the day from which anybody is asked. `days`: time to report after the end of
    a period.
    """

    rhythm: Rhythm
    first: date
    last: date | None
    since: date
    days: int


@dataclass(frozen=True)
class Period:
    """A period that is reported on, both ends included, and the last day to report (填报期)."""

    first: date
    last: date
    due_on: date


def periods(asked: Asked, today: date) -> Iterator[Period]:
    """The periods that have begun by the local day, oldest first.

    Those over before anybody was asked are one: the opening figure, due as if it ended the day before.

    >>> monthly = Asked(Rhythm.MONTH, date(2026, 1, 1), date(2026, 12, 31), date(2026, 3, 10), 5)
    >>> [str(period.last) for period in periods(monthly, date(2026, 4, 2))]
    ['2026-02-28', '2026-03-31', '2026-04-30']
    """
    spans = list(_spans(asked, today))
    past = [span for span in spans if span[1] < asked.since]
    grace = timedelta(days=asked.days)
    if past:
        yield Period(past[0][0], past[-1][1], max(past[-1][1], asked.since) + grace)
    for first, last in spans[len(past) :]:
        yield Period(first, last, last + grace)


def _spans(asked: Asked, today: date) -> Iterator[tuple[date, date]]:
    first = asked.first
    while first <= today and (asked.last is None or first <= asked.last):
        last = _end(asked, first)
        yield first, last
        first = last + timedelta(days=1)


def _end(asked: Asked, first: date) -> date:
    """The last day of the calendar period of the day, cut where the share ends."""
    months = asked.rhythm.months
    if not months:
        return asked.last or date(first.year, 12, 31)
    beyond = (first.month - 1) // months * months + months
    ends = date(first.year + beyond // 12, beyond % 12 + 1, 1) - timedelta(days=1)
    return ends if asked.last is None else min(ends, asked.last)


def report_id(allocation_id: UUID, first: date) -> UUID:
    """The id of the report of an allocation on a period: expected once, however often the sweep looks."""
    return stable_id("report", f"{allocation_id}:{first}")


def counts_from(last: date, accepted_on: date) -> date:
    """The day from which an accepted figure counts: the period's end, or its earlier acceptance."""
    return min(last, accepted_on)


def check_accepter(subject: str, unit_id: UUID | None, submitter: str, reporting: UUID) -> None:
    """Raises `OwnReport` for who submitted it or stands in the reporting unit."""
    if subject == submitter or (unit_id is not None and unit_id == reporting):
        raise OwnReport


def check_begun(first: date, today: date) -> None:
    """Raises `TooEarly`."""
    if today < first:
        raise TooEarly(first=first.isoformat())
