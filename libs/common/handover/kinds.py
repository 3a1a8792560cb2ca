"""The kinds of handover (移交种类): who sends to whom, which steps are allowed, who verifies. Pure.

>>> KINDS["case-dispute"].verified_by
<Verifier.NOBODY: 'nobody'>
>>> SenderStep.DEMAND_REWORK in KINDS["case-dispute"].steps
False
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from libs.common.contracts.handover import Outcome
from libs.common.errors import Conflict, Invalid
from libs.common.handover.domain import (
    AnyStep,
    ReceiverStep,
    SenderStep,
    Standing,
    WaitingFor,
    after,
)
from libs.common.handover.orders import Order


class UnknownKind(Invalid):
    """There is no such kind of handover (无此移交种类)."""

    code = "handover-kind-unknown"
    zh = "没有“{kind}”这类移交"
    en = "There is no handover of kind '{kind}'"


class NotInKind(Conflict):
    """The kind does not know this step (该类移交无此步骤)."""

    code = "handover-step-not-in-kind"
    zh = "“{kind}”类移交不允许“{step}”"
    en = "A handover of kind '{kind}' does not allow '{step}'"


class StepRefused(Conflict):
    """The step does not fit what stands (与当前情况不符); `reason` says why."""

    code = "handover-step-refused"
    zh = "当前不能“{step}”（{reason}）"
    en = "'{step}' is not possible now ({reason})"


class ConsentMissing(Conflict):
    """The reporter has not agreed to be named as a party (缺少反映人同意)."""

    code = "handover-consent-missing"
    zh = "缺少反映人同意作为当事人的记录"
    en = "The reporter's recorded consent to be named as a party is missing"


class OutcomeRefused(Invalid):
    """The answer does not fit its kind (反馈不符合该类移交); `reason` says why."""

    code = "handover-outcome-refused"
    zh = "反馈结果无效（{reason}）"
    en = "The outcome is not valid ({reason})"


class Verifier(StrEnum):
    """Who verifies the job, once (核查方)."""

    SENDER = "sender"  # the sender's check; `accept` goes with its own closing transition
    RECEIVER = "receiver"  # the receiver's own verification; the answer ends the handover
    NOBODY = "nobody"  # the answer ends the handover


_T, _R = SenderStep, ReceiverStep
_ALWAYS: frozenset[AnyStep] = frozenset({_T.REQUEST, _T.ACCEPT, _T.WITHDRAW, _R.SIGN, _R.ANSWER})
_ALL: frozenset[AnyStep] = frozenset({*_T, *_R})
_RETURN: frozenset[AnyStep] = frozenset({_R.RETURN, _T.TAKE_BACK})
_EXTENSION: frozenset[AnyStep] = frozenset({_R.ASK_EXTENSION, _T.GRANT_EXTENSION, _T.REFUSE_EXTENSION})


@dataclass(frozen=True)
class Kind:
    """One row of the table of kinds.

    `waits` are the defaults until the table `handover_wait` holds a row in force; to answer, the deadline
    counts instead. `extension_limit`: most granted extensions where the order names none (refusals do not
    count). `bare_answer`: the answer carries result, body and remedies only, no text and no evidence.
    `remedies_for`: results that must name the ways that stay open.
    """

    name: str
    zh: str
    sender: str
    receiver: str
    steps: frozenset[AnyStep]
    verified_by: Verifier
    results: frozenset[str]
    waits: Mapping[WaitingFor, timedelta] = field(default_factory=dict)
    extension_limit: int = 0
    needs_consent: bool = False
    bare_answer: bool = False
    remedies_for: frozenset[str] = frozenset()

    @property
    def ends_on_answer(self) -> bool:
        """Whether the sender accepts by itself what was answered."""
        return self.verified_by is not Verifier.SENDER


_WAITS = {
    WaitingFor.SIGN: timedelta(hours=4),
    WaitingFor.RETURN_DECISION: timedelta(hours=4),
    WaitingFor.EXTENSION_DECISION: timedelta(hours=8),
    WaitingFor.CHECK: timedelta(hours=24),
}
_SOLVED = frozenset({"solved", "explained"})

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("case-task", "案件派单", "grid", "tasks", _ALL, Verifier.SENDER, _SOLVED, _WAITS, 2),
        Kind("case-repair", "案件报修", "grid", "tasks", _ALL, Verifier.SENDER, _SOLVED, _WAITS, 2),
        Kind(
            name="case-dispute",
            zh="纠纷移交",
            sender="grid",
            receiver="disputes",
            steps=_ALWAYS | _RETURN | {_T.SUPPLEMENT, _T.URGE, _R.PROGRESS},
            verified_by=Verifier.NOBODY,
            results=frozenset({"agreement", "refused", "failed", "withdrawn"}),
            waits=_WAITS,
            needs_consent=True,
            bare_answer=True,
            remedies_for=frozenset({"refused", "failed"}),
        ),
        Kind(
            name="supervision",
            zh="督办建议",
            sender="targets",
            receiver="tasks",
            steps=_ALWAYS,
            verified_by=Verifier.RECEIVER,
            results=frozenset({"issued", "not-issued"}),
            waits=_WAITS,
        ),
        Kind(
            name="field-check",
            zh="现场核查",
            sender="tasks",
            receiver="grid",
            steps=_ALWAYS | _EXTENSION,
            verified_by=Verifier.SENDER,
            results=frozenset({"confirmed", "not-confirmed"}),
            waits=_WAITS,
            extension_limit=1,
        ),
    )
}
"""Every kind by name."""


def kind_of(name: str) -> Kind:
    """The kind. Raises `UnknownKind`."""
    try:
        return KINDS[name]
    except KeyError:
        raise UnknownKind(kind=name) from None


def check_order(kind: Kind, order: Order) -> None:
    """Raise `ConsentMissing` if the kind needs the reporter's recorded consent and there is none."""
    if kind.needs_consent and order.consent_at is None:
        raise ConsentMissing


def check_outcome(kind: Kind, outcome: Outcome) -> None:
    """Raise `OutcomeRefused` if the kind does not know the result, or it says too much or too little."""
    if outcome.result not in kind.results:
        raise OutcomeRefused(reason=f"result: {', '.join(sorted(kind.results))}", pointer="/result")
    if kind.bare_answer and (outcome.summary or outcome.media):
        raise OutcomeRefused(reason="terms and evidence stay with the body", pointer="/summary")
    if outcome.result in kind.remedies_for and not outcome.remedies:
        raise OutcomeRefused(reason="arbitration and court must be named", pointer="/remedies")
    if outcome.result == "not-issued" and not outcome.summary:
        raise OutcomeRefused(reason="a reason is needed", pointer="/summary")


def act(kind: Kind, standing: Standing, step: AnyStep, *, assigned: bool = False) -> Standing:
    """The standing after one's own step.

    `assigned`: a person is assigned at the receiver, or the dispute is classified: no return any more.
    Raises `NotInKind`, `IllegalTransition`, `StepRefused`.
    """
    if step not in kind.steps:
        raise NotInKind(kind=kind.name, step=step.value)
    moved = after(standing, step)
    for reason, holds in _REFUSALS.get(step, ()):
        if holds(standing):
            raise StepRefused(step=step.value, reason=reason)
    if step is ReceiverStep.RETURN and assigned:
        raise StepRefused(step=step.value, reason="a person is assigned")
    return moved


_Refusal = tuple[str, Callable[[Standing], bool]]
_NOT_ASKED: _Refusal = ("no extension is asked for", lambda s: not s.extension_pending)
_USED_UP: _Refusal = ("the limit of extensions is reached", lambda s: s.extensions >= s.extension_limit)
_SUSPENDED: _Refusal = ("it is suspended", lambda s: s.suspended)

_REFUSALS: Mapping[AnyStep, tuple[_Refusal, ...]] = {
    _T.DESIGNATE: (("it is designated already", lambda s: s.designated),),
    _T.GRANT_EXTENSION: (_NOT_ASKED, _USED_UP),
    _T.REFUSE_EXTENSION: (_NOT_ASKED,),
    _T.SUSPEND: (_SUSPENDED,),
    _T.RESUME: (("it is not suspended", lambda s: not s.suspended),),
    _T.DEMAND_REWORK: (_SUSPENDED,),
    _R.RETURN: (
        ("it is designated", lambda s: s.designated),
        ("it is a rework", lambda s: s.reworks > 0),
    ),
    _R.ASK_EXTENSION: (
        ("one is asked for already", lambda s: s.extension_pending),
        _USED_UP,
        _SUSPENDED,
    ),
}
"""Why a step that the life cycle allows is refused all the same: named reasons by step."""
