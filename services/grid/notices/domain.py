"""Who is told what and when: occasions of the log, quiet hours, digests, waits between tries. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from libs.common.clocks import SHANGHAI
from libs.common.errors import NotFound
from libs.common.fsm import Machine
from libs.common.policy import Role
from services.grid.rules.domain import Noticing
from services.grid.shifts.domain import Posted
from services.grid.templates.domain import Audience, Occasion


class NoticeState(StrEnum):
    """Where a notice stands (通知状态)."""

    QUEUED = "queued"  # 待发送
    SENT = "sent"  # 已发送
    FAILED = "failed"  # 发送失败: parked, until a person sends it again
    SUPPRESSED = "suppressed"  # 未发送


class NoticeAction(StrEnum):
    """What is done with it."""

    DELIVER = "deliver"
    GIVE_UP = "give-up"
    SUPPRESS = "suppress"
    SEND_AGAIN = "send-again"


_S, _A = NoticeState, NoticeAction
LIFE: Machine[NoticeState, NoticeAction] = Machine(
    name="notice",
    initial=NoticeState.QUEUED,
    table={
        (_S.QUEUED, _A.DELIVER): _S.SENT,
        (_S.QUEUED, _A.GIVE_UP): _S.FAILED,
        (_S.QUEUED, _A.SUPPRESS): _S.SUPPRESSED,
        (_S.FAILED, _A.SEND_AGAIN): _S.QUEUED,
        (_S.SUPPRESSED, _A.SEND_AGAIN): _S.QUEUED,
    },
)


class Why(StrEnum):
    """Why it did not go out (未送达原因)."""

    NO_ADDRESS = "no-address"  # 无联系方式
    NOBODY_ON_DUTY = "nobody-on-duty"  # 无人在岗
    STALE = "stale"  # 已过时
    CHANNEL_OFF = "channel-off"  # 通知方式未接通
    REFUSED = "refused"  # 网关拒收
    AWAY = "away"  # 网关不通


class NoticeUnknown(NotFound):
    """There is no such notice, or it is none of the caller's (通知不存在)."""

    code = "notice-unknown"
    zh = "没有该通知"
    en = "There is no such notice"


_O, _W = Occasion, Audience
OCCASIONS: Mapping[str, tuple[tuple[Occasion, Audience], ...]] = {
    "reported": ((_O.RECEIVED, _W.REPORTER),),
    "merged": ((_O.MERGED, _W.REPORTER),),
    "rejected": ((_O.REJECTED, _W.REPORTER), (_O.REJECTED, _W.INSPECTOR)),
    **dict.fromkeys(("closed", "force-closed", "concluded"), ((_O.CLOSED, _W.REPORTER),)),
    "reopened": ((_O.REOPENED, _W.REPORTER), (_O.REOPENED, _W.INSPECTOR)),
    "verification-requested": ((_O.TO_VERIFY, _W.INSPECTOR),),
    "check-assigned": ((_O.TO_CHECK, _W.INSPECTOR),),
    "handed-over": ((_O.HANDED_OVER, _W.INSPECTOR),),
    "returned": ((_O.RETURNED, _W.DISPATCHER),),
    "due-soon": ((_O.DUE_SOON, _W.DISPATCHER),),
    "overdue": ((_O.OVERDUE, _W.DISPATCHER), (_O.OVERDUE, _W.DUTY_CHIEF)),
}
"""Facts about a case that are told, on which occasion and to whom (默认通知关系)."""

WORDS: Mapping[Occasion, str] = {
    _O.RECEIVED: "已收到", _O.MERGED: "合并办理", _O.REJECTED: "未予受理", _O.CLOSED: "办结",
    _O.REOPENED: "重新办理", _O.TO_VERIFY: "核实任务", _O.TO_CHECK: "核查任务", _O.HANDED_OVER: "交接案件",
    _O.PATROL_DUE: "巡查将到期", _O.RETURNED: "案件退单", _O.DUE_SOON: "案件临期",
    _O.OVERDUE: "案件超时", _O.DIGEST: "通知汇总",
}  # fmt: skip

REASONS: Mapping[str, str] = {
    "not-grid-matter": "不属网格职责", "no-such-problem": "现场未发现该问题", "private-matter": "属私人事务",
    "in-procedure": "已在法定程序中", "outside-area": "不在本辖区", "other": "不符合受理条件",
}  # fmt: skip
"""A reporter is told the reason by its code: the free text beside it is the staff's own."""


@dataclass(frozen=True)
class Fact:
    """An event of a case as it stands in the log (案件事实): what happened, when (UTC), by whom."""

    position: int
    event_id: UUID
    case_id: UUID
    verb: str
    at: datetime
    actor: str
    told: Mapping[str, Any]
    changed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def inspector(self) -> str | None:
        """Whom the step names: who verifies, checks or takes over."""
        return self.changed.get("inspector") or self.changed.get("handler")


@dataclass(frozen=True)
class Whom:
    """To whom a fact is told (通知对象); `person` is empty where nobody could be found.

    A reporter has no account: the case stands for them, and the telephone stays where it is kept.
    """

    occasion: Occasion
    audience: Audience
    person: str = ""
    why_not: Why | None = None


REPORTER_OF = "case:"
"""How the recipient of a reporter's notice is named, before the id of the case."""


def staff_of(area: str, role: str, there: Iterable[Posted]) -> list[str]:
    """Who is on duty in the role, for the nearest area around this one that has somebody.

    >>> now = datetime(2026, 11, 23)
    >>> there = [Posted("a", "dispatcher", "310101", now), Posted("b", "dispatcher", "310101002", now)]
    >>> staff_of("310101002001", "dispatcher", there)
    ['b']
    """
    near = [one for one in there if one.role == role and area.startswith(one.area)]
    length = max((len(one.area) for one in near), default=0)
    return sorted({one.person for one in near if len(one.area) == length})


def quiet_until(at: datetime, rule: Noticing) -> datetime | None:
    """When the quiet hours end in which the instant lies, UTC; None outside of them (静默时段)."""
    local = at.astimezone(SHANGHAI)
    begins, ends = rule.quiet_from, rule.quiet_to
    now = local.time()
    overnight = begins > ends
    inside = (now >= begins or now < ends) if overnight else begins <= now < ends
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if overnight and now >= begins else 0)
    return datetime.combine(day, ends, SHANGHAI).astimezone(at.tzinfo)


@dataclass(frozen=True)
class Told:
    """What one person was told lately by one channel: how often, and until when notices are gathered."""

    count: int = 0
    gathers_until: datetime | None = None


@dataclass(frozen=True)
class When:
    """When a notice goes out (UTC), and whether with others (汇总)."""

    due_at: datetime
    gathered: bool = False


def when(now: datetime, rule: Noticing, told: Told, *, urgent: bool, can_gather: bool) -> When:
    """When to tell it: at once, after the quiet hours, or with what else comes to the same person."""
    if urgent:
        return When(now)
    quiet = quiet_until(now, rule)
    if can_gather and told.count >= rule.many:
        until = told.gathers_until or now + timedelta(minutes=rule.minutes)
        return When(max(until, quiet or until), gathered=True)
    return When(quiet or now)


def is_stale(at: datetime, now: datetime, rule: Noticing) -> bool:
    """Whether it happened too long ago to be told still."""
    return now - at > timedelta(hours=rule.stale_hours)


class CaseLike(Protocol):
    """What decides who is told of a case."""

    @property
    def id(self) -> Any: ...
    @property
    def area(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def reported_by(self) -> str: ...


_POSTS = {Audience.DISPATCHER: Role.DISPATCHER, Audience.DUTY_CHIEF: Role.DUTY_CHIEF}
_OF_REPORT = frozenset({Occasion.REJECTED, Occasion.REOPENED})
_NO_PERSON = ("system:", "key:")


def whom(
    fact: Fact, case: CaseLike, *, reachable: bool, there: Sequence[Posted], rule: Noticing
) -> list[Whom]:
    """Who is told of the fact (通知对象). `reachable`: who reported the case left a telephone.

    Nobody is told what they did themselves. Where no one is on duty, the delivery log says so.
    """
    found = []
    for occasion, audience in OCCASIONS[fact.verb]:
        if audience is Audience.REPORTER:
            people = [f"{REPORTER_OF}{case.id}"] if reachable and case.channel in rule.channels else []
        elif audience is Audience.INSPECTOR:
            one = case.reported_by if occasion in _OF_REPORT else fact.inspector
            people = [one] if one and not one.startswith(_NO_PERSON) else []
        else:
            people = staff_of(case.area, _POSTS[audience], there)
            if not people:
                found.append(Whom(occasion, audience, why_not=Why.NOBODY_ON_DUTY))
        found += [Whom(occasion, audience, person) for person in people if person != fact.actor]
    return found
