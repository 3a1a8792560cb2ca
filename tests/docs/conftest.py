"""A platform of the tests' own, as `make run` starts it; and grid alone, on a port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
import uvicorn

from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.events.sequencer import sequence
from libs.common.http.auth import doorkeeper
from libs.common.http.dev_tokens import DEMO_SCOPES, DevIssuer
from libs.common.http.keys import KeySet
from libs.common.settings import Settings
from services.grid.main import SERVICE
from tests.chaos.conftest import platform, prepared
from tests.grid.factories import DISTRICT, fill
from tests.support.apps import lent_app
from tests.support.databases import Databases
from tests.support.lending import lent_database

__all__ = ["platform", "prepared"]


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    template = await asyncio.to_thread(databases.template, "grid_filled", fill)
    async with lent_database(databases, template) as made:
        yield made


@pytest.fixture
async def served(database: Database, tmp_path: Path) -> AsyncIterator[str]:
    """Grid on a port of this machine, with the tokens of an issuer and a sequencer that runs."""
    settings = Settings()
    issuer = DevIssuer.open(tmp_path, issuer=settings.issuer, audience=settings.audience)
    scopes = {role: replace(scope, areas=(DISTRICT,)) for role, scope in DEMO_SCOPES.items()}
    (tmp_path / "tokens.json").write_text(json.dumps(issuer.tokens(utc_now(), scopes)))

    async def keys() -> bytes:
        return orjson.dumps(issuer.jwks())

    async def bring() -> None:
        while True:
            await database.transact(sequence)
            await asyncio.sleep(0.1)

    keeper = doorkeeper(settings, database, KeySet(keys))
    with lent_app(SERVICE, database=database, authenticator=keeper) as app:
        server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="warning"))
        running = [asyncio.create_task(server.serve()), asyncio.create_task(bring())]
        while not server.started:  # noqa: ASYNC110 - the server tells it in no other way
            await asyncio.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        await running[0]
        running[1].cancel()
        with suppress(asyncio.CancelledError):
            await running[1]
