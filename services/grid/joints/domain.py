"""What stands against a unit beside the lead, and its limit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from libs.common.contracts.handover import FirstContactMade
from libs.common.errors import Conflict, Invalid
from services.grid.dispatches.domain import Partner as Partner

MOST_PARTNERS = 20
"""Units beside the lead."""


class PartStep(StrEnum):
    """What a unit beside the lead does, or what is done with it (会同单位操作)."""

    JOINED = "joined"  # 加入
    SIGNED = "signed"  # 签收
    PROGRESSED = "progressed"  # 进展
    ANSWERED = "answered"  # 反馈
    RETURNED = "returned"  # 退单
    DESIGNATED = "designated"  # 指定
    RELEASED = "released"  # 退出


class NobodyLeads(Conflict):
    """Units join who leads: unit or squad has the case and has not answered (没有牵头单位)."""

    code = "nobody-leads"
    zh = "案件当前没有正在办理的牵头单位或队伍，不能增加会同单位"
    en = "Nobody leads the case now: a unit cannot join"


class PartnersWrong(Invalid):
    """Each unit once, and the lead not beside itself (会同单位重复)."""

    code = "partners-wrong"
    zh = "会同单位不得重复，也不得与牵头单位相同"
    en = "Each unit takes part once, and the lead is not beside itself"


class PartLimitWrong(Invalid):
    """A limit of its own lies ahead and within the case's (会同时限无效)."""

    code = "part-limit-wrong"
    zh = "会同单位的时限须在将来，且不晚于案件处置时限"
    en = "The limit of a part lies ahead, and not beyond the case's own"


class PartAnswered(Conflict):
    """It has answered: the check decides on it (该单位已反馈)."""

    code = "part-answered"
    zh = "该单位已反馈，由核查认定"
    en = "The unit has answered: the check decides"


def check_partners(lead: UUID | None, partners: Sequence[Partner]) -> None:
    """Raises `PartnersWrong`."""
    units = [partner.unit_id for partner in partners]
    if lead in units or len(set(units)) != len(units):
        raise PartnersWrong(pointer="/partners")


def check_limit(due_at: datetime | None, case_due_at: datetime | None, now: datetime) -> None:
    """Raises `PartLimitWrong`."""
    if due_at is not None and not now < due_at <= (case_due_at or due_at):
        raise PartLimitWrong(pointer="/due_at")


class Returning(Protocol):
    """What is read of a part."""

    @property
    def returned_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...


def first_return(parts: Iterable[Returning]) -> datetime | None:
    """Since when the oldest return waits for the dispatcher, UTC; None if none does."""
    waiting = [part.returned_at for part in parts if part.ended_at is None and part.returned_at is not None]
    return min(waiting, default=None)


def said_of(event: FirstContactMade) -> str:
    """A first contact in a word: made or not, and what was said of it."""
    return f"{'已先行联系' if event.contacted_at else '未联系'} {event.note}".strip()
