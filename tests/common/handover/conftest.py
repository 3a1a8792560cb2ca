"""Two databases with the toolbox's tables: the sender's and the receiver's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from libs.common.db import Database
from libs.common.embedded.processes import blocking
from libs.common.events.models import ToolboxBase
from tests.common.handover.world import World
from tests.support.databases import Databases
from tests.support.lending import lent_database

NewWorld = Callable[[str], Awaitable[World]]


def build(url: str) -> None:
    """Make the toolbox's tables in an empty database."""

    async def run() -> None:
        engine = create_async_engine(url)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(ToolboxBase.metadata.create_all)
        finally:
            await engine.dispose()

    blocking(run)


@asynccontextmanager
async def opened(databases: Databases) -> AsyncIterator[Database]:
    """A database of its own, dropped afterwards."""
    template = await asyncio.to_thread(databases.template, "handover", build)
    async with lent_database(databases, template, pool_size=5) as database:
        yield database


@pytest.fixture
async def new_world(databases: Databases) -> AsyncIterator[NewWorld]:
    """`await new_world("case-task")`: sender and receiver of that kind, with nothing in them."""
    async with AsyncExitStack() as stack:

        async def make(kind: str) -> World:
            sender = await stack.enter_async_context(opened(databases))
            return World(kind, sender, await stack.enter_async_context(opened(databases)))

        yield make


@pytest.fixture
async def world(new_world: NewWorld) -> World:
    """A case becomes a unit's task."""
    return await new_world("case-task")


@pytest.fixture(scope="session")
async def busy_databases(databases: Databases) -> AsyncIterator[tuple[Database, Database]]:
    """Two databases for tests that look at their own handover alone."""
    async with opened(databases) as sender, opened(databases) as receiver:
        yield sender, receiver


@pytest.fixture
async def busy_world(busy_databases: tuple[Database, Database]) -> World:
    """A case becomes a unit's task, among the handovers of other tests."""
    world = World("case-task", *busy_databases)
    await world.skip_the_past()
    return world
