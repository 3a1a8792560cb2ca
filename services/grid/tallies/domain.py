"""What is counted, when and under what 统计口径. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from libs.common.clocks import SHANGHAI
from services.grid.lifecycle.domain import OPEN, WITH_HANDLER, CaseState

NEIGHBOURHOOD = 12
"""Digits of the area that a count is kept under (居村)."""
ORDERS = "order"
CASES = "case"


class Measure(StrEnum):
    """What is counted (计数项)."""

    REPORTED = "reported"  # 上报
    WITHDRAWN = "withdrawn"  # 撤回
    ACCEPTED = "accepted"  # 受理
    REJECTED = "rejected"  # 不予受理、不予立案
    MERGED = "merged"  # 合并
    VOIDED = "voided"  # 作废
    FILED = "filed"  # 立案
    DISPATCHED = "dispatched"  # 派遣
    ANSWERED = "answered"  # 处置
    ANSWERED_ON_TIME = "answered_on_time"  # 按期处置
    FELL_DUE = "fell_due"  # 到期未处置
    RETURNED = "returned"  # 退单
    EXTENDED = "extended"  # 延期
    SUSPENDED = "suspended"  # 挂账
    REWORKED = "reworked"  # 返工
    CLOSED = "closed"  # 结案
    CLOSED_ON_TIME = "closed_on_time"  # 按期结案
    CLOSED_BELOW = "closed_below"  # 街镇以下办结
    REOPENED = "reopened"  # 重新办理
    ORDERS_RECEIVED = "orders_received"  # 热线受理
    ORDERS_REPEATED = "orders_repeated"  # 重复工单
    CONTACTED = "contacted"  # 先行联系
    CONTACTED_ON_TIME = "contacted_on_time"  # 按时先行联系
    REPLIED = "replied"  # 答复
    REPLIED_ON_TIME = "replied_on_time"  # 按时答复
    SOLVED = "solved"  # 实际解决
    EXPLAINED = "explained"  # 解释说明
    SAID_CONTACTED = "said_contacted"  # 回访：已联系
    SAID_NOT_CONTACTED = "said_not_contacted"  # 回访：未联系
    SATISFIED = "satisfied"  # 满意
    FAIRLY_SATISFIED = "fairly_satisfied"  # 基本满意
    SO_SO = "so_so"  # 一般
    DISSATISFIED = "dissatisfied"  # 不满意


class Stock(StrEnum):
    """What stands at a moment (时点数)."""

    OPEN = "open"  # 未结
    OVERDUE = "overdue"  # 超期未处置


@dataclass(frozen=True)
class Under:
    """What a count is kept under: area to the neighbourhood, and what the record carried then; '' = none."""

    area: str
    category: str = ""
    channel: str = ""
    unit: str = ""
    level: str = ""


@dataclass(frozen=True)
class Fact:
    """An event as the statistics read it: of a case or an order, what happened, when (UTC), its payload."""

    of: str
    verb: str
    at: datetime
    told: Mapping[str, Any]


@dataclass(frozen=True)
class Count:
    """So many more of it then (UTC); fewer if negative: of a stock, or of what proved not to have been."""

    what: str
    under: Under
    at: datetime
    n: int = 1


@dataclass(frozen=True)
class Standing:
    """What has been counted of a record: in its present round, and as what it stands open or overdue.

    `fell` is the deadline that was counted as passed unanswered, while nothing has shown otherwise.
    """

    round: int = 0
    seen: frozenset[str] = frozenset()
    stands: Mapping[str, Under] = field(default_factory=dict)
    fell: Count | None = None


_M = Measure
AGAIN = frozenset({_M.RETURNED, _M.EXTENDED, _M.SUSPENDED, _M.REWORKED})
"""Counted every time (次); everything else once in a round (件)."""
ENDS = {"closed": _M.CLOSED, "concluded": _M.CLOSED, "force-closed": _M.CLOSED}
_OF_CASE = {
    **{m.value: m for m in (
        _M.REPORTED, _M.WITHDRAWN, _M.ACCEPTED, _M.REJECTED, _M.MERGED, _M.VOIDED, _M.FILED, _M.DISPATCHED,
        _M.ANSWERED, _M.RETURNED, _M.EXTENDED, _M.SUSPENDED, _M.REOPENED,
    )},
    **ENDS,
}  # fmt: skip
_OF_ORDER = {
    "received": _M.ORDERS_RECEIVED, "linked": _M.ORDERS_REPEATED, "contacted": _M.CONTACTED,
    "replied": _M.REPLIED,
}  # fmt: skip
_ON_TIME = {
    _M.ANSWERED: _M.ANSWERED_ON_TIME, _M.CLOSED: _M.CLOSED_ON_TIME, _M.CONTACTED: _M.CONTACTED_ON_TIME,
    _M.REPLIED: _M.REPLIED_ON_TIME,
}  # fmt: skip
BELOW_SUBDISTRICT = frozenset({"information_point", "workstation"})
_RUNNING = frozenset({*WITH_HANDLER, CaseState.RETURNED})


def counted(standing: Standing, fact: Fact) -> tuple[Standing, list[Count]]:
    """What the event adds to the counts, and what has been counted of its record then."""
    under = _under(fact)
    round_ = int(fact.told.get("round", 1))
    same = round_ == standing.round
    seen, fell = (standing.seen, standing.fell) if same else (frozenset[str](), None)
    counts = []
    if fell is not None and _is_in_time(fact):
        counts.append(replace(fell, n=-1))
        seen, fell = seen - {_M.FELL_DUE}, None
    for measure, at in _happened(fact, seen):
        if measure in AGAIN or measure not in seen:
            counts.append(Count(measure, under, at))
            seen |= {measure}
            fell = counts[-1] if measure is _M.FELL_DUE else fell
    stands = _stands(fact, under)
    counts += _moved(standing.stands, stands, fact)
    return Standing(round_, seen, stands, fell), counts


def _moved(before: Mapping[str, Under], after: Mapping[str, Under], fact: Fact) -> Iterator[Count]:
    for what, under in before.items():
        if after.get(what) != under:
            yield Count(what, under, fact.at, -1)
    for what, under in after.items():
        if before.get(what) != under:
            # The sweep comes some time after the deadline, a day after it when the worker was down.
            swept = what == Stock.OVERDUE and what not in before and fact.verb == "overdue"
            yield Count(what, under, instant(fact.told["due_at"]) if swept else fact.at)


def _under(fact: Fact) -> Under:
    told = fact.told
    return Under(
        told["area"][:NEIGHBOURHOOD], told.get("category") or "", told["channel"],
        told.get("unit_id") or "", told.get("level") or "",
    )  # fmt: skip


def _happened(fact: Fact, seen: frozenset[str]) -> Iterator[tuple[Measure, datetime]]:
    told, at = fact.told, fact.at
    main = (_OF_CASE if fact.of == CASES else _OF_ORDER).get(fact.verb)
    if main is not None:
        yield main, at
        if told.get("on_time") and main in _ON_TIME:
            yield _ON_TIME[main], at
    if main is _M.CLOSED and told.get("level") in BELOW_SUBDISTRICT:
        yield _M.CLOSED_BELOW, at
    if fact.verb == "checked" and not told["passed"]:
        yield _M.REWORKED, at
    if (is_overdue(fact) or _came_late(fact)) and _M.ANSWERED_ON_TIME not in seen:
        yield _M.FELL_DUE, instant(told["due_at"])
    if fact.of == ORDERS:
        yield from ((measure, at) for measure in _said(fact.verb, told))


def _said(verb: str, told: Mapping[str, Any]) -> Iterator[Measure]:
    if verb == "replied":
        yield _M.SOLVED if told["result"] == "solved" else _M.EXPLAINED
    if verb == "called-back" and told.get("contacted") is not None:
        yield _M.SAID_CONTACTED if told["contacted"] else _M.SAID_NOT_CONTACTED
    if verb == "called-back" and told.get("satisfaction"):
        yield Measure(told["satisfaction"])


def is_overdue(fact: Fact) -> bool:
    """Whether its handling deadline had passed with nobody's answer."""
    due_at = _running_until(fact)
    return due_at is not None and due_at < fact.at


def _came_late(fact: Fact) -> bool:
    """Whether it was answered after its deadline, perhaps before any sweep had seen it pass."""
    told = fact.told
    return _answers(fact) and told["on_time"] is False and told.get("due_at") is not None


def _is_in_time(fact: Fact) -> bool:
    """Whether the deadline in force has not passed after all: an answer was in time, or it has moved."""
    due_at = _running_until(fact)
    return bool(_answers(fact) and fact.told["on_time"]) or (due_at is not None and fact.at <= due_at)


def _answers(fact: Fact) -> bool:
    return fact.of == CASES and fact.verb == "answered"


def _running_until(fact: Fact) -> datetime | None:
    due_at = fact.told.get("due_at")
    return instant(due_at) if due_at is not None and fact.told["state"] in _RUNNING else None


def _stands(fact: Fact, under: Under) -> dict[str, Under]:
    if fact.of == ORDERS:
        return {}
    found = {Stock.OPEN.value: under} if fact.told["state"] in OPEN else {}
    return found | ({Stock.OVERDUE.value: under} if is_overdue(fact) else {})


def instant(text: str) -> datetime:
    """A time in an event's payload."""
    return datetime.fromisoformat(text)


def half_day(at: datetime) -> datetime:
    """The beginning of the half day, at midnight or noon in China.

    >>> half_day(datetime.fromisoformat("2026-11-27T13:59:00+08:00")).isoformat()
    '2026-11-27T12:00:00+08:00'
    """
    local = at.astimezone(SHANGHAI)
    return local.replace(hour=local.hour // 12 * 12, minute=0, second=0, microsecond=0)
