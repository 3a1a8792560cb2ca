"""The table of kinds: which steps each allows, what an order and an answer must hold."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from libs.common.contracts import handover as said
from libs.common.contracts.handover import CHANNELS, EVENTS, Contents, MediaRef, Outcome
from libs.common.events.contract import DataClass
from libs.common.fsm import IllegalTransition
from libs.common.handover.domain import LIFE, AnyStep, ReceiverStep, SenderStep, Standing, State
from libs.common.handover.kinds import (
    KINDS,
    ConsentMissing,
    Kind,
    NotInKind,
    OutcomeRefused,
    StepRefused,
    UnknownKind,
    act,
    check_order,
    check_outcome,
    kind_of,
)
from libs.common.handover.orders import Order

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
S, T, R = State, SenderStep, ReceiverStep
STEPS: tuple[AnyStep, ...] = (*SenderStep, *ReceiverStep)
ALWAYS: set[AnyStep] = {T.REQUEST, R.SIGN, R.ANSWER, T.WITHDRAW, T.ACCEPT}
ALLOWED: dict[str, set[AnyStep]] = {
    "case-task": set(STEPS),
    "case-repair": set(STEPS),
    "case-dispute": ALWAYS | {T.SUPPLEMENT, T.URGE, R.PROGRESS, R.RETURN, T.TAKE_BACK},
    "supervision": ALWAYS,
    "field-check": ALWAYS | {R.ASK_EXTENSION, T.GRANT_EXTENSION, T.REFUSE_EXTENSION},
}


def ready(state: State, step: AnyStep) -> Standing:
    """A standing in which no guard beside the life cycle refuses the step."""
    decides = step in {T.GRANT_EXTENSION, T.REFUSE_EXTENSION}
    return Standing(state=state, extension_pending=decides, suspended=step is T.RESUME, extension_limit=1)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_step_in_every_state_of_every_kind(kind: Kind, step: AnyStep, state: State) -> None:
    standing = ready(state, step)
    if step not in ALLOWED[kind.name]:
        with pytest.raises(NotInKind):
            act(kind, standing, step)
    elif (state, step) not in LIFE.table:
        with pytest.raises(IllegalTransition):
            act(kind, standing, step)
    else:
        assert act(kind, standing, step).state is not None


@pytest.mark.parametrize(
    ("standing", "step", "reason"),
    [
        (Standing(state=S.SIGNED, designated=True), R.RETURN, "designated"),
        (Standing(state=S.REQUESTED, designated=True), R.RETURN, "designated"),
        (Standing(state=S.SIGNED, reworks=1), R.RETURN, "rework"),
        (Standing(state=S.SIGNED, designated=True), T.DESIGNATE, "already"),
        (Standing(state=S.SIGNED), T.GRANT_EXTENSION, "no extension"),
        (Standing(state=S.SIGNED), T.REFUSE_EXTENSION, "no extension"),
        (Standing(state=S.SIGNED, extension_pending=True, extensions=1, extension_limit=1),
         T.GRANT_EXTENSION, "limit"),
        (Standing(state=S.SIGNED, extensions=2, extension_limit=2), R.ASK_EXTENSION, "limit"),
        (Standing(state=S.SIGNED, extension_pending=True, extension_limit=2), R.ASK_EXTENSION, "already"),
        (Standing(state=S.SIGNED, suspended=True, extension_limit=2), R.ASK_EXTENSION, "suspended"),
        (Standing(state=S.SIGNED, suspended=True), T.SUSPEND, "suspended"),
        (Standing(state=S.SIGNED), T.RESUME, "not suspended"),
        (Standing(state=S.ANSWERED, suspended=True), T.DEMAND_REWORK, "suspended"),
    ],
)  # fmt: skip
def test_a_named_reason_refuses_the_step(standing: Standing, step: AnyStep, reason: str) -> None:
    with pytest.raises(StepRefused, match=reason):
        act(KINDS["case-task"], standing, step)


def test_no_return_once_a_person_is_assigned() -> None:
    signed = Standing(state=S.SIGNED, signed=True)
    assert act(KINDS["case-dispute"], signed, R.RETURN).state is S.RETURN_REQUESTED
    with pytest.raises(StepRefused, match="assigned"):
        act(KINDS["case-dispute"], signed, R.RETURN, assigned=True)


def test_an_unknown_kind() -> None:
    assert kind_of("supervision").receiver == "tasks"
    with pytest.raises(UnknownKind):
        kind_of("case-nothing")


def test_a_dispute_needs_the_reporters_consent() -> None:
    contents = Contents(title="漏水")
    check_order(KINDS["case-task"], Order(contents))
    check_order(KINDS["case-dispute"], Order(contents, consent_at=NOW))
    with pytest.raises(ConsentMissing):
        check_order(KINDS["case-dispute"], Order(contents))


PHOTO = MediaRef(hash="ab" * 32)


@pytest.mark.parametrize(
    ("kind", "outcome", "pointer"),
    [
        ("case-task", Outcome(result="solved", summary="已清理", media=(PHOTO,)), None),
        ("case-task", Outcome(result="agreement"), "/result"),
        ("case-dispute", Outcome(result="agreement", body="某居人民调解委员会"), None),
        ("case-dispute", Outcome(result="agreement", summary="赔偿三千元"), "/summary"),
        ("case-dispute", Outcome(result="agreement", media=(PHOTO,)), "/summary"),
        ("case-dispute", Outcome(result="failed"), "/remedies"),
        ("case-dispute", Outcome(result="failed", remedies=("arbitration", "court")), None),
        ("supervision", Outcome(result="not-issued"), "/summary"),
        ("supervision", Outcome(result="not-issued", summary="已在整改"), None),
        ("supervision", Outcome(result="issued"), None),
        ("field-check", Outcome(result="confirmed"), None),
    ],
)
def test_what_an_answer_holds(kind: str, outcome: Outcome, pointer: str | None) -> None:
    if pointer is None:
        check_outcome(KINDS[kind], outcome)
        return
    with pytest.raises(OutcomeRefused) as caught:
        check_outcome(KINDS[kind], outcome)
    assert caught.value.pointer == pointer


def test_who_ends_without_a_check_of_the_sender() -> None:
    assert {kind.name for kind in KINDS.values() if kind.ends_on_answer} == {"case-dispute", "supervision"}


def test_every_kind_has_its_channels() -> None:
    for kind in KINDS.values():
        down = CHANNELS[kind.sender, kind.receiver]
        up = CHANNELS[kind.receiver, kind.sender]
        assert {base.step for base in down.classes if base.by_sender} == {*SenderStep, "restate"}
        assert {base.step for base in up.classes if not base.by_sender} == {*ReceiverStep, "restate"}


def test_every_contract_is_restricted_named_once_and_kept_a_week() -> None:
    assert len({event.type for event in EVENTS}) == len(EVENTS) == len({event.__name__ for event in EVENTS})
    for event in EVENTS:
        assert event.topic.data_class is DataClass.RESTRICTED
        assert event.topic.retention_days == 7
        assert len(event.topic.readers) == 1
    assert {event.topic.name for event in said.heard_by("disputes")} == {"jiayuan.grid.handover-disputes.v1"}
