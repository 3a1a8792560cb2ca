"""The whole platform on one machine 一体化运行: servers, databases, settings, keys, reference data.

`Platform.prepare` brings everything up to the point where APIs and workers can be started; it is
idempotent, and quick when nothing has changed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal, Protocol

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import create_async_engine

from libs.common import loading, migration
from libs.common.contracts import own_topics
from libs.common.db import Database
from libs.common.embedded.kafka import Kafka
from libs.common.embedded.postgres import Postgres
from libs.common.events.bus_local import local_bus_grants
from libs.common.events.topics import provision
from libs.common.http.dev_tokens import JWKS_FILE, DevIssuer
from libs.common.service import Service
from libs.common.settings import Settings

DEFAULTS = Settings()

BusKind = Literal["local", "kafka"]


class Progress(Protocol):
    """How long work is shown: a step with a spinner, and lines of what was done."""

    def step(self, text: str) -> AbstractContextManager[None]:
        """Show the step while it runs."""

    def say(self, text: str) -> None:
        """A line that stays."""


class Platform:
    """Everything that `jiayuan up` starts, below one folder."""

    def __init__(
        self, root: Path, services: Sequence[Service], *, bus: BusKind = "local", public_url: str
    ) -> None:
        self.root = root
        self.services = services
        self.bus = bus
        self.public_url = public_url
        self.loaded = 0
        """How many reference files `prepare` has loaded."""
        self.postgres = Postgres(root / "postgres")
        self.kafka = Kafka(root / "kafka", principals=self.names) if bus == "kafka" else None
        self.issuer = DevIssuer.open(root / "keys", issuer=DEFAULTS.issuer, audience=DEFAULTS.audience)

    @property
    def names(self) -> tuple[str, ...]:
        """The services' names."""
        return tuple(service.name for service in self.services)

    def settings(self, service: Service) -> Settings:
        """What the service's processes run with; variables of the environment win."""
        made = Settings(
            database_url=SecretStr(self.postgres.url_for(service.name, service.name)),
            bus=self.bus,
            bus_urls={
                name: SecretStr(self.postgres.url_for(name, service.name))
                for name in self.names
                if name != service.name
            },
            public_url=self.public_url,
            jwks_file=str(self.root / "keys" / JWKS_FILE),
            media_url=media_url(self.root),
        )
        if self.kafka is None:
            return made
        endpoint = self.kafka.endpoint(service.name)
        return made.model_copy(
            update={
                "kafka_bootstrap": endpoint.bootstrap,
                "kafka_username": endpoint.username,
                "kafka_password": SecretStr(endpoint.password),
            }
        )

    async def prepare(self, progress: Progress) -> None:
        """Start the servers, bring every database to head, grant the bus, load what changed."""
        self.root.mkdir(parents=True, exist_ok=True)
        with progress.step("PostgreSQL 18"):
            await asyncio.to_thread(self.postgres.start)
        if self.kafka is not None:
            with progress.step("Apache Kafka 4"):
                await asyncio.to_thread(self.kafka.start)
        with progress.step("数据库 Databases"):
            for service in self.services:
                await asyncio.to_thread(self.postgres.ensure_database, service.name, service.name)
                await self._migrate(service)
            await self._grant()
        if self.kafka is not None:
            with progress.step("主题 Topics"):
                await provision(self.kafka.admin_options(), self.names)
        for service in self.services:
            with progress.step(f"基础数据 Reference data: {service.name}"):
                await self._load(service, progress)

    async def _migrate(self, service: Service) -> None:
        engine = create_async_engine(self.postgres.url_for(service.name, service.name))
        try:
            await migration.upgrade(engine, service.name)
        finally:
            await engine.dispose()

    async def _grant(self) -> None:
        for service in self.services:
            for statement in local_bus_grants(service.name, own_topics(service.name), self.names):
                await asyncio.to_thread(self.postgres.run_sql, statement, service.name)

    async def _load(self, service: Service, progress: Progress) -> None:
        database = Database(self.postgres.url_for(service.name, service.name), pool_size=2)
        try:
            self.loaded += len(await loading.load_reference(database, service, say=progress.say))
        finally:
            await database.close()

    async def stop(self) -> None:
        """Stop the servers, cleanly."""
        if self.kafka is not None:
            await asyncio.to_thread(self.kafka.stop)
        await asyncio.to_thread(self.postgres.stop)


def media_url(root: Path) -> str:
    """Where the platform below `root` keeps its photos."""
    return f"file://{(root / 'media').resolve()}"


def default_root() -> Path:
    """The folder of a running platform: `var`, or `JIAYUAN_VAR`."""
    return Path(os.environ.get("JIAYUAN_VAR", "var"))
