"""Where backup and restore work 备份与恢复的对象: databases by service, and the store of the photos.

Either the platform of this machine, whose PostgreSQL is started for the time if it is down, or one service by
its settings (compose, cluster).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from libs.common.embedded.platform import Progress, media_url
from libs.common.embedded.postgres import Postgres
from libs.common.embedded.processes import ServerFailed
from libs.common.settings import Settings


@dataclass(frozen=True)
class Place:
    """What is backed up, or restored into: databases by service, and the photos' store (empty: none)."""

    urls: Mapping[str, str]
    media_url: str = ""


def by_settings(settings: Settings, service: str) -> Place:
    """The database and the store that the settings name for the service. Photos in memory are none."""
    kept = "" if settings.media_url.startswith("memory:") else settings.media_url
    return Place({service: settings.database_url.get_secret_value()}, kept)


@asynccontextmanager
async def on_this_machine(
    root: Path, services: Collection[str], *, make: bool, progress: Progress
) -> AsyncIterator[Place]:
    """The platform below `root`. Its PostgreSQL answers meanwhile; started here, it is stopped at the end.

    `make`: servers and databases that are not there are made (a restore on a new machine); otherwise raises
    `ServerFailed`.
    """
    if not make and not (root / "postgres").exists():
        raise ServerFailed(f"no platform was started in {root}: there is nothing to back up")
    server = Postgres(root / "postgres")
    ours = server.pid is None
    try:
        with progress.step("PostgreSQL 18"):
            await asyncio.to_thread(server.start)
        urls = {}
        for name in services:
            if make:
                await asyncio.to_thread(server.ensure_database, name, name)
            urls[name] = server.url_for(name, name)
        yield Place(urls, media_url(root))
    finally:
        if ours:
            with progress.step("停止 Stopping PostgreSQL"):
                await asyncio.to_thread(server.stop)
