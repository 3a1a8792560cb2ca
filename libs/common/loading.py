"""Reference data 基础数据: loads a service's files once per content, and says what it did.

A loader is run again only when its files or its room's code changed, so that a second start is quick.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.events.models import ToolboxBase
from libs.common.service import Load, Loaded, Service
from libs.common.tree import repository_root

Say = Callable[[str], None]


class ReferenceLoad(ToolboxBase):
    """Which content of which reference files the database holds (基础数据装载记录)."""

    __tablename__ = "reference_load"

    name: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    summary: Mapped[str]
    loaded_at: Mapped[datetime]


async def load_reference(
    database: Database, service: Service, *, say: Say, again: bool = False
) -> list[Loaded]:
    """Run the service's loaders whose files changed, each in one transaction; `again` runs them all.

    `say` is told each loader's line and every row it refused. Answers what those that ran did.
    """
    folder = data_folder(service)
    loaded: list[Loaded] = []
    for name, load in service.loaders.items():
        digest = content_digest(folder, load)

        async def work(
            session: AsyncSession, name: str = name, load: Load = load, digest: str = digest
        ) -> Loaded | None:
            known = await session.get(ReferenceLoad, name)
            if known is not None and known.digest == digest and not again:
                return None
            told = await load(session, folder)
            did = Loaded(told) if isinstance(told, str) else told
            await _remember(
                session, ReferenceLoad(name=name, digest=digest, summary=did.summary, loaded_at=utc_now())
            )
            return did

        did = await database.transact(work)
        if did is not None:
            loaded.append(did)
            say(f"{service.name}/{name}: {did.summary}")
            for row in did.refused:
                say(f"  {row.file} {row.row}: {row.reason}")
    if loaded:
        await database.transact(_count)
    return loaded


async def _count(session: AsyncSession) -> None:
    """Let the server count the rows: until it does so by itself, after a minute, it may choose slow plans."""
    await session.execute(text("ANALYZE"))


def data_folder(service: Service) -> Path:
    """Where a service's reference files lie."""
    return repository_root() / "services" / service.name / "data"


def content_digest(folder: Path, load: Load) -> str:
    """SHA-256 over the names and bytes of the service's data files and of the loader's room."""
    digest = hashlib.sha256()
    room = Path(inspect.getfile(load)).parent
    for path in sorted(p for top in (folder, room) for p in top.rglob("*") if _counts(p)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _counts(path: Path) -> bool:
    return path.is_file() and path.suffix != ".pyc"


async def _remember(session: AsyncSession, row: ReferenceLoad) -> None:
    values = {"digest": row.digest, "summary": row.summary, "loaded_at": row.loaded_at}
    await session.execute(
        insert(ReferenceLoad)
        .values(name=row.name, **values)
        .on_conflict_do_update(index_elements=[ReferenceLoad.name], set_=values)
    )
