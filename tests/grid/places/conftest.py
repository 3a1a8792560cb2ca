"""A database with the geography of two districts, cloned for this worker; each test is rolled back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common import toolbox
from libs.common.db import Database
from libs.common.embedded.processes import blocking
from libs.common.http.app import create_app
from libs.common.loading import data_folder
from libs.common.policy import Principal, Role
from libs.common.service import Service
from libs.common.settings import Settings
from services.grid.base import Base
from services.grid.estates import api as estates
from services.grid.places import api
from services.grid.places.loading import Sources, load_geography, read_sources
from tests.support.databases import Databases
from tests.support.lending import lent_database

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DISTRICTS = ("310101", "310106")
SERVICE = Service("grid", "网格", "Grid", Base.metadata, routers=(estates.router, api.router))


@pytest.fixture(scope="session")
def sources() -> Sources:
    return read_sources(data_folder(SERVICE), DISTRICTS)


@pytest.fixture(scope="session")
async def database(databases: Databases, sources: Sources) -> AsyncIterator[Database]:
    template = await asyncio.to_thread(databases.template, "grid_places", lambda url: fill(url, sources))
    async with lent_database(databases, template) as made:
        yield made


def fill(url: str, sources: Sources) -> None:
    async def run() -> None:
        made = Database(url)
        async with made.engine.begin() as connection:
            await connection.run_sync(toolbox.METADATA.create_all)
            await connection.run_sync(Base.metadata.create_all)
        await made.transact(lambda session: load_geography(session, sources, now=NOW))
        await made.close()

    blocking(run)


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    async with database.engine.connect() as connection, connection.begin() as transaction:
        async with AsyncSession(
            connection, expire_on_commit=False, autoflush=False, join_transaction_mode="create_savepoint"
        ) as made:
            yield made
        await transaction.rollback()


class Anyone:
    """Lets everybody in as an inspector of one subdistrict."""

    async def authenticate(self, headers: Mapping[str, str], now: datetime) -> Principal:
        return Principal("zhang", "张三", frozenset({Role.INSPECTOR}), areas=("310101002",))


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(
        SERVICE, settings=Settings(), database=database, authenticator=Anyone(), clock=lambda: NOW
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://grid") as made:
        yield made
