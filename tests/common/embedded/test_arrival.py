"""What was loaded has arrived when every reader knows every key of it."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

from rich.console import Console
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.embedded.platform import Platform
from libs.common.embedded.running import Running, references_of
from libs.common.embedded.screen import Screen
from libs.common.events.arrival import known, published
from libs.common.ids import new_id
from libs.common.settings import Settings
from libs.common.worker import Worker
from services.grid.main import SERVICE as GRID
from services.tasks.main import SERVICE as TASKS
from tests.conftest import NewDatabase

UNITS = "jiayuan.tasks.unit.v1"


async def tell(session: AsyncSession) -> None:
    """One unit that nobody has heard of."""
    await session.execute(
        text(
            """INSERT INTO outbox (event_id, topic, aggregate_type, aggregate_id, version, type, payload,
            salt, actor) VALUES (:id, :topic, 'unit', :id, 1, 'x', '{}', '', 'test')"""
        ),
        {"id": new_id(), "topic": UNITS},
    )


async def test_a_key_that_a_reader_does_not_know_is_awaited(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    platform = Platform(tmp_path, (GRID, TASKS), public_url="http://jiayuan.test")
    running = Running(platform, {}, Screen(Console(file=io.StringIO())))
    databases = {
        service.name: Database(await new_database(service.name), pool_size=2) for service in (GRID, TASKS)
    }
    workers = [Worker(service, Settings(), databases[service.name]) for service in (GRID, TASKS)]
    assert UNITS in references_of(GRID, databases)["tasks"]
    assert await running._arrived(workers)
    await databases["tasks"].transact(tell)
    assert await databases["tasks"].read(partial(published, topics=[UNITS])) == {UNITS: 1}
    assert await databases["grid"].read(partial(known, consumer="grid", topics=[UNITS])) == {}
    assert not await running._arrived(workers)
    for database in databases.values():
        await database.close()
