"""The loops of a worker 工作循环: they back off when something is away, never die silently, show progress.

stop = asyncio.Event()
progress = Progress("sequencer:grid")
await run_sequencer(database, stop, progress=progress, grown=grown)
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import structlog

from libs.common import crash
from libs.common.db import Database
from libs.common.errors import Unavailable
from libs.common.events import metrics
from libs.common.events.consumer import Consumer
from libs.common.events.kafka_sink import KafkaSink
from libs.common.events.publisher import Publisher
from libs.common.events.sequencer import LIMIT, Floor, pending, sequence
from libs.common.settings import Settings
from libs.common.signals import Signal

log = structlog.get_logger(__name__)

QUICK = 0.005
SLOW = 0.2
LONGEST = 5.0
GATHER, WORTHWHILE = 0.01, 100
"""How long a loop waits behind a turn that found less than what makes a turn worth its cost."""

Step = Callable[[], Awaitable[int]]
"""One turn of a loop: answers how much it did."""


Waiter = asyncio.Task[Literal[True]]


@dataclass
class Progress:
    """When a loop last came round without error: what health looks at."""

    name: str
    at: float = field(default_factory=time.monotonic)
    error: str = ""

    def beat(self) -> None:
        """It came round."""
        self.at = time.monotonic()
        self.error = ""
        metrics.PROGRESS.labels(self.name).set_to_current_time()

    @property
    def age(self) -> float:
        """Seconds since it last came round."""
        return time.monotonic() - self.at


class Loop:
    """Turns a step for ever: soon while it does something, otherwise after a pause that grows.

    A turn costs nearly the same for one event as for a hundred. So behind a turn that found fewer the loop
    waits for a moment, and takes together what comes meanwhile; behind a bigger one it goes on at once.
    `patient`: the step itself waits for something to do, so that nothing found makes no pause.
    """

    def __init__(
        self, step: Step, progress: Progress, *, wake: Signal | None = None, patient: bool = False
    ) -> None:
        self.step = step
        self.patient = patient
        self.progress = progress
        self.wake = wake or Signal()
        self._failures = 0
        self._idle = QUICK
        self._gathering = False

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set."""
        ending = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                seen = self.wake.seen()
                pause = await self._turn()
                if pause:
                    await self._rest(seen, ending, pause)
        finally:
            ending.cancel()

    async def _turn(self) -> float:
        try:
            done = await self.step()
        except asyncio.CancelledError as error:
            # A client may let a cancellation out that nobody asked of us: it is a failure like any other.
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return self._failed(error)
        except Exception as error:
            return self._failed(error)
        self._failures = 0
        self.progress.beat()
        self._idle = QUICK if done else min(self._idle * 2, SLOW)
        self._gathering = bool(done)
        if done:
            return 0.0 if done >= WORTHWHILE else GATHER
        return 0.0 if self.patient else self._idle

    def _failed(self, error: BaseException) -> float:
        """Say what happened and how long to back off, in seconds."""
        self._failures += 1
        kind = type(error).__name__
        metrics.RESTARTS.labels(self.progress.name, kind).inc()
        self.progress.error = kind
        if self._failures == 1 or not isinstance(error, Unavailable):
            expected = isinstance(error, Unavailable)
            log.warning("loop_failed", loop=self.progress.name, kind=kind, exc_info=not expected)
        return float(min(LONGEST, 0.05 * 2 ** min(self._failures, 10)) * random.uniform(0.5, 1.0))

    async def _rest(self, seen: asyncio.Event, ending: Waiter, pause: float) -> None:
        """Pause, unless it is time to stop or, when nothing was to be done, somebody wakes us."""
        waiters: set[Waiter] = {ending}
        woken = None if self._failures or self._gathering else asyncio.create_task(seen.wait())
        if woken:
            waiters.add(woken)
        await asyncio.wait(waiters, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        if woken:
            woken.cancel()


async def run_sequencer(
    database: Database, stop: asyncio.Event, *, progress: Progress, grown: Signal | None = None
) -> None:
    """Append what is committed to the log; wakes on commits of this process, then sets `grown`."""
    floor = Floor()
    grown = grown or Signal()

    async def step() -> int:
        if not floor.due and not await database.read(partial(pending, floor=floor.value)):
            metrics.SEQUENCER_LAG.set(0)
            return 0
        moved = await database.transact(partial(sequence, limit=LIMIT, floor=floor))
        if moved:
            crash.reach("sequencer.committed")
            grown.set()
        return moved

    await Loop(step, progress, wake=database.committed).run(stop)


async def run_consumer(consumer: Consumer, stop: asyncio.Event, *, progress: Progress) -> None:
    """Take batch after batch from the bus."""
    try:
        await Loop(consumer.step, progress, patient=True).run(stop)
    finally:
        await consumer.close()


async def run_publisher(
    database: Database, settings: Settings, service: str, stop: asyncio.Event, *, progress: Progress
) -> None:
    """Publish the service's log to Kafka; wakes on commits of this process."""
    sink = KafkaSink(settings, client_id=f"{service}-publisher")
    publisher = Publisher(database, sink, name="kafka", source=settings.source)
    try:
        await Loop(publisher.step, progress, wake=database.committed).run(stop)
    finally:
        await publisher.close()
