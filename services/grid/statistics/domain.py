"""Periods, and the indicators that follow from what was counted 统计期间与指标. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from libs.common.clocks import SHANGHAI
from libs.common.errors import Invalid
from services.grid.tallies.domain import Measure, Stock

LONGEST = timedelta(days=3 * 366)


class PeriodInvalid(Invalid):
    """The last day lies before the first, or more than three years behind it (统计期间有误)."""

    code = "period-invalid"
    zh = "统计期间有误：止日不得早于起日，且不超过三年"
    en = "The last day must not lie before the first, nor more than three years behind it"


@dataclass(frozen=True)
class Period:
    """From the first day to the last one, both included; with `noon` a day begins at noon the day before."""

    since: date
    until: date
    noon: bool = False

    def checked(self) -> Period:
        """Itself. Raises `PeriodInvalid`."""
        if not self.since <= self.until <= self.since + LONGEST:
            raise PeriodInvalid(pointer="/until")
        return self

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """Begin and end; the end is not part of it."""
        back = timedelta(hours=12 if self.noon else 0)
        first, last = (datetime.combine(day, time(), SHANGHAI) for day in (self.since, self.until))
        return first - back, last + timedelta(days=1) - back

    def a_year_before(self) -> Period:
        """The same days of last year; 29 February has none and becomes the 28th (去年同期)."""
        return replace(self, since=_year_before(self.since), until=_year_before(self.until))


def _year_before(day: date) -> date:
    last = day.replace(day=28) if (day.month, day.day) == (2, 29) else day
    return last.replace(year=day.year - 1)


@dataclass(frozen=True)
class Rate:
    """A part of a whole; without a whole there is no value."""

    numerator: Decimal
    denominator: Decimal

    @property
    def value(self) -> Decimal | None:
        """To four places; None where the denominator is zero."""
        if not self.denominator:
            return None
        return (self.numerator / self.denominator).quantize(Decimal("0.0001"), ROUND_HALF_UP)


Parts = Mapping[str, Decimal]
"""What is added up, and how much each counts."""


def _sum(*measures: str) -> Parts:
    return dict.fromkeys(measures, Decimal(1))


@dataclass(frozen=True)
class Indicator:
    """A published rate (指标): what is divided by what, in words of both languages and as parts."""

    code: str
    zh: str
    en: str
    formula_zh: str
    formula_en: str
    numerator: Parts
    denominator: Parts
    source: str

    def of(self, counts: Mapping[str, int]) -> Rate:
        """Its value by these counts."""
        return Rate(_weighed(self.numerator, counts), _weighed(self.denominator, counts))


def _weighed(parts: Parts, counts: Mapping[str, int]) -> Decimal:
    return sum((weight * counts[what] for what, weight in parts.items() if counts.get(what)), Decimal(0))


_M, _EVALUATION, _SHEET = Measure, "数字化城市管理绩效评价指标（GB/T 30428.4）", "上海市12345热线工单统计口径"
_TO_CLOSE = _sum(_M.CLOSED, Stock.OVERDUE)
_TO_ANSWER = _sum(_M.ANSWERED_ON_TIME, _M.FELL_DUE)
_TO_ANSWER_IN_TIME = {**_TO_ANSWER, _M.EXCUSED: Decimal(-1)}
_TO_CLOSE_IN_TIME: Parts = {
    **_TO_CLOSE, _M.CLOSED_EXCUSED: Decimal(-1), Stock.OVERDUE_EXCUSED: Decimal(-1)
}  # fmt: skip
_CASES_RATED = _sum(_M.CASES_SATISFIED, _M.CASES_FAIRLY_SATISFIED, _M.CASES_DISSATISFIED)
_EVALUATED = _sum(_M.SATISFIED, _M.FAIRLY_SATISFIED, _M.SO_SO, _M.DISSATISFIED)
INDICATORS = (
    Indicator(
        "filed", "有效上报率", "Reports that were filed", "立案数 ÷ 上报数", "filed ÷ reported",
        _sum(_M.FILED), _sum(_M.REPORTED), _EVALUATION,
    ),
    Indicator(
        "answered", "处置率", "Handled", "处置数 ÷（处置数 ＋ 期末超期未处置数）",
        "handled ÷ (handled + standing overdue at the end)",
        _sum(_M.ANSWERED), _sum(_M.ANSWERED, Stock.OVERDUE), _EVALUATION,
    ),
    Indicator(
        "answered_on_time", "按期处置率", "Handled on time",
        "按期处置数 ÷（应处置数 － 申诉成立的到期未处置数）；应处置数 ＝ 期内按期处置数 ＋ 期内到期未处置数，"
        "未到期的在办件不计入",
        "handled on time ÷ (handled on time + fell due unanswered - of those excused on appeal)",
        _sum(_M.ANSWERED_ON_TIME), _TO_ANSWER_IN_TIME, _EVALUATION,
    ),
    Indicator(
        "closed", "结案率", "Closed",
        "结案数 ÷ 应结案数；应结案数 ＝ 结案数 ＋ 期末超期未处置数，挂账件不计入",
        "closed ÷ to close; to close = closed + standing overdue at the end, what is suspended left out",
        _sum(_M.CLOSED), _TO_CLOSE, _EVALUATION,
    ),
    Indicator(
        "closed_on_time", "按期结案率", "Closed, handled on time",
        "按期结案数 ÷（应结案数 － 申诉成立的超时结案数 － 期末申诉成立的超期未处置数）",
        "closed on time ÷ (to close - closed late and excused - standing overdue and excused at the end)",
        _sum(_M.CLOSED_ON_TIME), _TO_CLOSE_IN_TIME, _EVALUATION,
    ),
    Indicator(
        "reworked", "返工率", "Rework", "返工次数 ÷ 应结案数", "times of rework ÷ to close",
        _sum(_M.REWORKED), _TO_CLOSE, _EVALUATION,
    ),
    Indicator(
        "extended", "延期率", "Extensions", "延期次数 ÷ 应处置数",
        "extensions ÷ (handled on time + fell due unanswered)", _sum(_M.EXTENDED), _TO_ANSWER, _EVALUATION,
    ),
    Indicator(
        "closed_below", "街镇以下办结率", "Closed below subdistrict level",
        "在居民区信息点、社区工作站办结数 ÷ 结案数",
        "closed at an information point or workstation ÷ closed",
        _sum(_M.CLOSED_BELOW), _sum(_M.CLOSED), "assumption",
    ),
    Indicator(
        "cases_satisfied", "案件满意率", "Satisfaction with cases",
        "（满意数 ＋ 基本满意数）÷（满意数 ＋ 基本满意数 ＋ 不满意数），未评价不计入",
        "(satisfied + fairly satisfied) ÷ (satisfied + fairly + dissatisfied); what is not rated left out",
        _sum(_M.CASES_SATISFIED, _M.CASES_FAIRLY_SATISFIED), _CASES_RATED, "assumption",
    ),
    Indicator(
        "contacted", "先行联系率", "First contact, says the caller",
        "回访已联系数 ÷（回访已联系数 ＋ 回访未联系数），未评价不计入",
        "says contacted ÷ (says contacted + says not contacted); what is not evaluated left out",
        _sum(_M.SAID_CONTACTED), _sum(_M.SAID_CONTACTED, _M.SAID_NOT_CONTACTED), _SHEET,
    ),
    Indicator(
        "contacted_on_time", "按时先行联系率", "First contact on time", "按时先行联系数 ÷ 先行联系数",
        "first contacts on time ÷ first contacts",
        _sum(_M.CONTACTED_ON_TIME), _sum(_M.CONTACTED), _SHEET,
    ),
    Indicator(
        "replied_on_time", "按时答复率", "Replied on time", "按时答复数 ÷ 答复数",
        "replies on time ÷ replies",
        _sum(_M.REPLIED_ON_TIME), _sum(_M.REPLIED), _SHEET,
    ),
    Indicator(
        "solved", "实际解决率", "Solved in fact", "实际解决数 ÷（实际解决数 ＋ 解释说明数）",
        "solved in fact ÷ (solved in fact + explained)",
        _sum(_M.SOLVED), _sum(_M.SOLVED, _M.EXPLAINED), _SHEET,
    ),
    Indicator(
        "satisfied", "市民满意率", "Satisfaction",
        "（满意数 ＋ 0.8 × 基本满意数 ＋ 0.6 × 一般数）÷ 已评价数",
        "(satisfied + 0.8 × fairly satisfied + 0.6 × so-so) ÷ evaluated",
        {_M.SATISFIED: Decimal(1), _M.FAIRLY_SATISFIED: Decimal("0.8"), _M.SO_SO: Decimal("0.6")},
        _EVALUATED, _SHEET,
    ),
    Indicator(
        "repeated", "重复率", "Repeats", "重复工单数 ÷ 热线受理数",
        "repeated orders ÷ received orders",
        _sum(_M.ORDERS_REPEATED), _sum(_M.ORDERS_RECEIVED), _SHEET,
    ),
)  # fmt: skip
"""Every rate that is published, in order."""


def month_end(at: datetime) -> datetime:
    """When the month in China ends that the time lies in.

    >>> month_end(datetime.fromisoformat("2026-11-30T16:00:00+00:00")).isoformat()
    '2027-01-01T00:00:00+08:00'
    """
    first = at.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year, month = divmod(first.year * 12 + first.month, 12)
    return first.replace(year=year, month=month + 1)
