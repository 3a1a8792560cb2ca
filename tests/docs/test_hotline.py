"""Every snippet of the hotline's guide runs, and both languages show the same calls."""

from __future__ import annotations

import asyncio
import json
import re
from asyncio.subprocess import PIPE
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
from libs.common.tree import repository_root
from services.grid.main import SERVICE
from tests.grid.factories import DISTRICT, NEIGHBOURHOOD, fill
from tests.support.apps import lent_app
from tests.support.databases import Databases
from tests.support.lending import lent_database

GUIDES = ("hotline.md", "hotline.zh-CN.md")
SAID = [
    "received", "linked", "received", "ORDER", "handling", "asked", "DUE", "rejected", "replied",
    "received", "received", "repeated", "linked", "supplemented", "urged", "contacted", "extension-asked",
    "extended", "replied", "closed", "handling",
]  # fmt: skip


def snippets(name: str) -> str:
    """The shell blocks of a guide, one after the other."""
    told = (repository_root() / "docs/guides" / name).read_text("utf-8")
    return "\n".join(re.findall(r"^```bash\n(.*?)^```", told, re.M | re.S))


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


def test_both_guides_show_the_same_calls() -> None:
    english, chinese = (re.sub(r" *#.*", "", snippets(name)) for name in GUIDES)
    assert english == chinese
    assert english


async def test_every_snippet_runs(served: str, tmp_path: Path) -> None:
    where = {"BASE": served, "TOKENS": str(tmp_path / "tokens.json"), "AREA": NEIGHBOURHOOD}
    ran = await asyncio.create_subprocess_exec(
        "bash", "-eu", "-o", "pipefail", "-c", snippets(GUIDES[0]),
        env={"PATH": "/usr/bin:/bin", **where}, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    out, faults = await asyncio.wait_for(ran.communicate(), 60)
    assert ran.returncode == 0, (out + faults).decode()
    said = out.decode().split()
    assert len(said) == len(SAID), said
    told = ["ORDER" if word.startswith("SH") else "DUE" if word[0].isdigit() else word for word in said]
    assert told == SAID
