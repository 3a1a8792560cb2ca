"""Redrive 重投: apply what was parked of one key, in order, once the reason is gone.

One transaction per message, under the key's gate row: live messages of the key are parked behind until the
last one is through. It stops at the first that still fails. Redrives are recorded as access events.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.access import ADMINISTERED
from libs.common.db import Database
from libs.common.errors import Conflict, NotFound
from libs.common.events import gates, metrics, park
from libs.common.events.consumer import cannot_work_now
from libs.common.events.deeds import tell
from libs.common.events.envelope import decode
from libs.common.events.gate import GateState, Verdict, after, decide
from libs.common.events.gates import Key
from libs.common.events.models import ParkedMessage
from libs.common.events.routes import Kept, Routes
from libs.common.policy import Actor


@dataclass(frozen=True)
class Redriven:
    """How many were applied or found void, whether the key is free again, and else what stands in the way."""

    applied: int
    dropped: int
    released: bool
    problem: str = ""


class NotDiscardable(Conflict):
    """The message has its place in an aggregate's order, or is resolved already."""

    code = "message-not-discardable"
    zh = "该消息不能丢弃：请重投或请求重新发布"
    en = "The message cannot be discarded: redrive it or ask for a restatement"


class StillParked(Exception):
    """The next message cannot be applied yet: `reason` is the gate's or the handler's."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Redrive:
    """Redrives keys of one consumer, which is a service, on behalf of a person."""

    def __init__(self, database: Database, consumer: str, routes: Routes, *, actor: Actor) -> None:
        self.database = database
        self.consumer = consumer
        self.routes = routes
        self.actor = actor

    async def key(self, topic: str, aggregate_id: UUID, *, now: datetime) -> Redriven:
        """Apply what is parked of the key. Raises only what says that it cannot work now."""
        counts = {park.REDRIVEN: 0, park.SUPERSEDED: 0}
        problem = ""
        while not problem:
            try:
                done = await self.database.transact(partial(self._next, key=(topic, aggregate_id), now=now))
            except Exception as error:
                if cannot_work_now(error):
                    raise
                problem = error.reason if isinstance(error, StillParked) else park.describe(error)
                continue
            if done is None:
                break
            counts[done] += 1
        outcome = Redriven(counts[park.REDRIVEN], counts[park.SUPERSEDED], not problem, problem)
        if outcome.applied + outcome.dropped:
            told = partial(self._tell, key=(topic, aggregate_id), outcome=outcome, now=now)
            await self.database.transact(told)
        return outcome

    async def discard(self, parked_id: UUID, *, reason: str, now: datetime) -> None:
        """Give up a message that nobody can read. `reason` is a code. Raises `NotDiscardable`.

        One that belongs to an aggregate waits for a redrive or a restatement: nothing may be passed over.
        """
        await self.database.transact(partial(self._discard, parked_id=parked_id, reason=reason, now=now))

    async def _discard(self, session: AsyncSession, parked_id: UUID, reason: str, now: datetime) -> None:
        parked = await session.get(ParkedMessage, parked_id, with_for_update=True)
        if parked is None or parked.consumer != self.consumer:
            raise NotFound
        if parked.event_id is not None or parked.resolution is not None:
            raise NotDiscardable
        park.resolve(parked, park.DISCARDED, by=self.actor.subject, now=now)
        await session.flush()
        event = ADMINISTERED[self.consumer](
            happened_at=now,
            action=park.DISCARDED,
            subject_type="parked-message",
            subject_id=parked.id,
            stream=parked.topic,
            count=1,
            reason=reason,
        )
        await tell(session, event, actor=self.actor, now=now)

    async def _tell(self, session: AsyncSession, key: Key, outcome: Redriven, now: datetime) -> None:
        """The deed is part of this service's log."""
        event = ADMINISTERED[self.consumer](
            happened_at=now,
            action=park.REDRIVEN,
            subject_type="aggregate",
            subject_id=key[1],
            stream=key[0],
            count=outcome.applied,
            reason=outcome.problem,
        )
        await tell(session, event, actor=self.actor, now=now)

    async def _next(self, session: AsyncSession, key: Key, now: datetime) -> str | None:
        """Resolve the first parked message; None when there is none left and the key is free."""
        known = (await gates.load(session, self.consumer, [key])).get(key)
        waiting = await park.parked_of(session, self.consumer, key, limit=1)
        if not waiting:
            if known is not None and known.parked:
                freed = GateState(known.epoch, known.version, False, known.position)
                await gates.store(session, self.consumer, {key: freed})
            return None
        return await self._apply(session, key, known, waiting[0], now)

    async def _apply(
        self, session: AsyncSession, key: Key, known: GateState | None, parked: ParkedMessage, now: datetime
    ) -> str:
        message = decode(parked.raw or b"", topic=parked.topic)
        arrival = self.routes.arrival(message)
        open_gate = GateState(known.epoch, known.version, False, known.position) if known else None
        if open_gate is not None and open_gate.version == 0:
            open_gate = None
        verdict = decide(open_gate, arrival)
        if verdict.parks:
            raise StillParked(verdict.value)
        resolution = park.SUPERSEDED
        if verdict.applies:
            kept = Kept()
            await self.routes.handle(session, message, kept)
            await kept.write(session)
            state = after(open_gate, arrival, verdict, position=message.position)
            await self._keep_closed(session, key, state)
            metrics.REDRIVEN.labels(self.consumer, parked.topic).inc()
            resolution = park.REDRIVEN
        if verdict is Verdict.BASELINE:
            await park.supersede(
                session, self.consumer, key, epoch=message.epoch, version=message.version - 1
            )
        park.resolve(parked, resolution, by=self.actor.subject, now=now)
        await session.flush()
        return resolution

    async def _keep_closed(self, session: AsyncSession, key: Key, state: GateState | None) -> None:
        """The version moves; the key opens only when nothing is left."""
        if state is not None:
            closed = GateState(state.epoch, state.version, True, state.position)
            await gates.store(session, self.consumer, {key: closed})
