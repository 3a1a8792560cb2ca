"""The watch over a broker."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from libs.common.embedded.watch import is_down, revive
from tests.support.servers import Run, new_kafka

pytestmark = pytest.mark.kafka


def test_a_broker_that_was_killed_is_started_again(run: Run, tmp_path: Path) -> None:
    broker = new_kafka(run, f"kafka-watched-{os.getpid()}-{tmp_path.name}")
    try:
        broker.start()
        assert not revive(broker)
        broker.kill()
        assert is_down(broker)
        assert revive(broker)
        assert broker.is_ready()
    finally:
        broker.kill()
