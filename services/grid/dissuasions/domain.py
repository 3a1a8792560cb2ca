"""When an act must be reported, what the report says, and the share of those in time. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from libs.common.clocks import is_overdue
from libs.common.errors import Invalid, NotFound
from services.grid.rules.domain import Unstoppable


class DissuasionUnknown(NotFound):
    """No report of this id (劝阻无效报告不存在)."""

    code = "dissuasion-unknown"
    zh = "没有该劝阻无效报告"
    en = "There is no such report"


class ActUnknown(Invalid):
    """The rules `dissuasion.*` say which acts are reported (行为类别不存在)."""

    code = "dissuasion-kind-unknown"
    zh = "没有行为类别“{kind}”，可选：{known}"
    en = "There is no kind '{kind}' of acts; there are: {known}"


class DissuadedTimeImplausible(Invalid):
    """One dissuades after one has seen it and before one reports it (劝阻时间不符)."""

    code = "dissuaded-time-implausible"
    zh = "劝阻时间应在发现之后、现在之前"
    en = "An act is dissuaded from after it was seen, and not later than now"


class EvidenceMissing(Invalid):
    """Photos show the act or the dissuasion (缺少照片)."""

    code = "dissuasion-evidence-missing"
    zh = "须附现场或劝阻照片"
    en = "Give photos of the act or of the dissuasion"


@dataclass(frozen=True)
class Act:
    """What was seen and what was done against it (违法行为与劝阻经过). Times are UTC."""

    kind: str
    what: str
    address: str
    seen_at: datetime
    dissuaded_at: datetime
    how: str
    photos: tuple[str, ...]


def check_act(act: Act, kinds: Mapping[str, Unstoppable], now: datetime) -> Unstoppable:
    """The kind of the act. Raises `ActUnknown`, `DissuadedTimeImplausible`, `EvidenceMissing`."""
    if act.kind not in kinds:
        raise ActUnknown(kind=act.kind, known=", ".join(sorted(kinds)), pointer="/kind")
    if not act.seen_at <= act.dissuaded_at <= now:
        raise DissuadedTimeImplausible(pointer="/dissuaded_at")
    if not act.photos:
        raise EvidenceMissing(pointer="/photos")
    return kinds[act.kind]


def description_of(act: Act, kind: Unstoppable) -> str:
    """What the case says, in Chinese, as the centre reads it."""
    return f"物业劝阻无效：{kind.zh}。{act.what}\n劝阻经过：{act.how}"


def minutes_late(due_at: datetime, reported_at: datetime) -> int:
    """How late a report came, in whole minutes begun; 0 = on time.

    >>> from datetime import UTC, timedelta
    >>> due = datetime(2026, 11, 23, 2, tzinfo=UTC)
    >>> minutes_late(due, due), minutes_late(due, due + timedelta(seconds=61))
    (0, 2)
    """
    if not is_overdue(reported_at, due_at):
        return 0
    return -(-int((reported_at - due_at).total_seconds()) // 60)


def share(on_time: int, counted: int) -> float | None:
    """On time of all counted; None where nothing was counted: no share is no zero.

    >>> share(3, 4), share(0, 0)
    (0.75, None)
    """
    return on_time / counted if counted else None
