"""The platform running 运行: APIs and workers of all services in one process, until Ctrl-C."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import orjson

from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.embedded.platform import Platform, Progress
from libs.common.embedded.watch import Server, watch
from libs.common.events.arrival import known, published
from libs.common.http.app import ServiceApp, combine
from libs.common.http.assembly import service_app
from libs.common.http.dev_tokens import DemoScope, write_private
from libs.common.policy import Role
from libs.common.service import Service
from libs.common.serving import server
from libs.common.worker import Worker

ASK_EVERY = 0.5
TOKENS_FILE = "tokens.json"
RENEW = timedelta(minutes=5)

Started = Callable[[Mapping[str, str]], None]


class Running:
    """A prepared platform with its apps and workers."""

    def __init__(self, platform: Platform, scopes: Mapping[Role, DemoScope], progress: Progress) -> None:
        self.platform = platform
        self.progress = progress
        self.scopes = scopes
        self.stop = asyncio.Event()

    async def serve(self, *, host: str, port: int, started: Started) -> None:
        """Serve and work until a signal; `started` is told the tokens once people can begin."""
        async with AsyncExitStack() as stack:
            apps, workers = [], []
            for service in self.platform.services:
                app, worker = self._open(service, stack)
                apps.append(app)
                workers.append(worker)
            tokens = self.write_tokens()
            tasks = [asyncio.create_task(worker.run(self.stop)) for worker in workers]
            tasks.append(asyncio.create_task(self._renew_tokens()))
            tasks.append(asyncio.create_task(watch(self._servers(), self.stop)))
            try:
                serving = server(combine(apps), host=host, port=port)
                serving.started_call = lambda: tasks.append(
                    asyncio.create_task(self._announce(workers, started, tokens))
                )
                await serving.serve()
            finally:
                self.stop.set()
                await asyncio.gather(*tasks, return_exceptions=True)

    def write_tokens(self) -> dict[str, str]:
        """Fresh tokens, one per role, into `tokens.json` (0600)."""
        tokens = self.platform.issuer.tokens(utc_now(), self.scopes)
        write_private(self.tokens_path, orjson.dumps(tokens, option=orjson.OPT_INDENT_2))
        return tokens

    @property
    def tokens_path(self) -> Path:
        """Where the tokens are kept fresh."""
        return self.platform.root / TOKENS_FILE

    async def _announce(self, workers: Sequence[Worker], started: Started, tokens: Mapping[str, str]) -> None:
        """Tell that people can begin: what was loaded just now has to be known to its readers too."""
        if self.platform.loaded:
            with self.progress.step("基础数据送达各服务 Reference data on its way"):
                while not self.stop.is_set() and not await self._arrived(workers):
                    await self._pause(ASK_EVERY)
        if not self.stop.is_set():
            started(tokens)

    async def _arrived(self, workers: Sequence[Worker]) -> bool:
        databases = {worker.service.name: worker.database for worker in workers}
        for worker in workers:
            for owner, topics in references_of(worker.service, databases).items():
                told = await databases[owner].read(partial(published, topics=topics))
                heard = partial(known, consumer=worker.service.name, topics=topics)
                if told != await worker.database.read(heard):
                    return False
        return True

    def _servers(self) -> list[Server]:
        kafka = self.platform.kafka
        return [self.platform.postgres, *([kafka] if kafka else [])]

    def _open(self, service: Service, stack: AsyncExitStack) -> tuple[ServiceApp, Worker]:
        settings = self.platform.settings(service)
        database = Database(settings.database_url.get_secret_value(), pool_size=settings.pool_size)
        stack.push_async_callback(database.close)
        app = service_app(service, settings=settings, database=database)
        worker = Worker(service, settings, database)
        app.health.watchdogs.update(worker.watchdogs)
        return app, worker

    async def _renew_tokens(self) -> None:
        while not self.stop.is_set():
            await self._pause(RENEW.total_seconds())
            self.write_tokens()

    async def _pause(self, seconds: float) -> None:
        """Wait, but not beyond the end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stop.wait(), seconds)


def references_of(service: Service, producers: Collection[str]) -> dict[str, list[str]]:
    """The topics of full state that the service hears, by the deployed service that publishes them."""
    topics = {event.topic for event in service.handlers if event.topic.full_state}
    found: dict[str, list[str]] = {}
    for topic in topics:
        if topic.owner in producers:
            found.setdefault(topic.owner, []).append(topic.name)
    return found
