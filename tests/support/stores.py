"""Databases with the event path's tables and the tests' own noun, for buses and consumers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from libs.common.db import Database
from libs.common.embedded.processes import blocking
from libs.common.events import ddl
from libs.common.events.models import ToolboxBase
from tests.common.events.nouns import Base
from tests.support.databases import Databases

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
    made: list[tuple[str, Database]] = []

    async def make(role: str) -> Database:
        template = await asyncio.to_thread(databases.template, f"events_{role}", build)
        name, url = await asyncio.to_thread(databases.clone, template)
        database = Database(url, pool_size=20)
        made.append((name, database))
        return database

    yield make
    for name, database in made:
        await database.close()
        await asyncio.to_thread(databases.drop, name)
