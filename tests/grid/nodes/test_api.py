"""The four levels as organisations with the areas that they cover."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from libs.common.policy import Role
from services.grid.nodes import service
from tests.grid.factories import NEIGHBOURHOOD, Desk, as_


async def test_each_level_has_a_node_over_a_neighbourhood_and_loading_twice_changes_nothing(
    desk: Desk,
) -> None:
    for _ in range(2):
        await desk.database.transact(lambda s: service.make_nodes(s, Path()))
        counted = await desk.database.read(lambda s: s.scalar(text("SELECT count(*) FROM node_cover")))
        assert counted
    asked = {"area": f"{NEIGHBOURHOOD}002"}
    answer = await desk.client.get("/grid/v1/nodes", params=asked, headers=as_(Role.INSPECTOR))
    assert answer.status_code == 200, answer.text
    nodes = {node["level"]: node for node in answer.json()["items"]}
    assert len(answer.json()["items"]) == 4
    assert nodes["district"]["covers"] == ["310101"]
    assert nodes["subdistrict"]["covers"] == ["310101002"]
    assert nodes["information_point"]["covers"] == [NEIGHBOURHOOD]
    assert NEIGHBOURHOOD in nodes["workstation"]["covers"]
    assert 1 <= len(nodes["workstation"]["covers"]) <= 5
    query = """SELECT count(*) FROM area WHERE length(code) = 12 AND valid_to IS NULL AND NOT EXISTS
        (SELECT FROM node_cover JOIN node ON node.id = node_id
        WHERE level = 'workstation' AND node_cover.area = area.code)"""
    assert await desk.database.read(lambda s: s.scalar(text(query))) == 0


async def test_before_it_began_nobody_had_the_area(desk: Desk) -> None:
    await desk.database.transact(lambda s: service.make_nodes(s, Path()))
    asked = {"area": NEIGHBOURHOOD, "on": "2000-01-01"}
    answer = await desk.client.get("/grid/v1/nodes", params=asked, headers=as_(Role.INSPECTOR))
    assert answer.json()["items"] == []
