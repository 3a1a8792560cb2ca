"""Loading the categories: once, again, changed; restating them."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import yaml
from sqlalchemy import text

from libs.common.db import Database
from libs.common.loading import data_folder
from services.grid.catalogue import service
from services.grid.main import SERVICE
from tests.grid.factories import outbox

TOPIC = "jiayuan.grid.category.v1"
FOLDER = data_folder(SERVICE)


async def test_the_categories_load_once(database: Database) -> None:
    said = await database.transact(lambda s: service.load_categories(s, FOLDER))
    assert said == "categories: 124 read, 0 changed"
    assert await outbox(database, TOPIC) == []
    count = await database.read(lambda s: s.scalar(text("SELECT count(*) FROM category")))
    assert count == 124, "39 of the plans, 85 of urban management"


async def test_a_changed_row_is_a_new_revision_and_one_event(database: Database, tmp_path: Path) -> None:
    file = yaml.safe_load((FOLDER / "categories.yaml").read_text("utf-8"))
    file["effective_from"] = "2026-06-01"
    row = next(c for c in file["categories"] if c["code"] == "0202")
    row["standards"][0]["limit"] = [2, "working_days"]
    (tmp_path / "categories.yaml").write_text(json.dumps(file, ensure_ascii=False), "utf-8")
    said = await database.transact(lambda s: service.load_categories(s, tmp_path))
    assert said == "categories: 39 read, 1 changed"
    (event,) = await outbox(database, TOPIC)
    (standard,) = event.payload["standards"]
    assert (event.version, event.payload["code"]) == (2, "0202")
    assert (standard["revision"], standard["limit_amount"], standard["assumption"]) == (2, 2, False)
    again = await database.transact(lambda s: service.load_categories(s, FOLDER))
    assert again == "categories: 124 read, 0 changed"


async def test_restating_says_every_category_with_its_present_version(database: Database) -> None:
    last: UUID | None = None
    for _ in range(8):
        last = await _restate(database, last)
    told = await outbox(database, TOPIC)
    assert len({event.aggregate_id for event in told}) == len(told) == 124
    assert {event.version for event in told} == {1}
    assert last is None


async def _restate(database: Database, after: UUID | None) -> UUID | None:
    return await database.transact(lambda s: service.restate_categories(s, 20, after))
