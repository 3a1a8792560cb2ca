"""One world per service: its records are made once per worker, and whatever a call does is taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import httpx
import pytest

from libs.common.db import Database
from libs.common.http.edge import Authenticator
from libs.common.media.store import MediaStore
from libs.common.service import Service
from libs.common.settings import Settings
from services.disputes.main import SERVICE as DISPUTES
from services.grid.main import SERVICE as GRID
from services.targets.main import SERVICE as TARGETS
from services.tasks.main import SERVICE as TASKS
from tests.authorisation.calls import ORIGIN, Call, World
from tests.authorisation.disputes import Disputes
from tests.authorisation.grid import Grid
from tests.authorisation.places import Home, Named
from tests.authorisation.targets import Targets
from tests.authorisation.tasks import Tasks
from tests.authorisation.undone import Undone
from tests.disputes.factories import Callers as DisputesCallers
from tests.grid.factories import Callers as GridCallers
from tests.grid.factories import Clock, Desk, fill
from tests.support.apps import lent_app
from tests.support.databases import Databases
from tests.targets.factories import Callers as TargetsCallers
from tests.tasks.factories import Callers as TasksCallers


class Records(Protocol):
    """What a service's module makes."""

    home: Home

    async def make(self) -> None: ...
    def calls(self) -> dict[str, Call]: ...
    async def names(self) -> dict[str, str]: ...


class Make(Protocol):
    """How the records of a service come about."""

    def __call__(self, client: httpx.AsyncClient, database: Database) -> Records: ...


@asynccontextmanager
async def over(
    service: Service, database: Database, who: Authenticator, store: MediaStore
) -> AsyncIterator[httpx.ASGITransport]:
    """The service over HTTP, on the records' Monday."""
    unbounded = Settings(visits_per_second=0)
    with lent_app(
        service, database=database, authenticator=who, clock=Clock(), store=store, settings=unbounded
    ) as app:
        yield httpx.ASGITransport(app=app)


@asynccontextmanager
async def world(
    databases: Databases, service: Service, who: Authenticator, make: Make
) -> AsyncIterator[World]:
    """The records, made by people whom `who` knows, as callers of every role meet them."""
    named = (
        (databases.template, "grid_filled", fill) if service is GRID else (databases.of_service, service.name)
    )
    name, url = await asyncio.to_thread(databases.clone, await asyncio.to_thread(*named), "matrix")
    database, kept, store = (
        Database(url, pool_size=2),
        Undone(url, pool_size=2),
        MediaStore.open("memory:///"),
    )
    callers = Named()
    async with (
        over(service, database, who, store) as transport,
        httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client,
    ):
        made = make(client, database)
        await made.make()
        calls, names = made.calls(), await made.names()
    async with over(service, kept, callers, store) as transport:
        yield World(service.name, transport, callers, made.home, Clock().now, calls, names)
    await kept.close()
    await database.close()
    await asyncio.to_thread(databases.drop, name)


@pytest.fixture(scope="session")
async def grid(databases: Databases) -> AsyncIterator[World]:
    """The world of grid."""
    async with world(databases, GRID, GridCallers(), lambda c, d: Grid(Desk(c, Clock(), d))) as made:
        yield made


@pytest.fixture(scope="session")
async def tasks(databases: Databases) -> AsyncIterator[World]:
    """The world of tasks."""
    async with world(databases, TASKS, TasksCallers(), Tasks) as made:
        yield made


@pytest.fixture(scope="session")
async def disputes(databases: Databases) -> AsyncIterator[World]:
    """The world of disputes."""
    async with world(databases, DISPUTES, DisputesCallers(), Disputes) as made:
        yield made


@pytest.fixture(scope="session")
async def targets(databases: Databases) -> AsyncIterator[World]:
    """The world of targets."""
    async with world(databases, TARGETS, TargetsCallers(), Targets) as made:
        yield made
