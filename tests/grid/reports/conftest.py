"""One database for all bad requests: what is refused leaves no trace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from libs.common.db import Database
from services.grid.main import SERVICE
from tests.grid.factories import Callers, Clock, Desk, fill
from tests.grid.reports.door import Door
from tests.support.apps import lent_app
from tests.support.databases import Databases
from tests.support.lending import lent_database


@pytest.fixture(scope="module")
async def shared(databases: Databases) -> AsyncIterator[Database]:
    """A database of the module's own, filled."""
    template = await asyncio.to_thread(databases.template, "grid_filled", fill)
    async with lent_database(databases, template) as made:
        yield made


@pytest.fixture
async def door(shared: Database) -> AsyncIterator[Door]:
    """The service over the shared database."""
    clock = Clock()
    with lent_app(SERVICE, database=shared, authenticator=Callers(), clock=clock) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://grid.test") as client:
            yield Door(client, shared, Desk(client, clock, shared))
