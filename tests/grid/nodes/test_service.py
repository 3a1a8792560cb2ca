"""Who stands for which level where, and what loading does."""

from __future__ import annotations

from datetime import date
from functools import partial
from uuid import UUID

from sqlalchemy import text

from libs.common.db import Database
from libs.common.loading import data_folder
from services.grid.main import SERVICE
from services.grid.nodes import service
from services.grid.nodes.models import Node
from tests.grid.factories import MONDAY, NEIGHBOURHOOD, outbox

TODAY = date(2026, 11, 23)
TOPIC = "jiayuan.grid.node.v1"


async def _standing(database: Database, area: str, day: date = TODAY) -> dict[str, Node]:
    found = await database.read(lambda session: service.standing(session, [area], day))
    return found[area]


async def _load(database: Database) -> str:
    folder = data_folder(SERVICE)
    return await database.transact(lambda session: service.load_nodes(session, folder))


async def test_each_level_has_its_node_around_a_unit_grid(database: Database) -> None:
    found = await _standing(database, f"{NEIGHBOURHOOD}001")
    assert {level: node.area for level, node in found.items()} == {
        "information_point": NEIGHBOURHOOD,
        "workstation": "310101002",
        "subdistrict": "310101002",
        "district": "310101",
    }
    assert await _standing(database, NEIGHBOURHOOD, date(2017, 12, 31)) == {}


async def test_loading_again_changes_nothing_and_leaves_what_the_office_changed(database: Database) -> None:
    assert (await _load(database)).endswith(" 0 changed")
    node = (await _standing(database, NEIGHBOURHOOD))["workstation"]
    changes = {"name": "福建中路社区工作站", "source": "街道办通知"}
    actor = service.GRID
    await database.transact(
        lambda s: service.change(s, node.id, changes, expect=node.version, actor=actor, now=MONDAY)
    )
    assert (await _load(database)).endswith(" 0 changed")
    kept = (await _standing(database, NEIGHBOURHOOD))["workstation"]
    assert (kept.name, kept.demonstration, kept.version) == ("福建中路社区工作站", False, node.version + 1)
    (told,) = await outbox(database, TOPIC)
    assert (told.payload["name"], told.version) == ("福建中路社区工作站", node.version + 1)


async def test_restating_says_every_node_without_a_telephone(database: Database) -> None:
    last: UUID | None = None
    while True:
        last = await database.transact(partial(service.restate_nodes, limit=100, after=last))
        if last is None:
            break
    told = await outbox(database, TOPIC)
    ids = await database.read(lambda s: s.scalars(text("SELECT id FROM node")))
    assert {sent.aggregate_id for sent in told} == set(ids)
    assert all("telephone" not in sent.payload and sent.payload["covers"] for sent in told)
