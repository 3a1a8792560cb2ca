"""What an inspector is asked for and what they found. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from libs.common.errors import Conflict
from services.grid.lifecycle.domain import CheckMode as CheckMode


class CheckKind(StrEnum):
    """What an inspector is asked to do (任务种类)."""

    VERIFY = "verify"  # 核实: is the report true
    CHECK = "check"  # 核查: was it really done


class HandlerAsChecker(Conflict):
    """Somebody who handled the case cannot be given its check (不得派给处置人核查)."""

    code = "handler-as-checker"
    zh = "不能把核查派给处置过该案件的人"
    en = "The check cannot be given to somebody who handled the case"


@dataclass(frozen=True)
class Finding:
    """What the inspector found (核查结果). `rework_unit_ids`: of several units whose work it was not."""

    good: bool
    mode: CheckMode
    note: str
    photos: tuple[str, ...] = ()
    rework_unit_ids: tuple[UUID, ...] = ()


def check_assignee(subject: str, handlers: Collection[str]) -> str:
    """The subject itself. Raises `HandlerAsChecker`."""
    if subject in handlers:
        raise HandlerAsChecker(pointer="/inspector")
    return subject
