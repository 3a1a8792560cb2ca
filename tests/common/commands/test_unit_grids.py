"""`jiayuan import-unit-grids`: what is wrong is told line by line, and a sound file is imported."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from libs.common.db import Database
from services.grid.places.domain import geojson_ring
from tests.common.commands.conftest import Jiayuan
from tests.grid.factories import NEIGHBOURHOOD, fill
from tests.support.databases import Databases

CELLS = text("SELECT code, ring FROM unit_grid WHERE left(code, 12) = :code ORDER BY code")


@pytest.fixture
async def url(databases: Databases) -> AsyncIterator[str]:
    template = await asyncio.to_thread(databases.template, "grid_filled", fill)
    name, made = await asyncio.to_thread(databases.clone, template)
    yield made
    await asyncio.to_thread(databases.drop, name)


async def test_a_file_is_checked_and_imported(jiayuan: Jiayuan, url: str, tmp_path: Path) -> None:
    database = Database(url)
    rows = await database.read(lambda s: s.execute(CELLS, {"code": NEIGHBOURHOOD}))
    cells = [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {"type": "Polygon", "coordinates": [geojson_ring(ring)]},
        }
        for code, ring in rows
    ]
    sound, twice = tmp_path / "sound.geojson", tmp_path / "twice.geojson"
    sound.write_text(json.dumps({"type": "FeatureCollection", "features": cells}))
    twice.write_text(json.dumps({"type": "FeatureCollection", "features": [*cells, cells[0]]}))
    options = ["--crs", "CGCS2000", "--effective-from", "2099-01-01", "--source", "普查"]

    tried = await jiayuan("import-unit-grids", str(twice), *options, "--dry-run", database_url=url)
    assert tried.exit_code == 1, tried.output
    assert f"{len(cells) + 1}: code-duplicate" in tried.stderr
    refused = await jiayuan("import-unit-grids", str(twice), *options, database_url=url)
    assert refused.exit_code == 1
    done = await jiayuan("import-unit-grids", str(sound), *options, database_url=url)
    assert done.exit_code == 0, done.output
    assert f"{len(cells)} unit grids of 1 neighbourhoods, 0 errors; edition 1" in done.stderr
    count = text("SELECT count(*) FROM unit_grid WHERE edition = 1")
    assert await database.read(lambda s: s.scalar(count)) == len(cells)
    await database.close()
