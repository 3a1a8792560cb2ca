"""Reference files are loaded once per content."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.loading import load_reference
from libs.common.service import Service
from services.grid.base import Base
from tests.conftest import NewDatabase


async def test_a_loader_runs_once_per_content(new_database: NewDatabase) -> None:
    database = Database(await new_database("grid"), pool_size=2)
    folders: list[Path] = []
    said: list[str] = []

    async def load(session: AsyncSession, folder: Path) -> str:
        folders.append(folder)
        return "3 rows"

    service = Service("grid", "网格", "grid", Base.metadata, loaders={"shelves": load})
    assert len(await load_reference(database, service, say=said.append)) == 1
    assert len(await load_reference(database, service, say=said.append)) == 0
    assert len(await load_reference(database, service, say=said.append, again=True)) == 1
    assert said == ["grid/shelves: 3 rows"] * 2
    assert {folder.name for folder in folders} == {"data"}
    await database.close()


async def test_what_was_loaded_is_counted_for_the_planner(new_database: NewDatabase) -> None:
    database = Database(await new_database("grid"), pool_size=1)

    async def load(session: AsyncSession, folder: Path) -> str:
        await session.execute(text("CREATE TABLE shelf AS SELECT generate_series(1, 300) AS id"))
        return "300 rows"

    service = Service("grid", "网格", "grid", Base.metadata, loaders={"shelves": load})
    await load_reference(database, service, say=lambda line: None)
    counted = text("SELECT reltuples FROM pg_class WHERE relname = 'shelf'")
    assert await database.read(lambda s: s.scalar(counted)) == 300
    await database.close()
