"""A world per story, once over the local bus and once over a real Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from libs.common.db import Database
from libs.common.embedded.postgres import Postgres
from tests.flows.buses import Local, OverKafka
from tests.flows.reference import BUILD
from tests.flows.world import SERVICES, Carrier, World
from tests.support.databases import Databases


def flow_template(databases: Databases, service: str) -> str:
    """A database of the service with what a story starts from; the service's own role owns it."""
    return databases.template(f"{service}_flow", BUILD[service], owner=service)


@pytest.fixture(params=["local", pytest.param("kafka", marks=pytest.mark.kafka)])
async def world(
    request: pytest.FixtureRequest, databases: Databases, postgres: Postgres, tmp_path: Path
) -> AsyncIterator[World]:
    """Empty services, their APIs and readers."""
    async with AsyncExitStack() as stack:
        names, opened = {}, {}
        for service in SERVICES:
            template = await asyncio.to_thread(flow_template, databases, service.name)
            name, url = await asyncio.to_thread(databases.clone, template, "flow")
            stack.push_async_callback(asyncio.to_thread, databases.drop, name)
            names[service.name] = name
            opened[service.name] = Database(url, pool_size=4)
            stack.push_async_callback(opened[service.name].close)
        carrier: Carrier = Local(postgres, names, stack)
        if request.param == "kafka":
            carrier = OverKafka(request.getfixturevalue("kafka"), stack)
        yield await World.open(opened, carrier, tmp_path, stack)
