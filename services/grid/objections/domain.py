"""The life of an objection, and who may decide it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from libs.common.errors import Conflict, Forbidden, NotFound
from libs.common.fsm import Machine
from libs.common.policy import Actor
from services.grid.lifecycle.domain import OPEN, RATED


class ObjectionState(StrEnum):
    """Where an objection stands (异议状态)."""

    ASKED = "asked"  # 待复核
    UPHELD = "upheld"  # 异议成立
    REFUSED = "refused"  # 异议不成立


class ObjectionAction(StrEnum):
    """What is done with it."""

    UPHOLD = "uphold"
    REFUSE = "refuse"


_S, _A = ObjectionState, ObjectionAction
LIFE: Machine[ObjectionState, ObjectionAction] = Machine(
    name="objection",
    initial=_S.ASKED,
    table={(_S.ASKED, _A.UPHOLD): _S.UPHELD, (_S.ASKED, _A.REFUSE): _S.REFUSED},
)
"""Decided once (一次复核)."""


class Ground(StrEnum):
    """What is disputed (异议事由)."""

    FACTS = "facts"  # 事实不符
    ATTRIBUTION = "attribution"  # 责任归属: not our estate, not our duty


class ObjectionUnknown(NotFound):
    """No objection has this id (异议不存在)."""

    code = "objection-unknown"
    zh = "没有该异议"
    en = "There is no such objection"


class NothingToObjectTo(Conflict):
    """The case was withdrawn, rejected, merged or voided (案件未成立)."""

    code = "objection-no-case"
    zh = "案件已撤回、不予受理、合并或作废，无须提出异议"
    en = "The case was withdrawn, rejected, merged or voided: there is nothing to object to"


class ObjectedAlready(Conflict):
    """Once per round, ground and side, whatever came of it (同一事由只能提出一次)."""

    code = "objected-already"
    zh = "同一事由已提出过异议"
    en = "There has been an objection on this ground"


class SameObjector(Forbidden):
    """Two different people: neither who objected decides, nor who reported or handled it (回避)."""

    code = "same-objector"
    zh = "异议须由提出人、上报人和处置人以外的人员复核"
    en = "Neither who objected nor who reported or handled the case decides on the objection"


class Disputed(Protocol):
    """What is read of the case."""

    @property
    def state(self) -> str: ...
    @property
    def reported_by(self) -> str: ...
    @property
    def handlers(self) -> list[str]: ...


def check_objectable(case: Disputed) -> None:
    """Raises `NothingToObjectTo`."""
    if case.state not in (*OPEN, *RATED):
        raise NothingToObjectTo


def check_once(asked: tuple[int, str, str], former: Collection[tuple[int, str, str]]) -> None:
    """Raises `ObjectedAlready` if there was one of the same round, ground and role."""
    if asked in former:
        raise ObjectedAlready(pointer="/ground")


def check_decider(case: Disputed, asked_by: str, actor: Actor) -> None:
    """Raises `SameObjector`."""
    if actor.subject in {asked_by, case.reported_by, *case.handlers}:
        raise SameObjector


def is_late(state: str, due_at: datetime, now: datetime) -> bool:
    """Whether it waits for a decision beyond its limit (复核超时)."""
    return state == ObjectionState.ASKED and now > due_at
