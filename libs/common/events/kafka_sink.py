"""The Kafka bus, writing side: batches acknowledged by all replicas, from an idempotent producer.

An idempotent producer of aiokafka can fail for good, or wait for ever while the broker is away. So every
send has a deadline, and after a failure the producer is replaced; what it may yet deliver is a repeat,
which the readers' version gate drops.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner

from libs.common import crash
from libs.common.events import metrics
from libs.common.events.envelope import Message, key, wire
from libs.common.events.kafka_client import BusAway, client_options, look, stopped
from libs.common.settings import Settings

log = structlog.get_logger(__name__)

SEND_SECONDS = 30.0
STOP_SECONDS = 3.0


class KafkaSink:
    """Where a publisher sends to."""

    def __init__(self, settings: Settings, *, client_id: str, deadline: float = SEND_SECONDS) -> None:
        self.settings = settings
        self.client_id = client_id
        self.deadline = deadline
        self.target = ""
        """The cluster that is written to; known after `open`."""
        self._producer: Any = None
        self._partition_of = DefaultPartitioner()

    async def open(self) -> None:
        """Connect, if that is not done. Raises `BusAway`."""
        if self._producer is not None:
            return
        self.target = (await look(self.settings, ())).origin
        producer = AIOKafkaProducer(
            **client_options(self.settings),
            client_id=self.client_id,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=128 * 1024,
            compression_type="lz4",
            request_timeout_ms=20_000,
        )
        try:
            async with asyncio.timeout(self.deadline):
                await producer.start()
        except (KafkaError, OSError, TimeoutError) as error:
            await _abandon(producer)
            raise BusAway from error
        self._producer = producer

    async def send(self, messages: Sequence[Message]) -> None:
        """Deliver in order per key; returns when all are acknowledged. Raises `BusAway`: send them again."""
        await self.open()
        try:
            async with asyncio.timeout(self.deadline):
                await self._send(messages)
        except (KafkaError, OSError, TimeoutError) as error:
            await self._replace(error)
            raise BusAway from error
        except BaseException:
            await self.close()
            raise

    async def _send(self, messages: Sequence[Message]) -> None:
        parts: dict[tuple[str, int], list[Message]] = {}
        known: dict[str, list[int]] = {}
        for message in messages:
            topic = self.settings.kafka_prefix + message.topic
            if topic not in known:
                known[topic] = sorted(await self._producer.partitions_for(topic))
            partitions = known[topic]
            partition = self._partition_of(key(message.aggregate_id), partitions, partitions)
            parts.setdefault((topic, partition), []).append(message)
        outcomes = await asyncio.gather(
            *(self._fill(topic, partition, part) for (topic, partition), part in parts.items()),
            return_exceptions=True,
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _fill(self, topic: str, partition: int, part: Sequence[Message]) -> None:
        """One partition's messages in as few batches as hold them, each acknowledged before the next."""
        index = 0
        while index < len(part):
            batch = self._producer.create_batch()
            while index < len(part) and _append(batch, part[index]):
                index += 1
            future = await self._producer.send_batch(batch, topic, partition=partition)
            await future
            crash.reach("publisher.filled")

    async def _replace(self, error: BaseException) -> None:
        metrics.PRODUCER_REPLACED.inc()
        log.warning("producer_replaced", client=self.client_id, kind=type(error).__name__)
        await self.close()

    async def close(self) -> None:
        """Give the producer up."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await _abandon(producer)


def _append(batch: Any, message: Message) -> bool:
    value, copies = wire(message)
    appended = batch.append(
        timestamp=int(message.time.timestamp() * 1000),
        key=key(message.aggregate_id),
        value=value,
        headers=copies,
    )
    return appended is not None


async def _abandon(producer: Any) -> None:
    """Stop it; if it waits for a broker that is away, cut it off."""
    if not await stopped(producer, STOP_SECONDS):
        if producer._sender is not None:
            await producer._sender.close()
        await producer.client.close()
