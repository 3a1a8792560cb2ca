"""Timed sweeps 定时任务: each batch is one transaction; of several workers one runs a job at a time."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.service import Job, Service

Clock = Callable[[], datetime]

FIRST_SECONDS = 5.0
"""How long after a start the sweeps begin: whoever waits for the service comes first."""

log = structlog.get_logger(__name__)


async def run_once(database: Database, service: str, job: Job, *, now: datetime) -> int:
    """One batch of the job: the rows it changed, or 0 when another worker has it in hand."""
    key = zlib.crc32(f"{service}:{job.name}".encode())

    async def work(session: AsyncSession) -> int:
        mine = await session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": key})
        return await job.run(session, now) if mine else 0

    return await database.transact(work)


async def run_jobs(
    database: Database, service: Service, stop: asyncio.Event, *, clock: Clock = utc_now
) -> None:
    """Run every job of the service at its interval until `stop`; a failure is logged and tried again."""
    async with asyncio.TaskGroup() as group:
        for job in service.jobs:
            group.create_task(_keep_running(database, service.name, job, stop, clock))


async def _keep_running(
    database: Database, service: str, job: Job, stop: asyncio.Event, clock: Clock
) -> None:
    await _pause(stop, min(FIRST_SECONDS, job.every.total_seconds()))
    while not stop.is_set():
        try:
            while await run_once(database, service, job, now=clock()) and not stop.is_set():
                pass
        except Exception:
            log.exception("job-failed", service=service, job=job.name)
        await _pause(stop, job.every.total_seconds())


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), timeout=seconds)
    except TimeoutError:
        return
