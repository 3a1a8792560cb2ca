"""What a statement may say, and who may take it as a basis. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from libs.common.errors import Conflict, Forbidden, Invalid, NotFound
from libs.common.policy import Actor, Role


class StatementUnknown(NotFound):
    """No statement has this id (情况说明不存在)."""

    code = "statement-unknown"
    zh = "没有该情况说明"
    en = "There is no such statement"


class StatementTooLate(Conflict):
    """The case has ended: an objection may still be raised (案件已办结)."""

    code = "statement-too-late"
    zh = "案件已办结，不再接受情况说明；如有异议可提出异议"
    en = "The case has ended and takes no more statements; an objection may be raised"


class DoneTimeImplausible(Invalid):
    """What was done was not done in the future (处置时间不符)."""

    code = "done-time-implausible"
    zh = "处置时间不得晚于现在"
    en = "What was done cannot lie in the future"


class TakenAlready(Conflict):
    """Somebody has taken it as a basis (已采信)."""

    code = "statement-taken"
    zh = "该情况说明已由 {person} 采信"
    en = "{person} has taken this statement as a basis"


class NotTheHandler(Forbidden):
    """The dispatcher or who handles the case takes it as a basis (仅派遣员或处置人可采信)."""

    code = "statement-not-handler"
    zh = "只有派遣员或案件处置人可以采信情况说明"
    en = "The dispatcher or who handles the case takes a statement as a basis"


@dataclass(frozen=True)
class Said:
    """What was done (处置情况), when (UTC) and with which photos by their hash."""

    text: str
    done_at: datetime | None = None
    photos: Sequence[str] = ()


class CaseOpen(Protocol):
    """What is read of the case."""

    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def handler(self) -> str | None: ...


def check_said(case: CaseOpen, said: Said, now: datetime) -> None:
    """Raises `StatementTooLate`, `DoneTimeImplausible`."""
    if case.ended_at is not None:
        raise StatementTooLate
    if said.done_at is not None and said.done_at > now:
        raise DoneTimeImplausible(pointer="/done_at")


def check_taker(case: CaseOpen, taken_by: str | None, actor: Actor) -> None:
    """Raises `StatementTooLate`, `TakenAlready`, `NotTheHandler`."""
    if case.ended_at is not None:
        raise StatementTooLate
    if actor.role != Role.DISPATCHER and actor.subject != case.handler:
        raise NotTheHandler
    if taken_by is not None:
        raise TakenAlready(person=taken_by)
