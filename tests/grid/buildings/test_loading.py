"""Demonstration estates are filled with buildings, walls and firms, once, and can be found."""

from __future__ import annotations

from sqlalchemy import text

from libs.common.clocks import local_date
from libs.common.db import Database
from services.grid.addresses import service as addresses
from services.grid.buildings.generation import Count, Making
from services.grid.buildings.loading import fill_estates
from services.grid.main import SERVICE
from tests.grid.factories import MONDAY, NEIGHBOURHOOD, outbox

MAKING = Making(
    townships=(NEIGHBOURHOOD[:9],),
    buildings=Count(least=2, most=3),
    firms=("演示物业",),
    seed=1,
    source="演示",
)


async def test_a_township_is_filled_once(database: Database) -> None:
    await database.transact(lambda s: fill_estates(s, MAKING, now=MONDAY))
    told = await outbox(database, "jiayuan.grid.estate.v1")
    assert told
    assert all(event.payload["walled"] and event.payload["demonstration"] for event in told)
    assert {event.payload["management"][0]["firm_name"] for event in told} >= {"演示物业"}
    buildings = await outbox(database, "jiayuan.grid.building.v1")
    assert 2 * len(told) <= len(buildings) <= 3 * len(told)
    assert all(event.payload["demonstration"] for event in buildings)

    await database.transact(lambda s: fill_estates(s, MAKING, now=MONDAY))
    assert len(await outbox(database, "jiayuan.grid.estate.v1")) == len(told)
    await database.transact(lambda s: SERVICE.restaters["building"](s, 5, None))
    assert len(await outbox(database, "jiayuan.grid.building.v1")) == len(buildings) + 5

    address = buildings[0].payload["aliases"][0]
    (found,) = await database.read(lambda s: addresses.find(s, address, on=local_date(MONDAY)))
    assert (found.building_id, found.confidence) == (buildings[0].aggregate_id, 95)
    inside = text("SELECT count(*) FROM estate WHERE wall IS NOT NULL AND NOT demonstration")
    assert await database.read(lambda s: s.scalar(inside)) == 0
