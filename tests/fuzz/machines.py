"""Pure state machines: two sides of a handover, a gate before a bus, the clock of a case."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from libs.common.calendar import WorkingCalendar
from libs.common.clocks import Limit, TimeUnit, due_after_pause, extend
from libs.common.errors import DomainError
from libs.common.events.gate import Arrival, GateState, Verdict, after, blocked, decide
from libs.common.handover.domain import (
    ENDS,
    ReceiverStep,
    SenderStep,
    Standing,
    State,
    take_in,
    waiting_for,
)
from libs.common.handover.kinds import KINDS, act
from services.grid.cases.domain import Clock, deadline


class Counted(RuleBasedStateMachine):
    """A machine whose rules are counted."""

    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.turns = 0

    def count(self) -> None:
        """One step more."""
        type(self).steps += 1

    def luck(self, given: int) -> random.Random:
        """Hypothesis likes to say the same number again: each turn of a story has a luck of its own."""
        self.turns += 1
        return random.Random(given + (self.turns << 32))


LUCK = st.integers(0, 2**32 - 1)
S = TypeVar("S", SenderStep, ReceiverStep)


class Handover(Counted):
    """Sender and receiver act on what they know; messages are on the way as long as it pleases."""

    def __init__(self) -> None:
        super().__init__()
        self.sender = self.receiver = Standing()
        self.sent: list[SenderStep] = []
        self.read = 0
        self.replies: list[tuple[ReceiverStep, int]] = []
        self.heard = 0

    @initialize(kind=st.sampled_from(sorted(KINDS)))
    def request(self, kind: str) -> None:
        """The sender asks; both know of it."""
        self.kind = KINDS[kind]
        self.sender = self.receiver = Standing(extension_limit=self.kind.extension_limit)

    @rule(given=LUCK)
    def turn(self, given: int) -> None:
        """It is somebody's turn to act or to read."""
        self.count()
        luck = self.luck(given)
        turns = (
            lambda: self._sender_acts(luck),
            lambda: self._receiver_acts(luck),
            self._receiver_reads,
            self._sender_reads,
        )
        luck.choice(turns)()

    def _sender_acts(self, luck: random.Random) -> None:
        """A step of the sender, refused or taken; ends are rare, so that stories get long."""
        before = self.sender
        steps = [step for step in SenderStep if step not in ENDS or luck.random() < 0.05]
        step, self.sender = self._tried(steps, before, luck)
        if step is None:
            return
        assert not before.ended, "a final was left"
        if step is SenderStep.DEMAND_REWORK:
            assert self.sender.reworks == before.reworks + 1
            assert self.sender.extensions == before.extensions, "rework gives back extensions"
        self.sent.append(step)

    def _receiver_acts(self, luck: random.Random) -> None:
        """A step of the receiver, who may not have read everything."""
        before = self.receiver
        step, self.receiver = self._tried(list(ReceiverStep), before, luck)
        if step is None:
            return
        assert not before.ended, "a final was left"
        if step is ReceiverStep.RETURN:
            assert not any((before.designated, before.reworks))
        self.replies.append((step, self.read))

    def _tried(self, steps: list[S], known: Standing, luck: random.Random) -> tuple[S | None, Standing]:
        """The first of some steps that is not refused, and the standing after it."""
        luck.shuffle(steps)
        for step in steps[: luck.choice((1, len(steps)))]:
            try:
                return step, act(self.kind, known, step, assigned=luck.random() < 0.2)
            except DomainError:
                continue
        return None, known

    def _receiver_reads(self) -> None:
        """The next message of the sender arrives."""
        if self.read < len(self.sent):
            self.receiver, _ = take_in(self.receiver, self.sent[self.read])
            self.read += 1

    def _sender_reads(self) -> None:
        """The next reply arrives; it names the last message that its author had read."""
        if self.heard < len(self.replies):
            step, known = self.replies[self.heard]
            self.sender, _ = take_in(self.sender, step, self.sent[known:])
            self.heard += 1

    @invariant()
    def stays_in_bounds(self) -> None:
        """Limits hold, and whoever is waited for is told."""
        for side in (self.sender, self.receiver):
            assert side.extensions <= max(side.extension_limit, self.sender.extensions)
            assert (waiting_for(side) is None) == side.ended
        assert self.sender.extensions <= self.sender.extension_limit
        if (self.read, self.heard) == (len(self.sent), len(self.replies)):
            self._agree()
        ends = [step for step in self.sent if step in ENDS]
        assert len(ends) <= 1
        assert not ends or self.sender.state is ENDS[ends[0]]

    def teardown(self) -> None:
        """When nothing is under way, both sides say the same."""
        while self.read < len(self.sent) or self.heard < len(self.replies):
            self._receiver_reads()
            self._sender_reads()
        self._agree()

    def _agree(self) -> None:
        assert self.sender.state in State
        for name in ("state", "designated", "suspended", "extensions", "reworks"):
            both = getattr(self.sender, name), getattr(self.receiver, name)
            assert both[0] == both[1], (name, self.sent, self.replies)


class Stream(Counted):
    """Keys of one topic before one gate: repeats, delays, other orders of keys, crashes, poison, losses."""

    KEYS = st.integers(0, 3)

    def __init__(self) -> None:
        super().__init__()
        self.log: dict[int, list[Arrival]] = defaultdict(list)
        self.stored: dict[int, int] = defaultdict(int)
        self.known: dict[int, GateState] = {}
        self.effects: dict[int, list[int]] = defaultdict(list)
        self.parked: dict[int, list[Arrival]] = defaultdict(list)
        self.harmed: set[int] = set()

    @rule(key=KEYS)
    def publish(self, key: int) -> None:
        """One version more of a key."""
        self.count()
        self.log[key].append(Arrival(1, self._last(key) + 1))

    @rule(key=KEYS)
    def restate(self, key: int) -> None:
        """The present state of a key is told again, at the version that it has."""
        self.count()
        if self._last(key):
            self.log[key].append(Arrival(1, self._last(key), whole=True))

    @rule(key=KEYS, number=st.integers(1, 4), crash=st.booleans())
    def deliver(self, key: int, number: int, crash: bool) -> None:
        """A batch of a key, each message twice; a crash before the commit leaves nothing behind."""
        self.count()
        begin = self.stored[key]
        batch = self.log[key][begin : begin + number]
        if not crash:
            for arrival in (again for one in batch for again in (one, one)):
                self._take(key, arrival)
            self.stored[key] = begin + len(batch)

    @rule(key=KEYS, back=st.integers(1, 6))
    def repeat(self, key: int, back: int) -> None:
        """The bus has not heard that it was stored: what was applied comes again."""
        self.count()
        begin = self.stored[key]
        for arrival in self.log[key][max(0, begin - back) : begin]:
            if not self.parked[key]:
                self._take(key, arrival)

    @rule(key=KEYS)
    def lose(self, key: int) -> None:
        """A message is lost on the way: that must be seen."""
        self.count()
        begin = self.stored[key]
        if begin < len(self.log[key]) and not self.log[key][begin].whole:
            del self.log[key][begin]
            self.harmed.add(key)

    @rule(key=KEYS)
    def poison(self, key: int) -> None:
        """The next message cannot ever be applied: the key stands aside."""
        self.count()
        begin = self.stored[key]
        if (
            begin < len(self.log[key])
            and self.judge(self.known.get(key), self.log[key][begin]) is Verdict.APPLY
        ):
            self.parked[key].append(self.log[key][begin])
            self.known[key] = blocked(self.known.get(key), 1)
            self.stored[key] = begin + 1
            self.harmed.add(key)

    @invariant()
    def effects_are_once_and_in_order(self) -> None:
        """Each version at most once and in order; without harm, not one is missing."""
        for versions in self.effects.values():
            assert versions == sorted(set(versions)), versions
        for key in self.log:
            if key not in self.harmed:
                assert not self.parked[key]
                assert self.effects[key] == list(range(1, len(self.effects[key]) + 1))

    def teardown(self) -> None:
        """Everything arrives."""
        for key, arrivals in list(self.log.items()):
            for arrival in arrivals[self.stored[key] :]:
                self._take(key, arrival)
            if key not in self.harmed:
                assert self.effects[key] == list(range(1, self._last(key) + 1))

    def _last(self, key: int) -> int:
        return max((arrival.version for arrival in self.log[key]), default=0)

    def judge(self, known: GateState | None, arrival: Arrival) -> Verdict:
        """The gate's decision."""
        return decide(known, arrival)

    def _take(self, key: int, arrival: Arrival) -> None:
        known = self.known.get(key)
        verdict = self.judge(known, arrival)
        if verdict.applies:
            last = max(self.effects[key], default=0)
            assert arrival.whole or arrival.version == last + 1, "a gap was passed over"
            self.effects[key].append(arrival.version)
        if verdict.parks:
            assert key in self.harmed, (key, known, arrival, verdict)
            self.parked[key].append(arrival)
        if verdict is Verdict.BASELINE:
            self.parked[key].clear()
        state = after(known, arrival, verdict)
        if state is not None:
            self.known[key] = state


class Deadline(Counted):
    """The handling clock of a case: extensions, suspensions and rework in any order."""

    CALENDAR = WorkingCalendar()
    START = datetime(2026, 11, 23, 1, tzinfo=UTC)

    @initialize(amount=st.integers(1, 30), unit=st.sampled_from(list(TimeUnit)), hours=st.integers(0, 400))
    def dispatch(self, amount: int, unit: TimeUnit, hours: int) -> None:
        """The clock starts, by day or by night."""
        self.now = self.START + timedelta(hours=hours)
        self.clock = Clock(self.now, Limit(amount, unit))
        self.due = deadline(self.clock, self.CALENDAR)
        assert self.due > self.now

    @rule()
    def granted(self) -> None:
        """An extension is one limit more."""
        self.count()
        clock = self.clock
        self._next(Clock(clock.started_at, clock.limit, clock.extensions + 1, clock.pauses))
        if not clock.pauses:
            assert self.due == extend(self.before, clock.limit, self.CALENDAR)

    @rule(wait=st.integers(1, 3000), length=st.integers(1, 20000))
    def suspended(self, wait: int, length: int) -> None:
        """It stood still for a while: the deadline moves by what was lost, never back."""
        self.count()
        begin = self.now + timedelta(minutes=wait)
        pause = (begin, begin + timedelta(minutes=length))
        self.now = pause[1]
        clock = self.clock
        self._next(Clock(clock.started_at, clock.limit, clock.extensions, (*clock.pauses, pause)))
        assert self.due == due_after_pause(self.before, pause, clock.limit.unit, self.CALENDAR)
        assert self.due - self.before <= timedelta(minutes=length) + timedelta(days=20)

    @rule(minutes=st.integers(1, 5000))
    def reworked(self, minutes: int) -> None:
        """Time passes and the work comes back: no fresh clock."""
        self.count()
        self.now += timedelta(minutes=minutes)
        self._next(self.clock)
        assert self.due == self.before

    def _next(self, clock: Clock) -> None:
        self.before, self.clock = self.due, clock
        self.due = deadline(clock, self.CALENDAR)
        assert self.due >= self.before, "a deadline came nearer"
        assert self.due.tzinfo is UTC


MACHINES: tuple[type[Counted], ...] = (Handover, Stream, Deadline)
