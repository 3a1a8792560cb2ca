"""Probes 探针: what still waits on the event path, and when a broker answers again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from uuid import UUID

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from libs.common.embedded.kafka import Kafka
from libs.common.embedded.postgres import Postgres
from libs.common.embedded.topics import NewTopic
from services.cli import SERVICES
from tests.chaos.evidence import UNPUBLISHED

PROBE = "chaos-probe"
TRY_SECONDS = 3.0
_TOLD = """SELECT topic, sum(version) FROM (
    SELECT topic, aggregate_id, max(version) AS version FROM event_log
    WHERE NOT aggregate_id = ANY ({spared}) GROUP BY topic, aggregate_id
) AS heads GROUP BY topic"""
_TAKEN = """SELECT topic, sum(version) FROM version_gate WHERE NOT aggregate_id = ANY ({spared})
GROUP BY topic"""


def unpublished(postgres: Postgres) -> int:
    """Events of all logs that the bus has not acknowledged, and such as are not in their log yet."""
    waiting = "SELECT count(*) FROM outbox"
    return sum(postgres.run_sql(sql, name)[0][0] for name in SERVICES for sql in (UNPUBLISHED, waiting))


def lag(postgres: Postgres, spared: Collection[UUID]) -> int:
    """How many events wait on their way to some reader, those of the spared aggregates apart. Blocks."""
    ids = "ARRAY[" + ",".join(f"'{one}'" for one in sorted(spared)) + "]::uuid[]"
    told: dict[str, int] = {}
    for name in SERVICES:
        told.update(postgres.run_sql(_TOLD.format(spared=ids), name))
    waiting = unpublished(postgres)
    for name, service in SERVICES.items():
        taken = dict(postgres.run_sql(_TAKEN.format(spared=ids), name))
        topics = {event.topic.name for event in service.handlers}
        waiting += sum(int(told.get(topic, 0)) - int(taken.get(topic, 0)) for topic in topics)
    return waiting


def make_probe(kafka: Kafka) -> None:
    """The topic of the probe, while the broker is there."""
    kafka.create_topics([NewTopic(PROBE)])


async def first_produced(kafka: Kafka) -> float:
    """The moment (monotonic seconds) at which a fresh client's produce request is acknowledged."""
    while True:
        producer = AIOKafkaProducer(**kafka.admin_options(), acks="all", request_timeout_ms=3000)
        try:
            async with asyncio.timeout(TRY_SECONDS):
                await producer.start()
                await producer.send_and_wait(PROBE, b"here")
            return time.monotonic()
        except (KafkaError, OSError, TimeoutError):
            await asyncio.sleep(0.05)
        finally:
            await _abandon(producer)


async def _abandon(producer: AIOKafkaProducer) -> None:
    try:
        await asyncio.wait_for(producer.stop(), TRY_SECONDS)
    except (KafkaError, OSError, TimeoutError):
        await producer.client.close()
