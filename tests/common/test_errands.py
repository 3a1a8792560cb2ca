"""Errands: what calls outside comes round until the worker stops, and deletes what nobody holds."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.errands import run_errands
from libs.common.events.loops import Progress
from libs.common.media import MediaStore
from libs.common.media.sweep import begin
from tests.conftest import NewDatabase


async def objects(session: AsyncSession) -> int:
    """How many objects are known."""
    return int(await session.scalar(text("SELECT count(*) FROM media_object")) or 0)


async def test_errands_come_round_and_sweep_until_they_are_stopped(new_database: NewDatabase) -> None:
    database = Database(await new_database("grid"), pool_size=2)
    old = utc_now() - timedelta(days=30)
    await database.transact(partial(begin, name="a" * 64, media_type="image/jpeg", now=old))
    stop = asyncio.Event()
    progress = Progress("errands:grid")
    began = progress.at
    store = MediaStore.open("memory:///")
    asyncio.get_running_loop().call_later(1.0, stop.set)
    running = run_errands(database, store, "grid", stop, progress=progress, every=0.01)
    await asyncio.wait_for(running, 30)
    assert progress.at > began
    assert progress.error == ""
    assert await database.read(objects) == 0
    await database.close()
