"""The life of an appeal, who may appeal and who may decide. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from libs.common.clocks import is_overdue
from libs.common.errors import Conflict, Forbidden, Invalid
from libs.common.fsm import Machine
from libs.common.policy import Actor, Role


class AppealState(StrEnum):
    """Where an appeal stands (申诉状态)."""

    ASKED = "asked"  # 待复核
    EXCUSED = "excused"  # 申诉成立
    REFUSED = "refused"  # 申诉不成立
    LAPSED = "lapsed"  # 失效: the mark does not stand any more


class AppealAction(StrEnum):
    """What is done with it."""

    EXCUSE = "excuse"
    REFUSE = "refuse"
    LAPSE = "lapse"


_S, _A = AppealState, AppealAction
LIFE: Machine[AppealState, AppealAction] = Machine(
    name="appeal",
    initial=AppealState.ASKED,
    table={
        (_S.ASKED, _A.EXCUSE): _S.EXCUSED,
        (_S.ASKED, _A.REFUSE): _S.REFUSED,
        (_S.ASKED, _A.LAPSE): _S.LAPSED,
    },
)
"""Decided once (一次申诉)."""


class NothingOverdue(Conflict):
    """There is no overdue mark to appeal against (未超时)."""

    code = "appeal-nothing-overdue"
    zh = "案件没有超时记录，无须申诉"
    en = "The case has no overdue mark to appeal against"


class AppealTooLate(Conflict):
    """Within the days of the rule `limit.appeal` (已过申诉期限)."""

    code = "appeal-too-late"
    zh = "申诉期限已于 {until} 届满"
    en = "The time for an appeal ended at {until}"


class AppealedAlready(Conflict):
    """Once against each overdue mark, whatever came of it (每次超时只能申诉一次)."""

    code = "appealed-already"
    zh = "该次超时已申诉过"
    en = "There has been an appeal against this overdue mark"


class NothingAppealed(Conflict):
    """Nothing waits for a decision: decided, or the mark does not stand any more (没有待复核的申诉)."""

    code = "appeal-nothing-asked"
    zh = "没有待复核的申诉"
    en = "There is no appeal to decide"


class ReasonUnknown(Invalid):
    """The rules `appeal.*` say what an appeal may be for (申诉理由不存在)."""

    code = "appeal-reason-unknown"
    zh = "没有申诉理由“{reason}”，可选：{known}"
    en = "There is no reason '{reason}' for an appeal; there are: {known}"


class NotAppellant(Forbidden):
    """Who handles it appeals, or the dispatcher for the unit (仅处置人或派遣员可申诉)."""

    code = "appeal-not-yours"
    zh = "只有处置人本人，或派遣员代处置单位，可以申诉"
    en = "Who handles the case appeals, or the dispatcher for its unit"


class SameAppellant(Forbidden):
    """Two different people: neither who appealed decides, nor who handled it (申诉人、处置人不得复核)."""

    code = "same-appellant"
    zh = "申诉须由申诉人和处置人以外的人员复核"
    en = "Neither who appealed nor who handled the case decides on the appeal"


class Handled(Protocol):
    """What is read of the case: its overdue mark (UTC), and who handled it."""

    @property
    def overdue_at(self) -> datetime | None: ...
    @property
    def handler(self) -> str | None: ...
    @property
    def handlers(self) -> list[str]: ...
    @property
    def unit_id(self) -> UUID | None: ...


def check_appellant(case: Handled, actor: Actor) -> None:
    """Raise `NotAppellant` unless the person handles it or commands who does."""
    if actor.role != Role.DISPATCHER and actor.subject not in {case.handler, *case.handlers}:
        raise NotAppellant


def mark_of(case: Handled) -> datetime:
    """The overdue mark that stands. Raises `NothingOverdue`."""
    if case.overdue_at is None:
        raise NothingOverdue
    return case.overdue_at


def check_reason(code: str, known: Collection[str]) -> None:
    """Raise `ReasonUnknown`."""
    if code not in known:
        raise ReasonUnknown(reason=code, known=", ".join(sorted(known)), pointer="/reason_code")


def check_in_time(until: datetime, now: datetime) -> None:
    """Raise `AppealTooLate` once the time for it is over (UTC)."""
    if is_overdue(now, until):
        raise AppealTooLate(until=until.isoformat())


def check_once(mark: datetime, round_: int, former: Sequence[tuple[int, datetime]]) -> None:
    """Raise `AppealedAlready` if there was one against this mark of this round."""
    if (round_, mark) in former:
        raise AppealedAlready


def check_decider(case: Handled, asked_by: str, actor: Actor) -> None:
    """Raise `SameAppellant` for who appealed, who handled it, and its unit."""
    own_unit = case.unit_id is not None and case.unit_id == actor.unit_id
    if own_unit or actor.subject in {asked_by, case.handler, *case.handlers}:
        raise SameAppellant
