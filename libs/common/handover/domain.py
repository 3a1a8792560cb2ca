"""Handover 移交, the life cycle: both sides' steps, crossing steps, what is waited for. Pure.

Both sides hold the same plain value, a `Standing`, and apply the same steps to it in different order. They
agree again when nothing is under way, because the sender's order counts: `VOIDS` says which replies a step
of the sender makes void if its author had not read it; `take_in` applies it on arrival.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from libs.common.errors import Invalid
from libs.common.fsm import Machine


class State(StrEnum):
    """Where a handover stands (移交状态); the same words on both sides."""

    REQUESTED = "requested"  # 待签收
    SIGNED = "signed"  # 办理中
    RETURN_REQUESTED = "return_requested"  # 退单待定
    ANSWERED = "answered"  # 已反馈
    ACCEPTED = "accepted"  # 已办结
    RETURNED = "returned"  # 已退单
    WITHDRAWN = "withdrawn"  # 已撤回


class SenderStep(StrEnum):
    """What the sender may do (发出方)."""

    REQUEST = "request"  # 移交
    SUPPLEMENT = "supplement"  # 补充
    URGE = "urge"  # 催办
    DESIGNATE = "designate"  # 指定
    CHANGE = "change"  # 变更类别、时限
    GRANT_EXTENSION = "grant_extension"  # 同意延期
    REFUSE_EXTENSION = "refuse_extension"  # 不同意延期
    SUSPEND = "suspend"  # 挂账
    RESUME = "resume"  # 恢复
    ACCEPT = "accept"  # 认可
    DEMAND_REWORK = "demand_rework"  # 返工
    TAKE_BACK = "take_back"  # 同意退单
    WITHDRAW = "withdraw"  # 撤回


class ReceiverStep(StrEnum):
    """What the receiver may do (接收方)."""

    SIGN = "sign"  # 签收
    RETURN = "return"  # 退单
    FIRST_CONTACT = "first_contact"  # 先行联系
    PROGRESS = "progress"  # 进展
    ASK_EXTENSION = "ask_extension"  # 申请延期
    ANSWER = "answer"  # 反馈


AnyStep = SenderStep | ReceiverStep


class WaitingFor(StrEnum):
    """What comes next, and so who is waited for (等待事项)."""

    SIGN = "sign"  # the receiver
    ANSWER = "answer"  # the receiver, by the deadline in force
    RETURN_DECISION = "return_decision"  # the sender
    EXTENSION_DECISION = "extension_decision"  # the sender
    CHECK = "check"  # the sender


_S, _T, _R = State, SenderStep, ReceiverStep
OPEN = (_S.REQUESTED, _S.SIGNED, _S.RETURN_REQUESTED, _S.ANSWERED)
ENDS = {_T.ACCEPT: _S.ACCEPTED, _T.TAKE_BACK: _S.RETURNED, _T.WITHDRAW: _S.WITHDRAWN}
_SAME: Mapping[AnyStep, tuple[State, ...]] = {
    _T.SUPPLEMENT: OPEN,
    _T.URGE: (_S.REQUESTED, _S.SIGNED),
    _T.DESIGNATE: (_S.REQUESTED, _S.SIGNED),
    _T.CHANGE: (_S.REQUESTED, _S.SIGNED, _S.RETURN_REQUESTED),
    _T.GRANT_EXTENSION: (_S.SIGNED,),
    _T.REFUSE_EXTENSION: (_S.SIGNED,),
    _T.SUSPEND: (_S.REQUESTED, _S.SIGNED),
    _T.RESUME: OPEN,
    _R.FIRST_CONTACT: (_S.SIGNED,),
    _R.PROGRESS: (_S.SIGNED,),
    _R.ASK_EXTENSION: (_S.SIGNED,),
}
_MOVES: Mapping[tuple[State, AnyStep], State] = {
    (_S.REQUESTED, _R.SIGN): _S.SIGNED,
    (_S.REQUESTED, _R.RETURN): _S.RETURN_REQUESTED,
    (_S.SIGNED, _R.RETURN): _S.RETURN_REQUESTED,
    (_S.SIGNED, _R.ANSWER): _S.ANSWERED,
    (_S.RETURN_REQUESTED, _T.DESIGNATE): _S.REQUESTED,
    (_S.RETURN_REQUESTED, _T.TAKE_BACK): _S.RETURNED,
    (_S.ANSWERED, _T.DEMAND_REWORK): _S.SIGNED,
    (_S.ANSWERED, _T.ACCEPT): _S.ACCEPTED,
    **{(state, _T.WITHDRAW): _S.WITHDRAWN for state in OPEN},
}

LIFE: Machine[State, AnyStep] = Machine(
    name="handover",
    initial=State.REQUESTED,
    table={**{(state, step): state for step, states in _SAME.items() for state in states}, **_MOVES},
)
"""What either side may do, seen from its own side. A signature once given is replayed after a designation."""

ARRIVING: Machine[State, AnyStep] = Machine(
    name="handover-arriving",
    initial=State.REQUESTED,
    table={
        **{(s, step): s for step in _T for s in OPEN if step is not _T.REQUEST and step not in ENDS},
        **{(s, step): end for step, end in ENDS.items() for s in OPEN},
        (_S.REQUESTED, _T.REQUEST): _S.REQUESTED,
        **LIFE.table,
    },
)
"""What may arrive: the sender's steps are taken in any open state, for they may cross a reply."""

VOIDS: Mapping[SenderStep, frozenset[ReceiverStep]] = {
    **{step: frozenset[ReceiverStep]() for step in _T},
    _T.DESIGNATE: frozenset({_R.RETURN}),
    **{end: frozenset(_R) for end in ENDS},
}
"""The replies that a step of the sender makes void when they cross. All others hold: a signature, a contact
or a progress is a fact; an answer that crosses a supplement, an urging, a change, an extension, a suspension
or a designation is work done, judged by the deadline in force in the sender's order; a request for an
extension stays open for the sender's decision; a return that crosses anything but a designation or an end
stays a question."""


class DeadlinePassed(Invalid):
    """A deadline must lie in the future (期限须晚于当前时间)."""

    code = "handover-deadline-passed"
    zh = "期限须晚于当前时间"
    en = "The deadline must lie in the future"


@dataclass(frozen=True)
class Standing:
    """What both sides must agree on."""

    state: State = State.REQUESTED
    signed: bool = False
    designated: bool = False
    suspended: bool = False
    extension_pending: bool = False
    extensions: int = 0
    extension_limit: int = 0
    reworks: int = 0

    @property
    def ended(self) -> bool:
        """Whether the sender has ended it."""
        return self.state not in OPEN


_EFFECTS: Mapping[AnyStep, Callable[[Standing], Standing]] = {
    _T.DESIGNATE: lambda s: replace(s, designated=True, state=_signature_holds(s)),
    _T.GRANT_EXTENSION: lambda s: replace(s, extension_pending=False, extensions=s.extensions + 1),
    _T.REFUSE_EXTENSION: lambda s: replace(s, extension_pending=False),
    _T.SUSPEND: lambda s: replace(s, suspended=True),
    _T.RESUME: lambda s: replace(s, suspended=False),
    _T.DEMAND_REWORK: lambda s: replace(s, reworks=s.reworks + 1),
    _R.SIGN: lambda s: replace(s, signed=True),
    _R.ASK_EXTENSION: lambda s: replace(s, extension_pending=True),
    _R.ANSWER: lambda s: replace(s, extension_pending=False),
}


def _signature_holds(standing: Standing) -> State:
    if standing.state is State.REQUESTED and standing.signed:
        return LIFE.after(standing.state, ReceiverStep.SIGN)
    return standing.state


def after(standing: Standing, step: AnyStep, machine: Machine[State, AnyStep] = LIFE) -> Standing:
    """The standing after the step. Raises `IllegalTransition`."""
    moved = replace(standing, state=machine.after(standing.state, step))
    effect = _EFFECTS.get(step)
    return effect(moved) if effect else moved


def take_in(
    standing: Standing, step: AnyStep, crossed: Iterable[SenderStep] = ()
) -> tuple[Standing, str | None]:
    """The standing after a step of the other side has arrived, and why it was only recorded, if so.

    `crossed`: the sender's own steps that the author of this reply had not read. Never raises.
    """
    void = next((mine for mine in crossed if step in VOIDS[mine]), None)
    if void is not None:
        return standing, f"crossed:{void}"
    if standing.ended:
        return standing, f"after-end:{standing.state}"
    if (standing.state, step) not in ARRIVING.table:
        return standing, f"not-expected:{standing.state}"
    return after(standing, step, ARRIVING), None


def waiting_for(standing: Standing) -> WaitingFor | None:
    """What comes next; None once it has ended."""
    if standing.state is State.SIGNED and standing.extension_pending:
        return WaitingFor.EXTENSION_DECISION
    return _WAITS.get(standing.state)


_WAITS: Mapping[State, WaitingFor] = {
    State.REQUESTED: WaitingFor.SIGN,
    State.SIGNED: WaitingFor.ANSWER,
    State.RETURN_REQUESTED: WaitingFor.RETURN_DECISION,
    State.ANSWERED: WaitingFor.CHECK,
}


def answered_on_time(
    answered_at: datetime, due_at: datetime | None, suspended_at: datetime | None
) -> bool | None:
    """Whether it was submitted by the deadline in force (按期); None without a deadline. UTC.

    While suspended the clock stands still: what was not late then is not late at the answer.
    """
    if due_at is None:
        return None
    return min(answered_at, suspended_at or answered_at) <= due_at


def require_future(due_at: datetime | None, now: datetime) -> None:
    """Raise `DeadlinePassed` for a new deadline that is not after `now`."""
    if due_at is not None and due_at <= now:
        raise DeadlinePassed
