"""What is counted, when and under what 统计口径. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from libs.common.clocks import SHANGHAI
from services.grid.lifecycle.domain import OPEN, WITH_HANDLER, CaseState
from services.grid.measures.domain import Measure as Measure
from services.grid.measures.domain import Stock as Stock

NEIGHBOURHOOD = 12
"""Digits of the area that a count is kept under (居村)."""
ORDERS = "order"
CASES = "case"


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

    `placed`: when and under what a round, named before the point, was counted as fallen due and as closed,
    while nothing has shown otherwise: to take that back, or to excuse it.
    """

    round: int = 0
    seen: frozenset[str] = frozenset()
    stands: Mapping[str, Under] = field(default_factory=dict)
    placed: Mapping[str, Count] = field(default_factory=dict)


_M = Measure
_RATINGS = (_M.CASES_SATISFIED, _M.CASES_FAIRLY_SATISFIED, _M.CASES_DISSATISFIED, _M.CASES_NOT_RATED)
AGAIN = frozenset({_M.RETURNED, _M.EXTENDED, _M.SUSPENDED, _M.REWORKED, *_RATINGS})
"""Counted every time (次); everything else once in a round (件)."""
EXCUSED_AS = {_M.FELL_DUE: _M.EXCUSED, _M.CLOSED: _M.CLOSED_EXCUSED}
"""What is counted beside it, at the same place, once an appeal has excused it."""
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
    seen = standing.seen if round_ == standing.round else frozenset[str]()
    placed, counts = dict(standing.placed), list[Count]()
    fell = placed_as(round_, _M.FELL_DUE)
    if fell in placed and _is_in_time(fact):
        counts.append(replace(placed.pop(fell), n=-1))
        seen -= {_M.FELL_DUE}
    for measure, at in _happened(fact, seen):
        if measure in AGAIN or measure not in seen:
            counts.append(Count(measure, under, at))
            seen |= {measure}
            if measure in EXCUSED_AS:
                placed[placed_as(round_, measure)] = counts[-1]
    before = _excused(standing.placed, round_) if _M.EXCUSED in seen else []
    excused = bool(fact.told.get("excused"))
    seen = seen | {_M.EXCUSED} if excused else seen - {_M.EXCUSED}
    after = _excused(placed, round_) if excused else []
    counts += [replace(one, n=-1) for one in before if one not in after]
    counts += [one for one in (*after, *_excused_since(fact, placed)) if one not in before]
    stands = _stands(fact, under)
    counts += _moved(standing.stands, stands, fact)
    return Standing(round_, seen, stands, placed), counts


def placed_as(round_: int, measure: Measure) -> str:
    """By what name a round's count is found again."""
    return f"{round_}.{measure}"


def _excused(placed: Mapping[str, Count], round_: int) -> list[Count]:
    """What counts as excused if the round's overdue mark is."""
    found = ((what, placed.get(placed_as(round_, base))) for base, what in EXCUSED_AS.items())
    return [replace(count, what=what) for what, count in found if count is not None]


def _excused_since(fact: Fact, placed: Mapping[str, Count]) -> list[Count]:
    """The same of a round that is over: its verdict stays its own."""
    former = fact.told.get("of_round", 0) if fact.verb == "appeal-granted" else 0
    return _excused(placed, former) if 0 < former < int(fact.told["round"]) else []


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
    if fact.verb == "rated":
        yield Measure(f"cases_{told['satisfaction'] or 'not_rated'}"), at
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
    if is_overdue(fact):
        found[Stock.OVERDUE.value] = under
        if fact.told.get("excused"):
            found[Stock.OVERDUE_EXCUSED.value] = under
    return found


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
