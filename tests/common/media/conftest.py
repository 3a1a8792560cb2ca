"""A service with photos over a database of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import httpx
import orjson
import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from libs.common.db import Database
from libs.common.embedded.processes import blocking
from libs.common.events.models import ToolboxBase
from libs.common.http.app import ServiceApp, create_app
from libs.common.http.auth import doorkeeper
from libs.common.http.dev_tokens import DEMO_SCOPES, DevIssuer
from libs.common.http.keys import KeySet
from libs.common.media import MediaStore, Record
from libs.common.media.api import media_router
from libs.common.media.models import MediaLink, MediaObject, MediaUpload
from libs.common.policy import Principal, Role
from libs.common.service import Service
from libs.common.settings import Settings
from tests.support.databases import Databases
from tests.support.lending import lent_database

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def _build(url: str) -> None:
    async def run() -> None:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(ToolboxBase.metadata.create_all)
        await engine.dispose()

    blocking(run)


@pytest.fixture(scope="session")
async def held_database(databases: Databases) -> AsyncIterator[Database]:
    template = await asyncio.to_thread(databases.template, "photos", _build)
    async with lent_database(databases, template, pool_size=5) as made:
        yield made


@pytest.fixture
async def database(held_database: Database) -> Database:
    """The worker's database, empty."""
    async with held_database.engine.begin() as connection:
        for table in (MediaLink, MediaUpload, MediaObject):
            await connection.execute(delete(table))
    return held_database


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> MediaStore:
    return MediaStore.open("memory:///")


@pytest.fixture
def readable() -> set[Record]:
    """The records that anyone who asks may read."""
    return set()


Client = Callable[[Role], httpx.AsyncClient]


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> DevIssuer:
    folder = tmp_path_factory.mktemp("issuer")
    return DevIssuer.open(folder, issuer="https://id.example", audience="jiayuan")


@pytest.fixture
def app(
    database: Database, clock: Clock, store: MediaStore, readable: set[Record], issuer: DevIssuer
) -> ServiceApp:
    async def may_read(session: AsyncSession, viewer: Principal, record: Record, now: datetime) -> bool:
        return record in readable

    async def source() -> bytes:
        return orjson.dumps(issuer.jwks())

    settings = Settings(issuer="https://id.example", audience="jiayuan", media_limit=1 << 16)
    router = media_router("photos", may_read, read=["grid.case.read"], write=["grid.case.report"])
    return create_app(
        Service("photos", "照片", "Photos", ToolboxBase.metadata, routers=(router,)),
        settings=settings,
        database=database,
        authenticator=doorkeeper(settings, database, KeySet(source)),
        clock=clock,
        store=store,
    )


@pytest.fixture
async def client_of(app: ServiceApp, issuer: DevIssuer) -> AsyncIterator[Client]:
    """A client per role."""
    made: list[httpx.AsyncClient] = []

    def client(role: Role) -> httpx.AsyncClient:
        token = issuer.mint(role, DEMO_SCOPES[role], NOW)
        headers = {"Authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(app)
        made.append(httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers))
        return made[-1]

    yield client
    for each in made:
        await each.aclose()
