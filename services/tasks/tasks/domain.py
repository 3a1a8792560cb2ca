"""Tasks 任务: states, who may do what, deadlines. Pure.

A task runs in a unit from its assignment to its end. What came from a case closes on the grid's check
(`ACCEPT`); what was entered here is verified by a person other than the doer, then closed. Whether the clock
stands still and whether the deadline has passed are facts beside the state, for work may go on in either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from libs.common.errors import Conflict, Forbidden, Invalid, NotFound
from libs.common.fsm import Machine
from libs.common.handover.domain import answered_on_time


class Origin(StrEnum):
    """Where a task comes from (任务来源)."""

    CASE = "case"  # 网格案件
    DIRECT = "direct"  # 直接交办


class State(StrEnum):
    """Where a task stands (任务状态)."""

    ASSIGNED = "assigned"  # 待签收
    SIGNED = "signed"  # 已签收
    WORKING = "working"  # 办理中
    AWAITING_SIGN_OFF = "awaiting_sign_off"  # 待签发
    DONE = "done"  # 已办理，待核查
    VERIFIED = "verified"  # 已核验
    CLOSED = "closed"  # 已办结
    RETURNING = "returning"  # 退单待定
    RETURNED = "returned"  # 已退单
    WITHDRAWN = "withdrawn"  # 已撤回


class Action(StrEnum):
    """The steps that change the state (操作)."""

    SIGN = "sign"  # 签收
    WORK = "work"  # 办理：分派、联系、进展
    RETURN = "return"  # 退单
    DESIGNATE = "designate"  # 指定
    TAKE_BACK = "take_back"  # 同意退单
    SUBMIT = "submit"  # 报签
    APPROVE = "approve"  # 签发
    SEND_BACK = "send_back"  # 签发退回
    ANSWER = "answer"  # 反馈
    REWORK = "rework"  # 返工
    VERIFY = "verify"  # 核验
    CLOSE = "close"  # 办结
    ACCEPT = "accept"  # 网格核查通过
    WITHDRAW = "withdraw"  # 撤回


_S, _A = State, Action
AT_WORK = (_S.SIGNED, _S.WORKING)
UNANSWERED = (_S.ASSIGNED, _S.SIGNED, _S.WORKING, _S.AWAITING_SIGN_OFF)
"""The unit's clock runs."""
WITH_SENDER = (_S.RETURNING, _S.DONE, _S.VERIFIED)
OPEN = (*UNANSWERED, *WITH_SENDER)
_TABLE: Mapping[tuple[State, Action], State] = {
    (_S.ASSIGNED, _A.SIGN): _S.SIGNED,
    **{(state, _A.WORK): _S.WORKING for state in AT_WORK},
    **{(state, _A.SUBMIT): _S.AWAITING_SIGN_OFF for state in AT_WORK},
    **{(state, _A.ANSWER): _S.DONE for state in AT_WORK},
    (_S.AWAITING_SIGN_OFF, _A.APPROVE): _S.DONE,
    (_S.AWAITING_SIGN_OFF, _A.SEND_BACK): _S.WORKING,
    **{(state, _A.RETURN): _S.RETURNING for state in (_S.ASSIGNED, *AT_WORK)},
    **{(state, _A.DESIGNATE): state for state in (*UNANSWERED, _S.DONE)},
    (_S.RETURNING, _A.DESIGNATE): _S.ASSIGNED,
    (_S.RETURNING, _A.TAKE_BACK): _S.RETURNED,
    (_S.DONE, _A.REWORK): _S.WORKING,
    (_S.DONE, _A.VERIFY): _S.VERIFIED,
    (_S.DONE, _A.ACCEPT): _S.CLOSED,
    (_S.VERIFIED, _A.CLOSE): _S.CLOSED,
    **{(state, _A.WITHDRAW): _S.WITHDRAWN for state in (*UNANSWERED, _S.RETURNING, _S.DONE)},
}
LIFE: Machine[State, Action] = Machine(name="task", initial=State.ASSIGNED, table=_TABLE)


class ReturnReason(StrEnum):
    """Why a unit returns a task (退单原因)."""

    NOT_OUR_DUTY = "not-our-duty"  # 非本单位职责
    NOT_OUR_AREA = "not-our-area"  # 非本辖区
    NOT_FOUND = "not-found"  # 现场未发现
    INCOMPLETE = "incomplete"  # 信息不全
    NOT_POSSIBLE = "not-possible"  # 无法维修
    OTHER = "other"  # 其他
    UNIT_UNKNOWN = "unit-unknown"  # 单位不存在（系统）
    UNIT_NOT_IN_FORCE = "unit-not-in-force"  # 单位已停用（系统）


class TaskNotFound(NotFound):
    """No task has this id, or it is another unit's (任务不存在)."""

    code = "task-not-found"
    zh = "任务不存在"
    en = "There is no such task"


class PersonAssigned(Conflict):
    """Un-assign the person before returning the task (已指定经办人)."""

    code = "task-person-assigned"
    zh = "已指定经办人，须先取消分派再退单"
    en = "A person is assigned: un-assign first, then return"


class MayNotReturn(Conflict):
    """The unit was designated, or it is a rework (不得退单)."""

    code = "task-may-not-return"
    zh = "{reason_zh}，不得退单"
    en = "It may not be returned: {reason}"


class SignOffRequired(Conflict):
    """The unit's answers leave through its leader (须负责人签发)."""

    code = "task-sign-off-required"
    zh = "本单位的答复须经负责人签发，请先报签"
    en = "This unit's answers leave with the leader's sign-off: submit it"


class MayNotSignOff(Forbidden):
    """The leader or a named deputy signs off, not who wrote the answer (无签发权)."""

    code = "task-may-not-sign-off"
    zh = "须由单位负责人或其指定的代签人签发，且不得签发本人拟写的答复"
    en = "The leader or a named deputy signs off, and never the own answer"


class OwnWork(Forbidden):
    """Nobody verifies what they or their unit did (不得核验自己的工作)."""

    code = "task-own-work"
    zh = "不得核验本人或本单位办理的任务"
    en = "You may not verify your own or your unit's work"


class CheckedByGrid(Conflict):
    """A case's task is steered and checked by grid through the handover (由网格核查)."""

    code = "task-of-case"
    zh = "该任务来自网格案件，由网格督促和核查"
    en = "This task came from a case: grid steers and checks it"


class NotMember(Invalid):
    """The person is no member of the unit today (非本单位成员)."""

    code = "task-person-not-member"
    zh = "该人员不是本单位现任成员"
    en = "This person is not a present member of the unit"


class DeadlineNotLater(Invalid):
    """A deadline lies in the future, an extension beyond the deadline in force (期限无效)."""

    code = "task-deadline-not-later"
    zh = "期限须晚于当前时间及现行时限"
    en = "The deadline must lie in the future, beyond the one in force"


class ExtensionPending(Conflict):
    """One extension is asked for at a time, and decided once (延期申请状态不符)."""

    code = "task-extension-state"
    zh = "延期申请的状态不允许此操作"
    en = "The state of the extension does not allow this"


class ClockState(Conflict):
    """It is suspended already, or it is not (挂账状态不符)."""

    code = "task-clock-state"
    zh = "任务的挂账状态不允许此操作"
    en = "The task's clock does not allow this"


def check_return(assignee: str | None, designated: bool, reworks: int) -> None:
    """Raises `PersonAssigned`, `MayNotReturn`."""
    if assignee is not None:
        raise PersonAssigned()
    if designated:
        raise MayNotReturn(reason="the unit was designated", reason_zh="已指定本单位处置")
    if reworks:
        raise MayNotReturn(reason="it is a rework", reason_zh="返工任务")


def check_sign_off(leads: bool, signers: Collection[str], subject: str, author: str | None) -> None:
    """`leads`: the caller holds the leader's role. `signers`: the unit's leaders and deputies today.

    Nobody signs off their own answer, unless nobody else could (仅一人签发). Raises `MayNotSignOff`.
    """
    alone = set(signers) == {subject}
    if not (leads or subject in signers) or (subject == author and not alone):
        raise MayNotSignOff()


def check_verifier(subject: str, unit_id: UUID | None, doers: Collection[str], doing: UUID | None) -> None:
    """Raises `OwnWork` for a doer or someone of the doing unit."""
    if subject in doers or (unit_id is not None and unit_id == doing):
        raise OwnWork()


def check_direct(origin: str) -> None:
    """Raises `CheckedByGrid`."""
    if origin != Origin.DIRECT:
        raise CheckedByGrid()


def check_later(due_at: datetime | None, now: datetime, in_force: datetime | None = None) -> None:
    """Raises `DeadlineNotLater`."""
    if due_at is not None and due_at <= max(now, in_force or now):
        raise DeadlineNotLater(pointer="/due_at")


def designated_state(state: State, signed: bool) -> State:
    """The state after a designation: a signature once given still holds."""
    after = LIFE.after(state, Action.DESIGNATE)
    return LIFE.after(after, Action.SIGN) if signed and after is State.ASSIGNED else after


def on_time(answered_at: datetime, due_at: datetime | None, suspended_at: datetime | None) -> bool | None:
    """Whether the answer came by the deadline in force; None without one."""
    return answered_on_time(answered_at, due_at, suspended_at)
