"""A producer, a consumer and the bus between them: what every suite of the event path stands on."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.errors import Conflict
from libs.common.events import gates, park
from libs.common.events.bus import Bus
from libs.common.events.consumer import Consumer, Judge
from libs.common.events.gate import decide
from libs.common.events.routes import Routes
from libs.common.events.sequencer import sequence
from libs.common.service import Delivery, Handler
from libs.common.tracing import current_traceparent
from tests.common.events.checker import Faults, Sighting, faults_of
from tests.common.events.nouns import (
    SHELVES,
    LabelChanged,
    Seen,
    ShelfFilled,
)

NAME = "tasks"
PATIENCE = 20.0


async def reached(condition: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> None:
    """Wait until the condition holds. Raises `TimeoutError`."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what is waited for lies in a database.
            await asyncio.sleep(0.02)


class Rig(ABC):
    """A producer `grid`, a consumer `tasks`, and the bus between them."""

    producer: Database
    consumer: Database

    async def sequence(self) -> None:
        """Bring everything that is committed into the log."""
        while await self.producer.transact(sequence):
            pass

    @abstractmethod
    async def deliver(self) -> None:
        """Bring everything that is committed to where the bus's readers find it."""

    @abstractmethod
    def bus(self, reader: str = NAME) -> Bus:
        """A new reader's connection to the bus."""

    async def arrived(self, bus: Bus) -> bool:
        """Whether nothing that was delivered is still on its way to this reader."""
        return True


class Reader:
    """A consumer that counts what it does, and fails as it is told."""

    def __init__(self, rig: Rig, *, judge: Judge = decide) -> None:
        self.rig = rig
        self.failures: dict[tuple[UUID, int], list[Exception]] = {}
        self.broken: set[tuple[UUID, int]] = set()
        self.traces: list[str | None] = []
        self.handlers: dict[type, Handler] = {ShelfFilled: self.on_filled, LabelChanged: self.on_label}
        self.routes = Routes(self.handlers)
        self.database = rig.consumer
        self.consumer = Consumer(NAME, rig.consumer, rig.bus(), self.routes, judge=judge)

    async def on_filled(self, session: AsyncSession, event: ShelfFilled, delivery: Delivery) -> None:
        """One row per effect, with the version that caused it."""
        await self._keep(session, delivery, event.total)

    async def on_label(self, session: AsyncSession, event: LabelChanged, delivery: Delivery) -> None:
        """The same for labels."""
        await self._keep(session, delivery, len(event.words))

    async def _keep(self, session: AsyncSession, delivery: Delivery, total: int) -> None:
        self.traces.append(current_traceparent())
        where = (delivery.aggregate_id, delivery.version)
        session.add(
            Seen(
                aggregate_id=delivery.aggregate_id,
                version=delivery.version,
                event_id=delivery.event_id,
                total=total,
                restated=delivery.restated,
            )
        )
        await session.flush()
        if self.failures.get(where):
            raise self.failures[where].pop()
        if where in self.broken:
            raise Conflict

    async def drain(self, *, limit: int = 500) -> int:
        """Read until something has come and then nothing more for two turns; answers how many messages."""
        total = quiet = 0
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while quiet < 2:
            done = await self.consumer.step(limit=limit, wait=0.25)
            total += done
            late = asyncio.get_running_loop().time() > deadline
            nothing = not done and bool(total) and await self.rig.arrived(self.consumer.bus)
            quiet = quiet + 1 if nothing or (late and not done) else 0
        return total

    async def drain_until(self, effects: int, *, limit: int) -> None:
        """Read until the database holds so many effects, whoever made them."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while len(await self.seen()) < effects and asyncio.get_running_loop().time() < deadline:
            await self.consumer.step(limit=limit, wait=0.05)

    async def seen(self) -> list[Sighting]:
        """Every effect, in order."""
        rows = await self.database.read(lambda s: s.scalars(select(Seen).order_by(Seen.serial)))
        return [(row.aggregate_id, row.version) for row in rows]

    async def count(self, least: int) -> bool:
        """Whether there are so many effects."""
        return len(await self.seen()) >= least

    async def faults(self, expected: dict[UUID, int]) -> Faults:
        """The effects against what should have been."""
        return faults_of(await self.seen(), expected)

    async def parked(self) -> list[tuple[int | None, str]]:
        """What stands aside: version and reason."""
        rows = await self.database.read(lambda s: park.list_parked(s, NAME))
        return [(row.version, row.reason) for row in rows]

    async def aside(self, least: int) -> bool:
        """Whether so many messages are parked; reads on first."""
        await self.consumer.step(wait=0.1)
        return len(await self.parked()) >= least

    async def gate(self, shelf_id: UUID) -> tuple[int, int, bool]:
        """Epoch, version and parked flag of a key."""
        key = (SHELVES.name, shelf_id)
        found = await self.database.read(lambda s: gates.load(s, NAME, [key]))
        return found[key].epoch, found[key].version, found[key].parked
