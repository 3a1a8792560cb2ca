"""The sample service over a database of the test's own, and an issuer of the tests' own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import orjson
import pytest
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import create_async_engine

from libs.common.db import Database
from libs.common.embedded.processes import blocking
from libs.common.events.models import ToolboxBase
from libs.common.http.app import ServiceApp, create_app
from libs.common.http.auth import Doorkeeper, doorkeeper
from libs.common.http.dev_tokens import DEMO_SCOPES, DevIssuer
from libs.common.http.keys import KeySet
from libs.common.http.models import ApiKey, Denial, StoredAnswer
from libs.common.policy import Role
from libs.common.settings import Settings
from tests.common.http.sample import Base, Note, Stage, service
from tests.support.databases import Databases
from tests.support.lending import lent_database

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


def _build(url: str) -> None:
    async def run() -> None:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(ToolboxBase.metadata.create_all)
            await connection.run_sync(Base.metadata.create_all)
            await connection.execute(
                text(
                    "ALTER TABLE note ADD FOREIGN KEY (parent) REFERENCES note DEFERRABLE INITIALLY DEFERRED"
                )
            )
        await engine.dispose()

    blocking(run)


@pytest.fixture(scope="session")
async def held_database(databases: Databases) -> AsyncIterator[Database]:
    template = await asyncio.to_thread(databases.template, "sample", _build)
    async with lent_database(databases, template, pool_size=5) as made:
        yield made


@pytest.fixture
async def database(held_database: Database) -> Database:
    """The worker's database, empty."""
    async with held_database.engine.begin() as connection:
        for table in (Note, StoredAnswer, ApiKey, Denial):
            await connection.execute(delete(table))
    return held_database


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings() -> Settings:
    return Settings(issuer="https://id.example", audience="jiayuan", body_limit=4096)


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> DevIssuer:
    folder: Path = tmp_path_factory.mktemp("issuer")
    return DevIssuer.open(folder, issuer="https://id.example", audience="jiayuan")


@pytest.fixture
def keeper(database: Database, settings: Settings, issuer: DevIssuer) -> Doorkeeper:
    async def source() -> bytes:
        return orjson.dumps(issuer.jwks())

    return doorkeeper(settings, database, KeySet(source))


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def app(database: Database, settings: Settings, keeper: Doorkeeper, clock: Clock, stage: Stage) -> ServiceApp:
    return create_app(service(stage), settings=settings, database=database, authenticator=keeper, clock=clock)


@pytest.fixture
async def anonymous(app: ServiceApp) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.fixture
def bearer(issuer: DevIssuer) -> Callable[[Role], dict[str, str]]:
    """Headers of a role's token, minted at `NOW`."""

    def headers(role: Role) -> dict[str, str]:
        return {"Authorization": f"Bearer {issuer.mint(role, DEMO_SCOPES[role], NOW)}"}

    return headers


@pytest.fixture
async def client(anonymous: httpx.AsyncClient, bearer: Callable[[Role], dict[str, str]]) -> httpx.AsyncClient:
    """An acceptor's client: may report, read and change."""
    anonymous.headers.update(bearer(Role.ACCEPTOR))
    return anonymous
