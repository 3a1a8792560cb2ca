"""How a service connects to Kafka, by its settings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiokafka.errors import KafkaConnectionError
from pydantic import SecretStr

from libs.common.events.kafka_client import BusAway, client_options, look, stopped
from libs.common.events.kafka_sink import KafkaSink
from libs.common.settings import Settings


@pytest.mark.parametrize(
    ("username", "tls", "protocol"),
    [
        ("", False, "PLAINTEXT"),
        ("", True, "SSL"),
        ("grid", False, "SASL_PLAINTEXT"),
        ("grid", True, "SASL_SSL"),
    ],
)
def test_password_and_encryption_are_settings(username: str, tls: bool, protocol: str) -> None:
    settings = Settings(
        kafka_bootstrap="127.0.0.1:1",
        kafka_username=username,
        kafka_password=SecretStr("secret"),
        kafka_mechanism="SCRAM-SHA-512",
        kafka_tls=tls,
    )
    options = client_options(settings)
    assert options["security_protocol"] == protocol
    assert options.get("sasl_mechanism") == ("SCRAM-SHA-512" if username else None)
    assert ("ssl_context" in options) is tls


async def test_a_cluster_that_is_not_there_is_away() -> None:
    settings = Settings(kafka_bootstrap="127.0.0.1:1")
    with pytest.raises(BusAway):
        await look(settings, [])
    sink = KafkaSink(settings, client_id="test")
    with pytest.raises(BusAway):
        await sink.send([])
    await sink.close()


class Client:
    """A client whose `stop` does what the test says."""

    def __init__(self, stop: Callable[[], Awaitable[None]]) -> None:
        self.stop = stop


async def stops() -> None:
    """In order."""


async def is_away() -> None:
    raise KafkaConnectionError


async def lets_a_cancellation_out() -> None:
    raise asyncio.CancelledError


async def hangs() -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    ("stop", "in_order"), [(stops, True), (is_away, False), (lets_a_cancellation_out, False), (hangs, False)]
)
async def test_a_client_is_stopped_whatever_it_does(
    stop: Callable[[], Awaitable[None]], in_order: bool
) -> None:
    assert await stopped(Client(stop), 0.05) is in_order
