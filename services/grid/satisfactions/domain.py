"""What a reporter may say of a case, who may say it and until when. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from libs.common.clocks import is_overdue
from libs.common.errors import Conflict, Forbidden
from libs.common.policy import Actor, Role


class Satisfaction(StrEnum):
    """What a reporter or a hotline's caller says of it (满意度)."""

    SATISFIED = "satisfied"  # 满意
    FAIRLY = "fairly_satisfied"  # 基本满意
    SO_SO = "so_so"  # 一般: hotlines only
    DISSATISFIED = "dissatisfied"  # 不满意


class Via(StrEnum):
    """How it was told (评价方式)."""

    RECEIPT = "receipt"  # 凭回执号
    LINK = "link"  # 凭办结通知中的链接
    CALL_BACK = "call_back"  # 回访
    REPORTER = "reporter"  # 上报人


class Decision(StrEnum):
    """What the duty chief decided on a dissatisfied reporter (不满意复核结论)."""

    REOPENED = "reopened"  # 重新办理
    KEPT = "kept"  # 维持结案


class NotYoursToRate(Forbidden):
    """Who reported it rates it, or the officer who called them back; nobody what they handled (无权评价)."""

    code = "rating-not-yours"
    zh = "只有上报人，或回访反映人的热线承办人，可以评价；处置人不得评价"
    en = "Who reported the case rates it, or the officer who called back; never who handled it"


class RatedTooLate(Conflict):
    """Within the days of the rule `limit.rating` (已过评价期限)."""

    code = "rated-too-late"
    zh = "评价期限已于 {until} 届满"
    en = "The time to rate the case ended at {until}"


class RatedAlready(Conflict):
    """Once in a round (本轮已评价)."""

    code = "rated-already"
    zh = "本次办理已评价过"
    en = "This round of the case has been rated already"


class NothingDissatisfied(Conflict):
    """No dissatisfied reporter waits for a decision (没有待复核的不满意评价)."""

    code = "nothing-dissatisfied"
    zh = "没有待复核的不满意评价"
    en = "No dissatisfied reporter waits for a decision"


class Rated(Protocol):
    """What is read of a case."""

    @property
    def reported_by(self) -> str: ...
    @property
    def handlers(self) -> list[str]: ...


def via_of(told: Rated, rated: Rated, actor: Actor) -> Via:
    """How the person comes to rate it. Raises `NotYoursToRate`."""
    if actor.subject in rated.handlers:
        raise NotYoursToRate
    if actor.subject == told.reported_by:
        return Via.REPORTER
    if actor.role != Role.HOTLINE_OFFICER:
        raise NotYoursToRate
    return Via.CALL_BACK


def check_in_time(until: datetime, now: datetime) -> None:
    """Raise `RatedTooLate` once the time for it is over (UTC)."""
    if is_overdue(now, until):
        raise RatedTooLate(until=until.isoformat())


def ends_with(phone: str | None, tail: str) -> bool:
    """Whether the telephone number, without its extension, ends with these digits.

    >>> ends_with("13812341234", "1234"), ends_with("02158123456-801", "3456"), ends_with(None, "1234")
    (True, True, False)
    """
    return phone is not None and re.sub(r"-\d+$", "", phone).endswith(tail)
