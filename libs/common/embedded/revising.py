"""Writing a migration 编写迁移: from the difference between the models and a fresh database at head."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from sqlalchemy.ext.asyncio import create_async_engine

from libs.common import migration
from libs.common.embedded.postgres import Postgres
from libs.common.embedded.processes import blocking


def write_migration(history: str, message: str, *, of: str, into: Path | None = None) -> None:
    """Write the next migration of a history (`toolbox` or a service's), on the database of service `of`.

    It goes beside the others unless `into` names another folder.
    """
    with tempfile.TemporaryDirectory(prefix="jiayuan-revising-") as folder:
        # As root the server runs as another user, who has to pass through.
        Path(folder).chmod(0o711)
        with Postgres(Path(folder) / "postgres", throwaway=True) as server:
            url = server.ensure_database(of, of)
            blocking(partial(_write, history, message, url, of=of, into=into))


async def _write(history: str, message: str, url: str, *, of: str, into: Path | None) -> None:
    engine = create_async_engine(url)
    try:
        await migration.upgrade(engine, of)
        await migration.revise(engine, history, message, into=into)
    finally:
        await engine.dispose()
