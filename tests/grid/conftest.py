"""A database of grid for each test, with geography, categories and rules; the app over it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from libs.common.db import Database
from libs.common.media.store import MediaStore
from services.grid.main import SERVICE
from tests.grid.factories import Callers, Clock, Desk, fill
from tests.support.apps import lent_app
from tests.support.databases import Databases
from tests.support.lending import lent_database


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    """A database of the test's own: every table, one district's geography, categories and rules."""
    template = await asyncio.to_thread(databases.template, "grid_filled", fill)
    async with lent_database(databases, template) as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    """The time of the test: a working Monday morning until it is moved."""
    return Clock()


@pytest.fixture
async def client(database: Database, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """The service over HTTP."""
    store = MediaStore.open("memory:///")
    with lent_app(SERVICE, database=database, authenticator=Callers(), clock=clock, store=store) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://grid.test") as made:
            yield made


@pytest.fixture
def desk(client: httpx.AsyncClient, clock: Clock, database: Database) -> Desk:
    """Callers of every role who take a case from step to step."""
    return Desk(client, clock, database)
