"""Errands: what calls outside comes round until the worker stops, and deletes what nobody holds."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.errands import run_errand, run_errands
from libs.common.events.loops import Progress
from libs.common.media import MediaStore
from libs.common.media.sweep import begin
from libs.common.service import Errand, Outside
from libs.common.settings import Settings
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


async def test_a_services_own_errand_comes_round_and_outlives_its_failures(new_database: NewDatabase) -> None:
    database = Database(await new_database("grid"), pool_size=1)
    outside = Outside(database, MediaStore.open("memory:///"), Settings())
    stop, progress, turns = asyncio.Event(), Progress("one:grid"), 0

    async def run(given: Outside, now: datetime) -> int:
        nonlocal turns
        assert given is outside
        turns += 1
        if turns == 1:
            raise RuntimeError
        if turns == 4:
            stop.set()
        return 1 if turns == 2 else 0

    errand = Errand("one", timedelta(milliseconds=1), run)
    await asyncio.wait_for(run_errand(errand, outside, stop, progress=progress), 30)
    assert (turns, progress.error) == (4, "")
    await database.close()
