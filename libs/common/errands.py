"""Errands 外部差事: sweeps that call outside, and so hold no transaction while they do.

Photos of the other side's prefix are copied for the handovers that name them; what no record has held for
seven days is deleted; and each service has errands of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.events.loops import Loop, Progress
from libs.common.handover.jobs import WantedObject, copy_handover_media
from libs.common.media import MediaStore, adopt, sweep
from libs.common.service import Errand, Outside

EVERY_SECONDS = 2.0
SWEEP_EVERY = 1800
"""Turns of the copying loop between two looks for unreferenced objects: about an hour."""


async def copy_handed_over(database: Database, store: MediaStore, service: str, now: datetime) -> int:
    """Copy a batch of the objects that handovers name; answers how many are there now."""

    async def copy(wanted: Iterable[WantedObject]) -> Iterable[WantedObject]:
        return await adopt(store, database, service, wanted, now)

    return await copy_handover_media(database, copy, now)


async def run_errands(
    database: Database,
    store: MediaStore,
    service: str,
    stop: asyncio.Event,
    *,
    progress: Progress,
    every: float = EVERY_SECONDS,
) -> None:
    """Copy and sweep until `stop` is set, `every` so many seconds; what is away is tried again later."""
    turns = 0

    async def step() -> int:
        nonlocal turns
        done = await copy_handed_over(database, store, service, utc_now())
        if turns % SWEEP_EVERY == 0:
            done += await sweep(store, database, service, utc_now())
        turns += 1
        if not done:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every)
        return done

    await Loop(step, progress).run(stop)


async def run_errand(errand: Errand, outside: Outside, stop: asyncio.Event, *, progress: Progress) -> None:
    """One of the service's own errands until `stop` is set: again at once while it has something to do."""

    async def step() -> int:
        done = await errand.run(outside, utc_now())
        if not done:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), errand.every.total_seconds())
        return done

    await Loop(step, progress).run(stop)
