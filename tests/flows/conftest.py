"""A world per story, once over the local bus and once over a real Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from libs.common.db import Database
from libs.common.embedded.postgres import Postgres
from tests.flows.buses import Local, OverKafka
from tests.flows.reference import BUILD
from tests.flows.world import SERVICES, Carrier, World
from tests.support.databases import Databases
from tests.support.lending import lent_database


def flow_template(databases: Databases, service: str) -> str:
    """A database of the service with what a story starts from; the service's own role owns it."""
    return databases.template(f"{service}_flow", BUILD[service], owner=service)


async def own_databases(databases: Databases, purpose: str, stack: AsyncExitStack) -> dict[str, Database]:
    """A database of each service, until the stack is left."""
    opened: dict[str, Database] = {}
    for service in SERVICES:
        template = await asyncio.to_thread(flow_template, databases, service.name)
        lent = lent_database(databases, template, purpose=purpose)
        opened[service.name] = await stack.enter_async_context(lent)
    return opened


def names_of(opened: Mapping[str, Database]) -> dict[str, str]:
    """What the databases are called on their server."""
    return {service: str(make_url(database.url).database) for service, database in opened.items()}


@pytest.fixture(params=["local", pytest.param("kafka", marks=pytest.mark.kafka)])
async def world(
    request: pytest.FixtureRequest, databases: Databases, postgres: Postgres, tmp_path: Path
) -> AsyncIterator[World]:
    """Empty services, their APIs and readers."""
    async with AsyncExitStack() as stack:
        opened = await own_databases(databases, "flow", stack)
        carrier: Carrier = Local(postgres, names_of(opened), stack)
        if request.param == "kafka":
            carrier = OverKafka(request.getfixturevalue("kafka"), stack)
        yield await World.open(opened, carrier, tmp_path, stack)
