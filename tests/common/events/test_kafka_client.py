"""How a service connects to Kafka, by its settings."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from libs.common.events.kafka_client import BusAway, client_options, look
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
