"""What both sides of the Kafka bus share: how to connect, and what a cluster says of itself."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from libs.common.errors import Unavailable
from libs.common.events.bus import TopicRefused
from libs.common.settings import Settings

CONNECT_SECONDS = 15.0
_PROTOCOLS = {
    (False, False): "PLAINTEXT",
    (False, True): "SSL",
    (True, False): "SASL_PLAINTEXT",
    (True, True): "SASL_SSL",
}
_REFUSED = 29
_UNKNOWN = 3


class BusAway(Unavailable):
    """The bus does not answer now: what is committed waits in the log (消息总线暂不可用)."""

    code = "bus-unavailable"
    zh = "消息总线暂不可用"
    en = "The message bus is not available now"


@dataclass(frozen=True)
class Cluster:
    """The cluster's own id, and the partitions of the topics that were asked for."""

    cluster_id: str
    partitions: dict[str, int]

    @property
    def origin(self) -> str:
        """The name of the cluster in stored marks."""
        return f"kafka:{self.cluster_id}"


def client_options(settings: Settings) -> dict[str, Any]:
    """The arguments that every client class of aiokafka takes."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap,
        "retry_backoff_ms": 100,
        "metadata_max_age_ms": 60_000,
    }
    if settings.kafka_tls:
        options["ssl_context"] = ssl.create_default_context(cafile=settings.kafka_ca_file or None)
    if settings.kafka_username:
        options |= {
            "sasl_mechanism": settings.kafka_mechanism,
            "sasl_plain_username": settings.kafka_username,
            "sasl_plain_password": settings.kafka_password.get_secret_value(),
        }
    options["security_protocol"] = _PROTOCOLS[bool(settings.kafka_username), settings.kafka_tls]
    return options


async def stopped(client: Any, seconds: float) -> bool:
    """Ask a client to stop; whether it did so in order, in time. A broker that is away is not waited for.

    aiokafka cancels tasks of its own while it stops, and such a cancellation comes out of `stop`: it must not
    be taken for ours, or whoever asks here would end without a word.
    """
    stopping = asyncio.ensure_future(client.stop())
    done, _ = await asyncio.wait({stopping}, timeout=seconds)
    if not done:
        stopping.cancel()
        await asyncio.wait({stopping}, timeout=seconds)
        return False
    return not stopping.cancelled() and stopping.exception() is None


async def look(settings: Settings, topics: Collection[str]) -> Cluster:
    """Ask the cluster for its id and the topics (names without prefix).

    Raises `BusAway` when it does not answer or lacks a topic, `TopicRefused` for one that is closed to us.
    """
    admin = AIOKafkaAdminClient(**client_options(settings), request_timeout_ms=10_000)
    named = [settings.kafka_prefix + topic for topic in topics]
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await admin.start()
            cluster = await admin.describe_cluster()
            described = await admin.describe_topics(named) if named else []
    except (KafkaError, OSError, TimeoutError) as error:
        raise BusAway from error
    finally:
        await admin.close()
    return Cluster(str(cluster["cluster_id"]), _partitions(settings, described))


def _partitions(settings: Settings, described: list[dict[str, Any]]) -> dict[str, int]:
    found = {}
    for one in described:
        if one["error_code"] == _REFUSED:
            raise TopicRefused(one["topic"])
        if one["error_code"] == _UNKNOWN or not one["partitions"]:
            raise BusAway
        found[one["topic"].removeprefix(settings.kafka_prefix)] = len(one["partitions"])
    return found
