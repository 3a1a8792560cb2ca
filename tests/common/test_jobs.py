"""Sweeps: one worker at a time, again while there is work, and after a failure."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.jobs import run_jobs, run_once
from libs.common.service import Job, Service
from tests.conftest import NewDatabase

SOON = timedelta(milliseconds=10)


async def test_of_two_workers_one_runs_a_job(new_database: NewDatabase) -> None:
    database = Database(await new_database("grid"), pool_size=3)
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def slow(session: AsyncSession, now: datetime) -> int:
        inside.set()
        await go_on.wait()
        return 7

    first = asyncio.create_task(run_once(database, "grid", Job("slow", SOON, slow), now=utc_now()))
    await inside.wait()
    assert await run_once(database, "grid", Job("slow", SOON, slow), now=utc_now()) == 0
    go_on.set()
    assert await first == 7
    await database.close()


async def test_a_job_runs_again_while_it_changes_something_and_after_a_failure(
    new_database: NewDatabase,
) -> None:
    database = Database(await new_database("grid"), pool_size=3)
    stop = asyncio.Event()
    left = [-1, 2, 1, 0]

    async def sweep(session: AsyncSession, now: datetime) -> int:
        await session.execute(text("SELECT 1"))
        turn = left.pop(0)
        if not left:
            stop.set()
        if turn < 0:
            raise RuntimeError("once")
        return turn

    service = Service("grid", "网格", "grid", MetaData(), jobs=(Job("sweep", SOON, sweep),))
    await asyncio.wait_for(run_jobs(database, service, stop), 30)
    assert left == []
    await database.close()
