"""The case's life cycle: one table, who may take which step, what waits for whom. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from libs.common.clocks import is_overdue
from libs.common.fsm import Machine


class CaseState(StrEnum):
    """Where a case stands (案件状态)."""

    REPORTED = "reported"  # 待受理
    VERIFYING = "verifying"  # 核实中
    ACCEPTED = "accepted"  # 待立案
    FILED = "filed"  # 待派遣
    DISPATCHED = "dispatched"  # 待签收
    HANDLING = "handling"  # 处置中
    RETURNED = "returned"  # 已退单
    SUSPENDED = "suspended"  # 挂账
    CONVERTED = "converted"  # 转调解
    CHECKING = "checking"  # 待核查
    CHECKED = "checked"  # 待结案
    CLOSED = "closed"  # 已结案
    FORCE_CLOSED = "force_closed"  # 强制结案
    REJECTED = "rejected"  # 不予受理、不予立案
    WITHDRAWN = "withdrawn"  # 已撤回
    MERGED = "merged"  # 已合并
    VOIDED = "voided"  # 作废


class CaseAction(StrEnum):
    """A step of the life cycle; the value is the verb of its route."""

    CORRECT = "correct"  # 更正
    WITHDRAW = "withdraw"  # 撤回
    REQUEST_VERIFICATION = "request-verification"  # 要求核实
    VERIFY = "verify"  # 核实
    ACCEPT = "accept"  # 受理
    REJECT = "reject"  # 不予受理
    MERGE = "merge"  # 合并
    FILE = "file"  # 立案
    REFUSE_FILING = "refuse-filing"  # 不予立案
    SELF_HANDLE = "self-handle"  # 自行处置
    DISPATCH = "dispatch"  # 派遣
    DESIGNATE = "designate"  # 指定处置
    STUDY = "study"  # 提请会商
    DECIDE = "decide-study"  # 会商结论
    SEND_BACK = "send-back"  # 退回立案
    CONVERT = "convert"  # 转人民调解
    INTERIM_REPLY = "interim-reply"  # 阶段性答复
    RECALL = "recall"  # 撤回派遣
    CHANGE_STANDARD = "change-standard"  # 调整类别或时限
    SUPPLEMENT = "supplement"  # 补充
    URGE = "urge"  # 催办
    ESCALATE = "escalate"  # 升级
    HOLD_MEETING = "hold-meeting"  # 居民联席会议
    START = "start"  # 签收、开始处置
    PROGRESS = "progress"  # 进展
    RETURN = "return"  # 退单
    ANSWER = "answer"  # 处置反馈
    COOPERATE = "cooperate"  # 会同处置: a step of a unit beside the lead
    MARK_DUE_SOON = "mark-due-soon"  # 临期
    MARK_OVERDUE = "mark-overdue"  # 超时
    ASK_EXTENSION = "ask-extension"  # 申请延期
    ASK_SUSPENSION = "ask-suspension"  # 申请挂账
    APPROVE_DEFERRAL = "approve-deferral"  # 初审同意
    REFUSE_DEFERRAL = "refuse-deferral"  # 不同意
    EXTEND = "extend"  # 延期
    SUSPEND = "suspend"  # 挂账
    RESUME = "resume"  # 恢复
    ASSIGN_CHECK = "assign-check"  # 派核查
    HAND_OVER = "hand-over"  # 交接班: to a colleague, or to nobody
    PASS_CHECK = "pass-check"  # noqa: S105 - 核查通过
    FAIL_CHECK = "fail-check"  # 核查不通过: 返工
    RECHECK = "recheck"  # 重新核查
    CONCLUDE = "conclude"  # 调解结束，案件办结
    CLOSE = "close"  # 结案
    FORCE_CLOSE = "force-close"  # 强制结案
    VOID = "void"  # 作废
    REOPEN = "reopen"  # 重新办理
    ASK_APPEAL = "ask-appeal"  # 超时申诉
    GRANT_APPEAL = "grant-appeal"  # 申诉成立
    REFUSE_APPEAL = "refuse-appeal"  # 申诉不成立
    RATE = "rate"  # 满意度评价
    KEEP_CLOSED = "keep-closed"  # 不满意复核：维持结案


_S, _A = CaseState, CaseAction

OPEN = (
    _S.REPORTED, _S.VERIFYING, _S.ACCEPTED, _S.FILED, _S.DISPATCHED,
    _S.HANDLING, _S.RETURNED, _S.SUSPENDED, _S.CONVERTED, _S.CHECKING, _S.CHECKED,
)  # fmt: skip
"""The states in which somebody still has something to do."""

WITH_HANDLER = (_S.DISPATCHED, _S.HANDLING)
"""The handling clock runs and a unit or squad has it."""

ESCALATED_FROM = (_S.FILED, *WITH_HANDLER, _S.RETURNED)
"""A level has it, with a handler or not yet: the next level may be asked (升级)."""

RATED = (_S.CLOSED, _S.FORCE_CLOSED)
"""Who reported it may say how satisfied they are (满意度评价)."""

AFTERWARDS = frozenset({_A.ASK_APPEAL, _A.GRANT_APPEAL, _A.REFUSE_APPEAL, _A.RATE, _A.KEEP_CLOSED})
"""Steps that judge the work and are none of it."""

_STAYS: Mapping[CaseAction, tuple[CaseState, ...]] = {
    _A.CORRECT: (_S.REPORTED, _S.VERIFYING),
    _A.SUPPLEMENT: OPEN[:-1],
    _A.URGE: (*WITH_HANDLER, _S.CONVERTED),
    **dict.fromkeys((_A.STUDY, _A.DECIDE), (_S.RETURNED,)),
    **dict.fromkeys((_A.CHANGE_STANDARD, _A.ESCALATE), ESCALATED_FROM),
    _A.HOLD_MEETING: (_S.FILED, *WITH_HANDLER),
    _A.PROGRESS: (_S.DISPATCHED, _S.HANDLING, _S.SUSPENDED, _S.CONVERTED),
    _A.COOPERATE: (_S.DISPATCHED, _S.HANDLING, _S.SUSPENDED, _S.RETURNED),
    _A.INTERIM_REPLY: (_S.CONVERTED,),
    **dict.fromkeys((_A.MARK_DUE_SOON, _A.MARK_OVERDUE), (*WITH_HANDLER, _S.RETURNED)),
    _A.ASK_SUSPENSION: (_S.HANDLING,),
    **dict.fromkeys((_A.ASK_EXTENSION, _A.APPROVE_DEFERRAL, _A.REFUSE_DEFERRAL, _A.EXTEND), WITH_HANDLER),
    _A.ASSIGN_CHECK: (_S.CHECKING,),
    _A.REQUEST_VERIFICATION: (_S.VERIFYING,),
    _A.HAND_OVER: (_S.VERIFYING, *WITH_HANDLER, _S.SUSPENDED, _S.CHECKING),
    _A.ASK_APPEAL: (*OPEN[3:], *RATED),
    **dict.fromkeys((_A.GRANT_APPEAL, _A.REFUSE_APPEAL), (*OPEN, *RATED, _S.REJECTED)),
    **dict.fromkeys((_A.RATE, _A.KEEP_CLOSED), RATED),
}  # fmt: skip

_MOVES: Mapping[tuple[CaseState, CaseAction], CaseState] = {
    **{(state, _A.WITHDRAW): _S.WITHDRAWN for state in (_S.REPORTED, _S.VERIFYING)},
    (_S.REPORTED, _A.REQUEST_VERIFICATION): _S.VERIFYING,
    (_S.VERIFYING, _A.VERIFY): _S.REPORTED,
    (_S.REPORTED, _A.ACCEPT): _S.ACCEPTED,
    (_S.REPORTED, _A.REJECT): _S.REJECTED,
    **{(state, _A.MERGE): _S.MERGED for state in (_S.REPORTED, _S.ACCEPTED)},
    (_S.ACCEPTED, _A.FILE): _S.FILED,
    (_S.ACCEPTED, _A.REFUSE_FILING): _S.REJECTED,
    (_S.FILED, _A.SELF_HANDLE): _S.CHECKING,
    **{(state, _A.DISPATCH): _S.DISPATCHED for state in (_S.FILED, _S.RETURNED)},
    (_S.RETURNED, _A.DESIGNATE): _S.DISPATCHED,
    **{(state, _A.SEND_BACK): _S.ACCEPTED for state in (_S.FILED, _S.RETURNED)},
    **{(state, _A.CONVERT): _S.CONVERTED for state in (_S.FILED, _S.RETURNED)},
    **{(state, _A.RECALL): _S.FILED for state in (*WITH_HANDLER, _S.RETURNED, _S.CONVERTED)},
    (_S.DISPATCHED, _A.START): _S.HANDLING, (_S.CONVERTED, _A.START): _S.CONVERTED,
    # What crosses a suspension counts: a return stays a question, an answer is work done.
    **{(state, _A.RETURN): _S.RETURNED for state in (*WITH_HANDLER, _S.SUSPENDED, _S.CONVERTED)},
    **{(state, _A.ANSWER): _S.CHECKING for state in (*WITH_HANDLER, _S.SUSPENDED)},
    (_S.HANDLING, _A.SUSPEND): _S.SUSPENDED, (_S.SUSPENDED, _A.RESUME): _S.HANDLING,
    (_S.CHECKING, _A.PASS_CHECK): _S.CHECKED,
    (_S.CHECKING, _A.FAIL_CHECK): _S.HANDLING,
    (_S.CHECKED, _A.RECHECK): _S.CHECKING,
    (_S.CHECKED, _A.CLOSE): _S.CLOSED,
    (_S.CONVERTED, _A.CONCLUDE): _S.CLOSED,  # nobody checks what mediation ended
    **{(state, _A.FORCE_CLOSE): _S.FORCE_CLOSED for state in OPEN[3:]},  # refused filing, until it is filed
    **{(state, _A.VOID): _S.VOIDED for state in OPEN},
    **{(state, _A.REOPEN): _S.FILED for state in RATED},
    (_S.REJECTED, _A.REOPEN): _S.REPORTED,
}  # fmt: skip

LIFE: Machine[CaseState, CaseAction] = Machine(
    name="case",
    initial=CaseState.REPORTED,
    table={**{(state, action): state for action, states in _STAYS.items() for state in states}, **_MOVES},
)
"""The life of a case (案件生命周期)."""

_SHARED: Mapping[CaseAction, str] = {
    **dict.fromkeys((_A.START, _A.PROGRESS, _A.RETURN, _A.ANSWER), "grid.case.handle"),
    **dict.fromkeys((_A.ASK_EXTENSION, _A.ASK_SUSPENSION), "grid.deferral.ask"),
    **dict.fromkeys((_A.STUDY, _A.DECIDE), "grid.case.study"),
    _A.APPROVE_DEFERRAL: "grid.deferral.approve", _A.REFUSE_DEFERRAL: "grid.deferral.refuse",
    **dict.fromkeys((_A.EXTEND, _A.SUSPEND), "grid.deferral.grant"),
    _A.ASSIGN_CHECK: "grid.check.assign", _A.ASK_APPEAL: "grid.appeal.ask",
    **dict.fromkeys((_A.GRANT_APPEAL, _A.REFUSE_APPEAL), "grid.appeal.decide"),
    **dict.fromkeys((_A.PASS_CHECK, _A.FAIL_CHECK), "grid.case.check"),
}  # fmt: skip
PERMISSIONS: Mapping[CaseAction, str] = {
    action: _SHARED.get(action, f"grid.case.{action.value.replace('-', '_')}")
    for action in CaseAction
    if action not in (_A.MARK_DUE_SOON, _A.MARK_OVERDUE, _A.CONCLUDE, _A.HAND_OVER, _A.COOPERATE)  # no routes
}
"""The permission that each step needs."""


class Verification(StrEnum):
    """Whether the report was checked on site before acceptance (核实)."""

    NOT_NEEDED = "not_needed"
    NEEDED = "needed"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"


class CheckMode(StrEnum):
    """How it was checked (核查方式)."""

    ON_SITE = "on-site"  # 实地抽查
    ONLINE = "online"  # 网上核查


class PhotoStage(StrEnum):
    """When a photo was taken (照片环节)."""

    BEFORE = "before"  # 处置前
    AFTER = "after"  # 处置后
    VERIFY = "verify"  # 核实
    CHECK = "check"  # 核查
    APPEAL = "appeal"  # 申诉


class QueueReason(StrEnum):
    """Why a case is on the one queue of acceptor, duty chief and dispatcher (待办事由)."""

    TO_ACCEPT = "to_accept"  # 待受理
    TO_FILE = "to_file"  # 待立案
    TO_DISPATCH = "to_dispatch"  # 待派遣
    RETURNED = "returned"  # 退单
    JOINT_RETURNED = "joint_returned"  # 会同单位退单
    UNSIGNED = "unsigned"  # 逾期未签收
    UNATTENDED = "unattended"  # 无人在岗
    INTERIM_REPLY = "interim_reply"  # 待阶段性答复
    EXTENSION = "extension"  # 延期申请
    SUSPENSION = "suspension"  # 挂账申请
    REWORK = "rework"  # 核查不通过
    ESCALATED = "escalated"  # 升级
    OVERDUE = "overdue"  # 超时
    TO_CHECK = "to_check"  # 待派核查
    TO_CLOSE = "to_close"  # 待结案


WAITS: Mapping[CaseState, QueueReason] = {
    _S.REPORTED: QueueReason.TO_ACCEPT, _S.ACCEPTED: QueueReason.TO_FILE, _S.FILED: QueueReason.TO_DISPATCH,
    _S.RETURNED: QueueReason.RETURNED, _S.CHECKED: QueueReason.TO_CLOSE,
}  # fmt: skip

STAGES: Mapping[CaseState, str] = {
    _S.REPORTED: "accept", _S.VERIFYING: "verify", _S.ACCEPTED: "file", _S.FILED: "dispatch",
    _S.RETURNED: "returned", _S.CHECKING: "check", _S.CHECKED: "close",
}  # fmt: skip
"""The rule that limits the grid's own step in each state."""


def is_late(state: str, due_at: datetime | None, now: datetime) -> bool:
    """Whether a case is overdue now, marked or not yet (超时)."""
    return state in (*WITH_HANDLER, CaseState.RETURNED) and due_at is not None and is_overdue(now, due_at)
