"""The two buses of a flow test, each delivering every message twice."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from uuid import uuid4

from pydantic import SecretStr

from libs.common.contracts import own_topics
from libs.common.db import Database
from libs.common.embedded.kafka import Kafka
from libs.common.embedded.postgres import Postgres
from libs.common.events.bus import Batch, Bus, Marks
from libs.common.events.bus_kafka import KafkaBus
from libs.common.events.bus_local import LocalBus, local_bus_grants
from libs.common.events.kafka_sink import KafkaSink
from libs.common.events.publisher import Publisher
from libs.common.events.topics import provision
from libs.common.service import Service
from libs.common.settings import Settings

SOURCE = Settings().source
PARTITIONS = 2
"""Of each topic of a world: dozens of worlds share one broker, which would carry tens of thousands."""


class Twice:
    """A bus that hands out every message twice in a row."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def start(self, topics: Collection[str], marks: Marks) -> None:
        """Begin to read."""
        await self._bus.start(topics, marks)

    async def fetch(self, *, limit: int, wait: float) -> Batch:
        """The next batch, each message twice."""
        batch = await self._bus.fetch(limit=limit, wait=wait)
        doubled = tuple(message for message in batch.messages for _ in range(2))
        return Batch(doubled, batch.before, batch.after, batch.restored)

    async def done(self, batch: Batch) -> None:
        """The batch is stored."""
        await self._bus.done(batch)

    async def again(self) -> None:
        """Go on at the stored marks."""
        await self._bus.again()

    async def close(self) -> None:
        """Stop reading."""
        await self._bus.close()


class Local:
    """The embedded bus over the flow's own databases (name of database by service)."""

    def __init__(self, postgres: Postgres, databases: Mapping[str, str], stack: AsyncExitStack) -> None:
        self._postgres = postgres
        self._databases = databases
        self._stack = stack

    async def open(self, services: Collection[Service]) -> None:
        """Open each log to its readers."""
        names = [service.name for service in services]
        for service in services:
            for statement in local_bus_grants(service.name, own_topics(service.name), names):
                await asyncio.to_thread(self._postgres.run_sql, statement, self._databases[service.name])

    def reader(self, service: Service) -> Bus:
        """The service's reading side."""
        owners = {event.topic.owner for event in service.handlers}
        producers = {
            owner: Database(self._postgres.url_for(self._databases[owner], service.name), pool_size=2)
            for owner in owners
            if owner in self._databases
        }
        for database in producers.values():
            self._stack.push_async_callback(database.close)
        return Twice(LocalBus(producers, reader=service.name, source=SOURCE))

    async def publish(self, service: Service, database: Database) -> int:
        """Nothing to do: the log is the bus."""
        return 0


class OverKafka:
    """A real broker; the world's topics and groups have a prefix of their own."""

    def __init__(self, kafka: Kafka, stack: AsyncExitStack) -> None:
        self._kafka = kafka
        self._stack = stack
        self._prefix = f"f{uuid4().hex[:12]}."
        self._publishers: dict[str, Publisher] = {}

    async def open(self, services: Collection[Service]) -> None:
        """Make the topics, and the rules by which each service is its own principal."""
        names = [service.name for service in services]
        own = [topic for service in services for topic in own_topics(service.name)]
        topics = [replace(topic, partitions=PARTITIONS) for topic in own]
        await provision(self._kafka.admin_options(), names, topics=topics, prefix=self._prefix)

    def reader(self, service: Service) -> Bus:
        """The service's place in its consumer group."""
        return Twice(KafkaBus(self._settings(service), reader=service.name))

    async def publish(self, service: Service, database: Database) -> int:
        """Publish what the log holds beyond the cursor, all of it."""
        publisher = self._publishers.get(service.name)
        if publisher is None:
            sink = KafkaSink(self._settings(service), client_id=service.name)
            publisher = Publisher(database, sink, name="kafka", source=SOURCE)
            self._publishers[service.name] = publisher
            self._stack.push_async_callback(publisher.close)
        return await publisher.step()

    def _settings(self, service: Service) -> Settings:
        endpoint = self._kafka.endpoint(service.name)
        return Settings(
            bus="kafka",
            kafka_bootstrap=endpoint.bootstrap,
            kafka_username=endpoint.username,
            kafka_password=SecretStr(endpoint.password),
            kafka_prefix=self._prefix,
        )
