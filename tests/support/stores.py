"""Databases with the event path's tables and the tests' own noun, for buses and consumers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from libs.common.db import Database
from libs.common.embedded.processes import blocking
from libs.common.events import ddl
from libs.common.events.models import ToolboxBase
from tests.common.events.nouns import Base
from tests.support.databases import Databases
from tests.support.lending import lent_database

NewStore = Callable[[str], Awaitable[Database]]


def build(url: str) -> None:
    """Make the tables in an empty database."""

    async def run() -> None:
        engine = create_async_engine(url)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(ToolboxBase.metadata.create_all)
                await connection.run_sync(ddl.install)
                await connection.run_sync(Base.metadata.create_all)
        finally:
            await engine.dispose()

    blocking(run)


@pytest.fixture
async def new_store(databases: Databases) -> AsyncIterator[NewStore]:
    """`await new_store("grid")`: a database of the test's own, with the event path's tables."""
    async with AsyncExitStack() as stack:

        async def make(role: str) -> Database:
            template = await asyncio.to_thread(databases.template, f"events_{role}", build)
            return await stack.enter_async_context(lent_database(databases, template, pool_size=20))

        yield make
