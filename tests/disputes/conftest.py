"""A database of disputes for each test, the app over it, and callers by role."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from libs.common.db import Database
from services.disputes.main import SERVICE
from tests.disputes.factories import Callers, Clock, load_rules_and_types
from tests.support.apps import lent_app
from tests.support.databases import Databases
from tests.support.lending import lent_database


@pytest.fixture
async def empty_database(databases: Databases) -> AsyncIterator[Database]:
    """A migrated database of the test's own, without rows."""
    template = await asyncio.to_thread(databases.of_service, "disputes")
    async with lent_database(databases, template) as made:
        yield made


@pytest.fixture
async def database(empty_database: Database) -> Database:
    """The same with the rules and the dispute types of the files."""
    await load_rules_and_types(empty_database)
    return empty_database


@pytest.fixture
def clock() -> Clock:
    """The time of the test: a working Monday morning until it is moved."""
    return Clock()


@pytest.fixture
async def client(database: Database, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """The service over HTTP; `tests.disputes.factories.as_` makes a caller's headers."""
    with lent_app(SERVICE, database=database, authenticator=Callers(), clock=clock) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://disputes.test") as made:
            yield made
