"""The worker 后台进程: everything a service does without being asked over HTTP.

Sequencer, publisher (with Kafka), consumer and sweeps, each in a loop that shows its progress.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Coroutine, Iterator, Mapping
from functools import partial

from libs.common import crash
from libs.common.db import Database
from libs.common.errands import run_errand, run_errands
from libs.common.events.bus import Bus
from libs.common.events.bus_kafka import KafkaBus
from libs.common.events.bus_local import LocalBus
from libs.common.events.consumer import Consumer
from libs.common.events.epochs import epoch_handlers
from libs.common.events.loops import Progress, run_consumer, run_publisher, run_sequencer
from libs.common.events.routes import Routes
from libs.common.http.health import Watchdog
from libs.common.jobs import run_jobs
from libs.common.media import MediaStore
from libs.common.service import Handlers, Outside, Service
from libs.common.settings import Settings
from libs.common.signals import Signal

STUCK_AFTER = 60.0
"""Seconds without a turn after which a loop counts as stuck; being refused by a server is no turn either."""

NEIGHBOUR_POOL = 2
"""Connections to each producer's database, for the local bus."""


class Worker:
    """One service's background work. `grown` is set when any log of this process has grown."""

    def __init__(
        self, service: Service, settings: Settings, database: Database, *, grown: Signal | None = None
    ) -> None:
        self.service = service
        self.settings = settings
        self.database = database
        self.grown = grown or Signal()
        self.producers = producers_of(service, settings)
        self.store = MediaStore.open(settings.media_url)
        names = ["sequencer", "errands", *(["consumer"] if service.handlers else []), *self._sinks()]
        names += [errand.name for errand in service.errands]
        self.progress = {name: Progress(f"{name}:{service.name}") for name in names}

    @property
    def watchdogs(self) -> Mapping[str, Watchdog]:
        """What liveness asks."""
        return {name: partial(stuck, progress) for name, progress in self.progress.items()}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then finish what is in hand. Raises `CrashRefused`."""
        crash.arm(os.environ, self.settings.database_url.get_secret_value())
        try:
            async with asyncio.TaskGroup() as group:
                for loop in self._loops(stop):
                    group.create_task(loop)
        finally:
            for database in self.producers.values():
                await database.close()

    def _loops(self, stop: asyncio.Event) -> Iterator[Coroutine[None, None, None]]:
        database, service, progress = self.database, self.service, self.progress
        yield run_sequencer(database, stop, progress=progress["sequencer"], grown=self.grown)
        yield run_errands(database, self.store, service.name, stop, progress=progress["errands"])
        for errand in service.errands:
            outside = Outside(database, self.store, self.settings, progress[errand.name].beat)
            yield run_errand(errand, outside, stop, progress=progress[errand.name])
        yield run_jobs(database, service, stop)
        if service.handlers:
            yield run_consumer(self.consumer(), stop, progress=progress["consumer"])
        if self.settings.bus == "kafka":
            yield run_publisher(database, self.settings, service.name, stop, progress=progress["publisher"])

    def consumer(self) -> Consumer:
        """The service's one consumer, on the bus that the settings name."""
        if self.settings.bus == "local":
            handlers = heard(self.service, self.producers)
        else:
            producers = frozenset(event.topic.owner for event in self.service.handlers)
            handlers = {**self.service.handlers, **epoch_handlers(self.service.name, producers)}
        return Consumer(self.service.name, self.database, self.bus(), Routes(handlers))

    def bus(self) -> Bus:
        """The reading side of the bus."""
        if self.settings.bus == "kafka":
            return KafkaBus(self.settings, reader=self.service.name)
        return LocalBus(
            self.producers, reader=self.service.name, source=self.settings.source, grown=self.grown
        )

    def _sinks(self) -> list[str]:
        return ["publisher"] if self.settings.bus == "kafka" else []


def stuck(progress: Progress) -> str | None:
    """What is wrong with the loop, or None."""
    if progress.age <= STUCK_AFTER:
        return None
    return f"no turn for {progress.age:.0f} s {progress.error}".strip()


def heard(service: Service, producers: Collection[str]) -> Handlers:
    """The handlers of what these producers publish: a deployment need not have every service."""
    return {event: handler for event, handler in service.handlers.items() if event.topic.owner in producers}


def producers_of(service: Service, settings: Settings) -> dict[str, Database]:
    """The databases whose logs the service reads on the local bus, under its own role."""
    if settings.bus != "local":
        return {}
    wanted = {event.topic.owner for event in service.handlers}
    urls = {name: url.get_secret_value() for name, url in settings.bus_urls.items() if name in wanted}
    return {
        name: Database(url, pool_size=NEIGHBOUR_POOL, name=f"{service.name}-bus")
        for name, url in urls.items()
    }
