"""Poison on each bus: exactly its keys stand aside, and come back in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import asdict
from random import Random
from uuid import uuid4

import pytest

from libs.common.embedded.platform import BusKind
from libs.common.events.topics import provision
from tests.chaos.conftest import Note
from tests.chaos.figures import keep
from tests.chaos.poison import poison
from tests.chaos.sizes import seed, sizes
from tests.common.events.rig import Rig
from tests.common.events.test_bus_local import local_rig
from tests.kafka.test_bus_kafka import SERVICES, TOPICS, KafkaRig
from tests.support.stores import NewStore, new_store

__all__ = ["new_store"]

Publish = Callable[[], Awaitable[int]]


@pytest.fixture
async def rig(
    bus: BusKind, new_store: NewStore, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[Rig, Publish | None]]:
    """A producer and a consumer on this bus, and what publishes."""
    async with AsyncExitStack() as stack:
        if bus == "local":
            made = local_rig(new_store, request.getfixturevalue("postgres"))
            yield await stack.enter_async_context(made), None
            return
        kafka = request.getfixturevalue("kafka")
        prefix = f"p{uuid4().hex[:12]}."
        await provision(kafka.admin_options(), SERVICES, topics=TOPICS, prefix=prefix)
        rig = KafkaRig(kafka, await new_store("grid"), await new_store("tasks"), prefix)
        stack.push_async_callback(rig.publisher.close)
        yield rig, rig.publisher.step


@pytest.mark.timeout(1800)
@pytest.mark.commits
@pytest.mark.parametrize("bus", ["local", pytest.param("kafka", marks=pytest.mark.kafka)])
async def test_poison_parks_its_own_keys_and_no_others(
    rig: tuple[Rig, Publish | None], bus: BusKind, note: Note
) -> None:
    number, wanted = seed(), sizes()
    found = await poison(*rig, wanted, Random(number))
    note("figures", keep(f"poison-{bus}", seed=number, **asdict(found)))
    assert found.keys_parked == wanted.poison
    assert found.wrong_keys == 0
    assert found.others_missing == 0
    assert (found.redriven_out_of_order, found.redriven_missing) == (0, 0)
