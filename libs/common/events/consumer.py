"""The consumer 消费者: one transaction per batch: gate, handlers, their own events, parked ones, offsets.

*Cannot work now* (database away, time-out, deadlock): the offset stays and the caller backs off. *Cannot
ever work* (undecodable, against the contract, refused after some tries): the message is parked with every
later one of its aggregate, the offset moves on.

    consumer = Consumer("tasks", database, bus, Routes(SERVICE.handlers))
    await consumer.step()          # or `loops.run_consumer`
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common import crash
from libs.common.db import RETRYABLE, Database, is_away, sqlstate
from libs.common.errors import Unavailable
from libs.common.events import gates, metrics, offsets, park
from libs.common.events.bus import Batch, Bus, Incoming, Mark, Slot
from libs.common.events.envelope import Message
from libs.common.events.gate import Arrival, GateState, Verdict, after, blocked, decide
from libs.common.events.gates import Key
from libs.common.events.offsets import Superseded
from libs.common.events.park import Aside
from libs.common.events.routes import Kept, Routes

LIMIT = 500
ATTEMPTS = 3
PAUSE = 0.02


class HandlerFailed(Exception):
    """The message at `index` of the batch cannot be applied."""

    def __init__(self, index: int, cause: Exception) -> None:
        super().__init__(index)
        self.index = index
        self.cause = cause


@dataclass(frozen=True)
class Sentence:
    """That a message is to be parked, and why."""

    reason: str
    problem: str


@dataclass
class Work:
    """What one transaction has found out so far."""

    known: dict[Key, GateState]
    changed: dict[Key, GateState] = field(default_factory=dict)
    aside: list[Aside] = field(default_factory=list)
    verdicts: dict[Verdict, int] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)

    def learn(self, key: Key, state: GateState | None) -> None:
        """Keep what is known of the key now."""
        if state is not None and state != self.known.get(key):
            self.known[key] = self.changed[key] = state


def cannot_work_now(error: BaseException) -> bool:
    """Whether the same message may well succeed later: the infrastructure failed, not the message."""
    if isinstance(error, Unavailable | TimeoutError | OSError | PoolTimeout):
        return True
    return isinstance(error, DBAPIError) and (is_away(error) or sqlstate(error) in RETRYABLE)


Judge = Callable[[GateState | None, Arrival], Verdict]


class Consumer:
    """One reader of a bus, with its handlers and its database. `judge` is the gate's decision."""

    def __init__(
        self, name: str, database: Database, bus: Bus, routes: Routes, *, judge: Judge = decide
    ) -> None:
        self.name = name
        self.database = database
        self.bus = bus
        self.routes = routes
        self.judge = judge
        self._started = False

    async def step(self, *, limit: int = LIMIT, wait: float = 0.2) -> int:
        """Take the next batch, if there is one; answers how many messages it held.

        Raises what says that it cannot work now; then nothing is lost and the caller backs off.
        """
        await self._start()
        batch = await self.bus.fetch(limit=limit, wait=wait)
        if not batch:
            return 0
        crash.reach("consumer.fetched")
        try:
            await self._take(batch)
        except Superseded:
            await self.bus.again()
            return 0
        except BaseException:
            await self.bus.again()
            raise
        crash.reach("consumer.committed")
        await self.bus.done(batch)
        crash.reach("consumer.done")
        return len(batch.messages)

    async def close(self) -> None:
        """Stop reading; what was applied is stored."""
        await self.bus.close()
        self._started = False

    async def _start(self) -> None:
        if not self._started:
            await self.bus.start(self.routes.topics, self.marks)
            self._started = True

    async def marks(self, slots: Collection[Slot]) -> Mapping[Slot, Mark]:
        """Where this consumer stands: the bus asks at the start and after every rebalance."""
        return await self.database.transact(partial(offsets.marks, consumer=self.name, slots=slots))

    async def _take(self, batch: Batch) -> None:
        """Apply the batch in one transaction; around a message that fails, in pieces."""
        rest = batch
        while rest:
            try:
                await self._apply(rest)
                return
            except HandlerFailed as failure:
                head, one, rest = rest.split(failure.index)
                if head.messages:
                    await self._take(head)
                await self._take_one(one)
            except Exception as error:
                if cannot_work_now(error) or isinstance(error, Superseded) or not rest.messages:
                    raise
                # What all of them wrote, or the commit, was refused: nobody knows by whose fault.
                head, one, rest = rest.split(len(rest.messages) // 2)
                if head.messages:
                    await self._take(head)
                    await self._take(one)
                else:
                    await self._take_one(one)

    async def _take_one(self, one: Batch) -> None:
        """Try a single message a few times, then park it."""
        sentence = Sentence(park.INVARIANT, "")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._apply(one)
                return
            except Exception as error:
                if cannot_work_now(error) or isinstance(error, Superseded):
                    raise
                cause = error.cause if isinstance(error, HandlerFailed) else error
                sentence = _sentence(cause)
                if sentence.reason == park.SCHEMA:
                    break
                await asyncio.sleep(PAUSE * attempt)
        await self._apply(one, sentence)

    async def _apply(self, batch: Batch, sentence: Sentence | None = None) -> None:
        work = await self.database.transact(partial(self._inside, batch=batch, sentence=sentence))
        for verdict, count in work.verdicts.items():
            metrics.CONSUMED.labels(self.name, verdict.value).inc(count)

    async def _inside(self, session: AsyncSession, batch: Batch, sentence: Sentence | None) -> Work:
        """The transaction: fence, gate, handlers, then everything that has to be kept."""
        await offsets.hold(session, self.name, batch.before)
        keys = [(one.slot.topic, one.message.aggregate_id) for one in batch.messages if one.message]
        work = Work(await gates.load(session, self.name, keys))
        for index, incoming in enumerate(batch.messages):
            try:
                await self._one(session, incoming, work, sentence)
            except Exception as error:
                if cannot_work_now(error):
                    raise
                raise HandlerFailed(index, error) from error
        await work.kept.write(session)
        crash.reach("consumer.handled")
        await gates.store(session, self.name, work.changed)
        await park.park(session, self.name, work.aside)
        await offsets.hear(session, self.name, batch.restored)
        await offsets.store(session, self.name, batch.after)
        crash.reach("consumer.stored")
        return work

    async def _one(
        self, session: AsyncSession, incoming: Incoming, work: Work, sentence: Sentence | None
    ) -> None:
        message = incoming.message
        if message is None:
            work.aside.append(self._aside(incoming, Sentence(park.UNDECODABLE, incoming.problem)))
            return
        key = (incoming.slot.topic, message.aggregate_id)
        known = work.known.get(key)
        arrival = self.routes.arrival(message)
        verdict = self.judge(known, arrival)
        work.verdicts[verdict] = work.verdicts.get(verdict, 0) + 1
        if verdict.parks:
            work.aside.append(self._aside(incoming, Sentence(verdict.value, "")))
        elif verdict.applies and sentence is not None:
            work.aside.append(self._aside(incoming, sentence))
            work.learn(key, blocked(known, message.epoch))
            return
        elif verdict.applies:
            await self.routes.handle(session, message, work.kept)
        state = after(known, arrival, verdict, position=message.position)
        if verdict is Verdict.BASELINE and known is not None and known.parked and state is not None:
            state = await self._release(session, key, message, state)
        work.learn(key, state)

    async def _release(
        self, session: AsyncSession, key: Key, message: Message, state: GateState
    ) -> GateState:
        """A full state has come for a parked key: what it covers is void, the rest goes on waiting."""
        left = await park.supersede(session, self.name, key, epoch=message.epoch, version=message.version)
        return blocked(state, message.epoch) if left else state

    def _aside(self, incoming: Incoming, sentence: Sentence) -> Aside:
        data_class = self.routes.data_class(incoming.slot.topic)
        return Aside(incoming, data_class, sentence.reason, sentence.problem)


def _sentence(cause: BaseException) -> Sentence:
    reason = park.SCHEMA if isinstance(cause, ValidationError) else park.INVARIANT
    return Sentence(reason, park.describe(cause))
