"""Supervisions 督办: states, and how one follows its proposer and its task. Pure.

A light that turned red proposes one (拟办); the office issues it as a task (督办单) or does not (不予督办).
It closes with its task, verified and closed. A task that ended undone lays it before the office again.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from libs.common.errors import Invalid, NotFound
from libs.common.fsm import Machine
from libs.common.handover.domain import State as HandoverState
from services.tasks.tasks.domain import State as TaskState


class State(StrEnum):
    """Where a supervision stands (督办状态)."""

    PROPOSED = "proposed"  # 拟办
    ISSUED = "issued"  # 已发出
    NOT_ISSUED = "not_issued"  # 不予督办
    CLOSED = "closed"  # 已办结
    WITHDRAWN = "withdrawn"  # 已撤回


class Action(StrEnum):
    """The steps that change the state (操作)."""

    ISSUE = "issue"  # 发出督办单
    NOT_ISSUE = "not_issue"  # 不予督办
    CLOSE = "close"  # 办结
    LAPSE = "lapse"  # 任务未办结束，退回拟办
    WITHDRAW = "withdraw"  # 撤回


OFFICE = (Action.ISSUE, Action.NOT_ISSUE)
"""What the supervision office decides; the rest follows by itself."""
_S, _A = State, Action
_TABLE: Mapping[tuple[State, Action], State] = {
    (_S.PROPOSED, _A.ISSUE): _S.ISSUED,
    (_S.PROPOSED, _A.NOT_ISSUE): _S.NOT_ISSUED,
    (_S.PROPOSED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.ISSUED, _A.CLOSE): _S.CLOSED,
    (_S.ISSUED, _A.LAPSE): _S.PROPOSED,
}
LIFE: Machine[State, Action] = Machine(name="supervision", initial=State.PROPOSED, table=_TABLE)


class NotIssuedReason(StrEnum):
    """Why a supervision is not issued (不予督办原因)."""

    ALREADY_SUPERVISED = "already-supervised"  # 已有督办在办
    DATA_ERROR = "data-error"  # 数据有误
    CAUSE_BEYOND_UNIT = "cause-beyond-unit"  # 非责任单位原因
    WITHIN_TOLERANCE = "within-tolerance"  # 偏差可接受，继续跟踪
    OTHER = "other"  # 其他


class SupervisionNotFound(NotFound):
    """No supervision has this id, or it lies outside the caller's area (督办不存在)."""

    code = "supervision-not-found"
    zh = "督办不存在"
    en = "There is no such supervision"


class UnitMissing(Invalid):
    """Nobody said whom to supervise (未指明责任单位)."""

    code = "supervision-unit-missing"
    zh = "建议中未指明责任单位，请选择承办单位"
    en = "The proposal names no responsible unit: choose one"


def allowed(state: State) -> list[Action]:
    """What the office may do."""
    return [action for action in OFFICE if action in LIFE.allowed(state)]


def ending(task: TaskState) -> Action:
    """What the end of its task means for an issued supervision.

    >>> ending(TaskState.RETURNED)
    <Action.LAPSE: 'lapse'>
    """
    return Action.CLOSE if task is TaskState.CLOSED else Action.LAPSE


def realigned(state: State, handover: HandoverState, result: str | None) -> Action | None:
    """What the proposer's word means for a supervision whose decision was lost here; None = nothing.

    An issue that was lost is decided anew: its task is lost as well.
    """
    if state is not State.PROPOSED:
        return None
    if handover is HandoverState.WITHDRAWN:
        return Action.WITHDRAW
    return Action.NOT_ISSUE if result == "not-issued" else None
