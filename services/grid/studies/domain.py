"""What a joint study may decide. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from libs.common.errors import Conflict, Invalid


class StudyOutcome(StrEnum):
    """What was decided (会商结论)."""

    UNIT = "unit"  # 指定单位承办
    SPLIT = "split"  # 分工办理: the first leads
    NOT_OURS = "not_ours"  # 非本级职责: 退回立案


class AlreadyStudied(Conflict):
    """This return has its study: one return, one study (本次退单已提请会商)."""

    code = "already-studied"
    zh = "本次退单已提请会商"
    en = "This return is under joint study, or has been"


class NoOpenStudy(Conflict):
    """Nothing waits for a decision on this return (没有待结论的会商)."""

    code = "no-open-study"
    zh = "本次退单没有待结论的会商"
    en = "There is no open joint study on this return"


class StudyTimeImplausible(Invalid):
    """It is held after it was called and before it is recorded (会商时间不符)."""

    code = "study-time-implausible"
    zh = "会商时间应在提请之后、现在之前"
    en = "A study is held after it was called, and not later than now"


class StudyUnitsWrong(Invalid):
    """One unit is designated, two or more split it, none has what is not ours (单位数与结论不符)."""

    code = "study-units-wrong"
    zh = "指定承办须为一个单位，分工办理须两个以上且不重复，非本级职责不得指定单位"
    en = "Name one unit to designate, two or more different ones to split, none for what is not ours"


@dataclass(frozen=True)
class Decision:
    """What a study decided (会商决定). `unit_ids`: the first one leads. `record`: free text, no names."""

    outcome: StudyOutcome
    unit_ids: tuple[UUID, ...]
    record: str
    held_at: datetime


_UNITS = {StudyOutcome.UNIT: range(1, 2), StudyOutcome.SPLIT: range(2, 21), StudyOutcome.NOT_OURS: range(1)}


def check_decision(decision: Decision, opened_at: datetime, now: datetime) -> None:
    """Raises `StudyUnitsWrong`, `StudyTimeImplausible`."""
    named: Sequence[UUID] = decision.unit_ids
    if len(named) not in _UNITS[decision.outcome] or len(set(named)) != len(named):
        raise StudyUnitsWrong(pointer="/unit_ids")
    if not opened_at <= decision.held_at <= now:
        raise StudyTimeImplausible(pointer="/held_at")
