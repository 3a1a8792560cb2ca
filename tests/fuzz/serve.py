"""The four services in a process of their own, with their background work, for requests that nobody foresaw.

`python -m tests.fuzz.serve FOLDER` reads `FOLDER/given.json` and serves until SIGTERM. What goes wrong in
the background is appended to `FOLDER/faults.txt`: no request may leave behind what a consumer or a sweep
cannot digest.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import orjson
from sqlalchemy import text

from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.embedded.processes import LOOPBACK
from libs.common.errands import copy_handed_over
from libs.common.events.consumer import Consumer
from libs.common.events.routes import Routes
from libs.common.events.sequencer import sequence
from libs.common.http.app import combine, create_app
from libs.common.http.auth import doorkeeper
from libs.common.http.keys import KeySet, from_file
from libs.common.jobs import run_once
from libs.common.media import MediaStore
from libs.common.serving import server
from libs.common.settings import Settings
from libs.common.telemetry import configure_logging
from libs.common.worker import heard
from tests.flows.buses import Local
from tests.flows.world import SERVICES, Side
from tests.support.servers import open_run, postgres_of

PAUSE_SECONDS = 0.3
PARKED = text("SELECT count(*) FROM parked_message")


@dataclass(frozen=True)
class Given:
    """Where to serve, over which databases."""

    port: int
    databases: dict[str, str]
    """Name of the database by service."""


class Background:
    """What workers do: number events, consume, sweep, copy photos; what fails is written down."""

    def __init__(self, sides: Iterable[Side], store: MediaStore, faults: Path) -> None:
        self.sides = list(sides)
        self.store = store
        self.faults = faults

    async def run(self) -> None:
        """Turn after turn, until cancelled."""
        while True:
            for side in self.sides:
                await self._watched(self._turn(side), side.service.name)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _turn(self, side: Side) -> None:
        now = utc_now()
        while await side.database.transact(partial(sequence, limit=1000)):
            pass
        if side.service.handlers:
            await side.consumer.step(wait=0.0)
        for job in side.service.jobs:
            await run_once(side.database, side.service.name, job, now=now)
        await copy_handed_over(side.database, self.store, side.service.name, now)
        parked = await side.database.read(lambda session: session.scalar(PARKED))
        assert not parked, f"{parked} messages are parked"

    async def _watched(self, turn: object, service: str) -> None:
        assert asyncio.iscoroutine(turn)
        try:
            await turn
        except Exception:
            with self.faults.open("a") as file:
                file.write(f"{service}\n{traceback.format_exc()}\n")


async def main(folder: Path) -> None:
    """Serve until a signal comes."""
    configure_logging(level="ERROR", json=False)
    given = Given(**orjson.loads((folder / "given.json").read_bytes()))
    async with AsyncExitStack() as stack:
        sides, store = await open_sides(given, stack), MediaStore.open("memory:///")
        settings = Settings(jwks_file=str(folder / "jwks.json"), visits_per_second=0, guesses_per_second=0)
        keys = KeySet(from_file(folder / "jwks.json"))
        apps = [
            create_app(
                side.service,
                settings=settings,
                database=side.database,
                authenticator=doorkeeper(settings, side.database, keys),
                store=store,
            )
            for side in sides
        ]
        work = asyncio.create_task(Background(sides, store, folder / "faults.txt").run())
        await server(combine(apps), host=LOOPBACK, port=given.port).serve()
        work.cancel()


async def open_sides(given: Given, stack: AsyncExitStack) -> list[Side]:
    """The services over the local bus, every message delivered twice."""
    postgres = postgres_of(open_run())
    carrier = Local(postgres, given.databases, stack)
    await carrier.open(SERVICES)
    sides = []
    for service in SERVICES:
        database = Database(postgres.url_for(given.databases[service.name], service.name), pool_size=10)
        routes = Routes(heard(service, list(given.databases)))
        side = Side(service, database, Consumer(service.name, database, carrier.reader(service), routes))
        stack.push_async_callback(database.close)
        stack.push_async_callback(side.consumer.close)
        sides.append(side)
    return sides


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
