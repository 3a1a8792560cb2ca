"""The life cycle of a handover: every step in every state, every crossing pair, both sides agree again."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from libs.common.errors import DomainError
from libs.common.fsm import IllegalTransition
from libs.common.handover.domain import (
    ARRIVING,
    ENDS,
    LIFE,
    OPEN,
    VOIDS,
    AnyStep,
    DeadlinePassed,
    ReceiverStep,
    SenderStep,
    Standing,
    State,
    WaitingFor,
    after,
    answered_on_time,
    require_future,
    take_in,
    waiting_for,
)
from libs.common.handover.kinds import KINDS, Kind, act

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
STEPS: tuple[AnyStep, ...] = (*SenderStep, *ReceiverStep)
S, T, R = State, SenderStep, ReceiverStep

TABLE: dict[State, dict[AnyStep, State]] = {
    S.REQUESTED: {
        T.SUPPLEMENT: S.REQUESTED,
        T.URGE: S.REQUESTED,
        T.DESIGNATE: S.REQUESTED,
        T.CHANGE: S.REQUESTED,
        T.SUSPEND: S.REQUESTED,
        T.RESUME: S.REQUESTED,
        T.WITHDRAW: S.WITHDRAWN,
        R.SIGN: S.SIGNED,
        R.RETURN: S.RETURN_REQUESTED,
    },
    S.SIGNED: {
        T.SUPPLEMENT: S.SIGNED,
        T.URGE: S.SIGNED,
        T.DESIGNATE: S.SIGNED,
        T.CHANGE: S.SIGNED,
        T.GRANT_EXTENSION: S.SIGNED,
        T.REFUSE_EXTENSION: S.SIGNED,
        T.SUSPEND: S.SIGNED,
        T.RESUME: S.SIGNED,
        T.WITHDRAW: S.WITHDRAWN,
        R.RETURN: S.RETURN_REQUESTED,
        R.FIRST_CONTACT: S.SIGNED,
        R.PROGRESS: S.SIGNED,
        R.ASK_EXTENSION: S.SIGNED,
        R.ANSWER: S.ANSWERED,
    },
    S.RETURN_REQUESTED: {
        T.SUPPLEMENT: S.RETURN_REQUESTED,
        T.CHANGE: S.RETURN_REQUESTED,
        T.RESUME: S.RETURN_REQUESTED,
        T.DESIGNATE: S.REQUESTED,
        T.TAKE_BACK: S.RETURNED,
        T.WITHDRAW: S.WITHDRAWN,
    },
    S.ANSWERED: {
        T.SUPPLEMENT: S.ANSWERED,
        T.RESUME: S.ANSWERED,
        T.DEMAND_REWORK: S.SIGNED,
        T.ACCEPT: S.ACCEPTED,
        T.WITHDRAW: S.WITHDRAWN,
    },
    S.ACCEPTED: {},
    S.RETURNED: {},
    S.WITHDRAWN: {},
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", State)
def test_every_step_in_every_state(state: State, step: AnyStep) -> None:
    expected = TABLE[state].get(step)
    if expected is None:
        with pytest.raises(IllegalTransition):
            LIFE.after(state, step)
    else:
        assert LIFE.after(state, step) is expected


def test_every_state_is_reachable_and_only_the_ends_are_closed() -> None:
    assert LIFE.reachable == frozenset(State)
    assert LIFE.finals == frozenset(ENDS.values())
    assert ARRIVING.finals == LIFE.finals


@pytest.mark.parametrize("end", ENDS.values())
@pytest.mark.parametrize("step", STEPS)
def test_after_the_end_everything_is_recorded_and_nothing_applied(end: State, step: AnyStep) -> None:
    ended = Standing(state=end)
    assert take_in(ended, step) == (ended, f"after-end:{end}")


VOID_PAIRS = {(T.DESIGNATE, R.RETURN), *((end, reply) for end in ENDS for reply in R)}


@pytest.mark.parametrize("reply", R)
@pytest.mark.parametrize("mine", T)
def test_of_two_crossing_steps_the_senders_order_counts(mine: SenderStep, reply: ReceiverStep) -> None:
    assert (reply in VOIDS[mine]) is ((mine, reply) in VOID_PAIRS)


def test_a_return_that_crosses_a_designation_is_only_recorded() -> None:
    sender = after(Standing(state=S.SIGNED, signed=True), T.DESIGNATE)
    assert take_in(sender, R.RETURN, [T.URGE, T.DESIGNATE]) == (sender, "crossed:designate")


def test_a_reply_that_fits_nothing_is_only_recorded() -> None:
    standing = Standing()
    assert take_in(standing, R.ANSWER) == (standing, "not-expected:requested")


@pytest.mark.parametrize("step", [step for step in T if step not in ENDS and step is not T.REQUEST])
@pytest.mark.parametrize("state", OPEN)
def test_the_receiver_takes_the_senders_steps_in_any_open_state(state: State, step: SenderStep) -> None:
    moved, why = take_in(Standing(state=state, signed=True, extension_limit=2), step)
    assert why is None
    assert not moved.ended


def test_a_signature_holds_through_a_designation() -> None:
    unsigned = Standing(state=S.RETURN_REQUESTED)
    assert after(unsigned, T.DESIGNATE).state is S.REQUESTED
    assert after(replace(unsigned, signed=True), T.DESIGNATE).state is S.SIGNED


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing(), WaitingFor.SIGN),
        (Standing(state=S.SIGNED), WaitingFor.ANSWER),
        (Standing(state=S.SIGNED, extension_pending=True), WaitingFor.EXTENSION_DECISION),
        (Standing(state=S.RETURN_REQUESTED, extension_pending=True), WaitingFor.RETURN_DECISION),
        (Standing(state=S.ANSWERED), WaitingFor.CHECK),
        (Standing(state=S.ACCEPTED), None),
        (Standing(state=S.RETURNED), None),
        (Standing(state=S.WITHDRAWN), None),
    ],
)
def test_what_is_waited_for(standing: Standing, expected: WaitingFor | None) -> None:
    assert waiting_for(standing) is expected


@pytest.mark.parametrize(
    ("answered", "due", "suspended", "verdict"),
    [
        (0, None, None, None),
        (0, 0, None, True),
        (1, 0, None, False),
        (9, 5, 4, True),  # the clock stood still before it was late
        (9, 5, 6, False),  # it was late before the clock stopped
    ],
)
def test_on_time(answered: int, due: int | None, suspended: int | None, verdict: bool | None) -> None:
    def at(hours: int | None) -> datetime | None:
        return None if hours is None else NOW + timedelta(hours=hours)

    moment = at(answered)
    assert moment is not None
    assert answered_on_time(moment, at(due), at(suspended)) is verdict


def test_a_deadline_lies_in_the_future() -> None:
    require_future(None, NOW)
    require_future(NOW + timedelta(seconds=1), NOW)
    with pytest.raises(DeadlinePassed):
        require_future(NOW, NOW)


# Both sides as plain values, with their messages under way. A message: (step, version, replies_to).
Order = tuple[SenderStep, int, int]
Reply = tuple[ReceiverStep, int, int]


@dataclass(frozen=True)
class Pair:
    """Sender and receiver and what is under way between them; `unread` are the sender's own steps."""

    sender: Standing
    receiver: Standing
    down: tuple[Order, ...] = ()
    up: tuple[Reply, ...] = ()
    sent: tuple[SenderStep, ...] = (SenderStep.REQUEST,)
    replied: int = 0
    sender_read: int = 0
    receiver_read: int = 1

    def acts(self, kind: Kind) -> Iterator[Pair]:
        """Every step that either side may take now."""
        for step in SenderStep:
            moved = _try(kind, self.sender, step)
            if moved is not None:
                sent = (step, len(self.sent) + 1, self.sender_read)
                yield replace(self, sender=moved, down=(*self.down, sent), sent=(*self.sent, step))
        for reply in ReceiverStep:
            moved = _try(kind, self.receiver, reply)
            if moved is not None:
                said = (reply, self.replied + 1, self.receiver_read)
                yield replace(self, receiver=moved, up=(*self.up, said), replied=self.replied + 1)

    def arrivals(self) -> Iterator[Pair]:
        """The next message of either direction arrives."""
        if self.down:
            order, number, _ = self.down[0]
            receiver, _ = take_in(self.receiver, order)
            yield replace(self, receiver=receiver, down=self.down[1:], receiver_read=number)
        if self.up:
            reply, number, replies_to = self.up[0]
            sender, why = take_in(self.sender, reply, self.sent[replies_to:])
            assert why is None or not why.startswith("not-expected")
            yield replace(self, sender=sender, up=self.up[1:], sender_read=number)

    @property
    def agrees(self) -> bool:
        """The same standing; after the end the receiver may keep a signature or a question made void."""
        if self.sender.ended:
            kept = replace(
                self.receiver, signed=self.sender.signed, extension_pending=self.sender.extension_pending
            )
            return self.sender == kept
        return self.sender == self.receiver

    @property
    def quiet(self) -> bool:
        """Nothing is under way."""
        return not self.down and not self.up


def _try(kind: Kind, standing: Standing, step: AnyStep) -> Standing | None:
    try:
        return act(kind, standing, step)
    except DomainError:
        return None


def _begin(kind: Kind) -> Pair:
    standing = Standing(extension_limit=kind.extension_limit)
    return Pair(standing, standing)


DIFFERENT = [
    kind for kind in KINDS.values() if kind.name != "case-repair"
]  # case-repair has case-task's rules


@pytest.mark.parametrize("kind", DIFFERENT, ids=lambda kind: kind.name)
def test_both_sides_agree_again_after_any_four_steps_in_any_order(kind: Kind) -> None:
    seen: set[tuple[Pair, int]] = set()
    frontier = deque([(_begin(kind), 4)])
    while frontier:
        pair, left = frontier.popleft()
        if (pair, left) in seen:
            continue
        seen.add((pair, left))
        if pair.quiet:
            assert pair.agrees, pair
        frontier.extend((onward, left) for onward in pair.arrivals())
        if left:
            frontier.extend((onward, left - 1) for onward in pair.acts(kind))


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("kind", DIFFERENT, ids=lambda kind: kind.name)
def test_both_sides_agree_again_after_long_random_exchanges(kind: Kind, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(20):
        pair = _begin(kind)
        for _ in range(60):
            onward = [*pair.acts(kind), *pair.arrivals(), *pair.arrivals()]
            if not onward:
                break
            pair = chance.choice(onward)
        while not pair.quiet:
            pair = next(pair.arrivals())
        assert pair.agrees, pair
