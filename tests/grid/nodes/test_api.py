"""Nodes over HTTP: read by all, written by the administrator of their area, with a history."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from libs.common.db import Database
from libs.common.policy import Role
from tests.grid.factories import NEIGHBOURHOOD, as_, outbox

NODES = "/grid/v1/nodes"
NEW: dict[str, Any] = {
    "code": "W310101002-21",
    "name": "外滩联合工作站",
    "level": "workstation",
    "area": "310101002",
    "covers": [{"area": f"{NEIGHBOURHOOD}001", "valid_from": "2026-11-01"}],
    "telephone": "021-6321 1234",
    "source": "街道办 2026 年第 12 号",
}


async def listed(client: httpx.AsyncClient, **asked: Any) -> list[dict[str, Any]]:
    answer = await client.get(NODES, params=asked, headers=as_(Role.INSPECTOR))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def register(client: httpx.AsyncClient, status: int = 201, **changes: Any) -> dict[str, Any]:
    answer = await client.post(NODES, json=NEW | changes, headers=as_(Role.ADMINISTRATOR))
    assert answer.status_code == status, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_the_four_levels_of_a_neighbourhood(client: httpx.AsyncClient) -> None:
    found = {node["level"]: node for node in await listed(client, area=NEIGHBOURHOOD)}
    assert {level: node["loop"] for level, node in found.items()} == {
        "information_point": "self",
        "workstation": "micro",
        "subdistrict": "small",
        "district": "big",
    }
    assert {node["label"] for node in found.values()} == {"演示"}
    (one,) = await listed(client, area=NEIGHBOURHOOD, level="workstation")
    assert one == found["workstation"]
    assert await listed(client, area=NEIGHBOURHOOD, on="2017-12-31") == []
    answer = await client.get(f"{NODES}/{one['id']}", headers=as_(Role.INSPECTOR))
    assert answer.json() == one


async def test_pages_of_a_district_hold_each_node_once(client: httpx.AsyncClient) -> None:
    whole = [node["id"] for node in await listed(client, area="310101", limit=200)]
    answer = await client.get(NODES, params={"area": "310101", "limit": 7}, headers=as_(Role.LEADER))
    first = answer.json()
    again = await listed(client, area="310101", limit=7, after=first["next"])
    assert [node["id"] for node in (*first["items"], *again)] == whole[:14]


async def test_a_node_is_registered_and_told_without_its_telephone(
    client: httpx.AsyncClient, database: Database
) -> None:
    made = await register(client)
    assert (made["telephone"], made["demonstration"], made["label"]) == ("02163211234", False, None)
    (told,) = await outbox(database, "jiayuan.grid.node.v1")
    assert (told.payload["name"], told.payload["covers"][0]["area"]) == (NEW["name"], f"{NEIGHBOURHOOD}001")
    assert "telephone" not in told.payload


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"code": "D310101"}, 409, "node-code-taken"),
        ({"level": "village"}, 422, "level-unknown"),
        ({"area": "310101003"}, 422, "node-cover-outside"),
        ({"covers": [{"area": NEIGHBOURHOOD, "valid_from": "2026-11-01"}]}, 409, "node-cover-taken"),
        ({"valid_from": "2026-11-02", "valid_to": "2026-11-01"}, 422, "dates-inverted"),
        ({"area": "310106001"}, 404, "not-found"),
    ],
)
async def test_what_stands_against_a_node(
    client: httpx.AsyncClient, changes: dict[str, Any], status: int, code: str
) -> None:
    assert (await register(client, status, **changes))["code"] == code


async def test_a_node_is_changed_with_a_history(client: httpx.AsyncClient) -> None:
    made = await register(client)
    path, covers = f"{NODES}/{made['id']}", [{"area": f"{NEIGHBOURHOOD}002", "valid_from": "2026-12-01"}]
    changes = {"covers": covers, "seat": "福建中路100号", "telephone": None, "name": None}
    stale = await client.patch(path, json=changes, headers=as_(Role.ADMINISTRATOR, version=9))
    assert stale.status_code == 412
    answer = await client.patch(path, json=changes, headers=as_(Role.ADMINISTRATOR, version=1))
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["name"], shown["seat"], shown["telephone"]) == (NEW["name"], "福建中路100号", None)
    assert [cover["area"] for cover in shown["covers"]] == [f"{NEIGHBOURHOOD}002"]
    history = (await client.get(f"{path}/history", headers=as_(Role.ADMINISTRATOR))).json()["items"]
    assert [(step["action"], step["actor"]) for step in history] == [
        ("register", "administrator-1"), ("change", "administrator-1"),
    ]  # fmt: skip
    assert history[1]["changed"]["covers"]["from"][0]["area"] == f"{NEIGHBOURHOOD}001"


async def test_others_write_nothing_and_elsewhere_is_not_found(client: httpx.AsyncClient) -> None:
    made = await register(client)
    path, change = f"{NODES}/{made['id']}", {"name": "别名"}
    answer = await client.patch(path, json=change, headers=as_(Role.DISPATCHER, version=1))
    assert answer.status_code == 403
    far = as_(Role.ADMINISTRATOR, areas=("310107",), version=1)
    assert (await client.patch(path, json=change, headers=far)).status_code == 404
    unknown = await client.get(f"{NODES}/{'0' * 8}-0000-7000-8000-{'0' * 12}", headers=as_(Role.LEADER))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "node-unknown")
