"""Databases with a log, a store with photos, and a backup of them."""

from __future__ import annotations

import hashlib
import io
from functools import partial
from pathlib import Path

from rich.console import Console
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.access import ADMINISTERED
from libs.common.db import Database
from libs.common.embedded.backup import Manifest, back_up
from libs.common.embedded.place import Place
from libs.common.embedded.screen import Screen
from libs.common.events.deeds import tell
from libs.common.events.sequencer import sequence
from tests.common.events.nouns import ACTOR, NOW


def screen(said: io.StringIO | None = None) -> Screen:
    """A terminal that nobody sees."""
    return Screen(Console(file=said or io.StringIO(), width=200))


async def work_on(url: str, service: str, times: int = 1) -> None:
    """So many events more in the service's log."""
    database = Database(url, pool_size=1)

    async def once(session: AsyncSession) -> None:
        event = ADMINISTERED[service](happened_at=NOW, action="tested", subject_type="backup")
        await tell(session, event, actor=ACTOR, now=NOW)

    try:
        for _ in range(times):
            await database.transact(once)
        await database.transact(sequence)
    finally:
        await database.close()


async def run_sql(url: str, *commands: str) -> None:
    """What somebody with the database's password does."""
    database = Database(url, pool_size=1)

    async def work(session: AsyncSession) -> None:
        for command in commands:
            await session.execute(text(command))

    try:
        await database.transact(work)
    finally:
        await database.close()


async def ask(url: str, query: str) -> list[tuple[object, ...]]:
    """What the database holds."""
    database = Database(url, pool_size=1)
    try:
        return [tuple(row) for row in await database.read(lambda session: session.execute(text(query)))]
    finally:
        await database.close()


def photo(store: Path, service: str, content: bytes) -> Path:
    """A photo in the store, as the services lay it there."""
    name = hashlib.sha256(content).hexdigest()
    file = store / service / name[:2] / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


async def backed_up(place: Place, folder: Path) -> Manifest:
    """A backup, made now."""
    return await back_up(folder, place, now=NOW, progress=screen())


log_of = partial(ask, query="SELECT position, epoch, type FROM event_log ORDER BY position")
