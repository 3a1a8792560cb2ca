"""Responsibility grids over HTTP: whose a unit grid is, which ones nobody has, and who is on duty there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from libs.common.policy import Role
from tests.grid.factories import NEIGHBOURHOOD, Desk, as_, outbox

GRIDS = "/grid/v1/responsibility-grids"
CELLS = [f"{NEIGHBOURHOOD}{number:03}" for number in (1, 2, 3)]


def grid(code: str, *cells: str, **changes: Any) -> dict[str, Any]:
    covers = [{"area": cell, "valid_from": "2026-11-01"} for cell in cells]
    told = {
        "code": code,
        "name": f"责任网格{code}",
        "area": NEIGHBOURHOOD,
        "covers": covers,
        "source": "划分",
    }
    return told | changes


async def send(desk: Desk, method: str, path: str, body: Any, *, status: int, version: int = 1) -> Any:
    headers = as_(Role.ADMINISTRATOR, version=version)
    answer = await desk.client.request(method, path, json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def get(desk: Desk, path: str, **asked: Any) -> Any:
    answer = await desk.client.get(path, params=asked, headers=as_(Role.DISPATCHER))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def centre(desk: Desk, cell: str) -> tuple[float, float]:
    query = text("SELECT centre_lon / 1e6, centre_lat / 1e6 FROM unit_grid WHERE code = :code")
    (row,) = await desk.database.read(lambda s: s.execute(query, {"code": cell}))
    return float(row[0]), float(row[1])


async def test_each_unit_grid_has_one_and_the_others_are_listed(desk: Desk) -> None:
    before = (await get(desk, f"{GRIDS}/uncovered", area=NEIGHBOURHOOD))["items"]
    assert set(CELLS) <= set(before)
    one = await send(desk, "POST", GRIDS, grid("Z1", *CELLS[:2]), status=201)
    for body, status, code in (
        (grid("Z2", CELLS[0]), 409, "unit-grid-taken"),
        (grid("Z1", CELLS[2]), 409, "responsibility-grid-code-taken"),
        (grid("Z2", f"{NEIGHBOURHOOD[:-1]}2001"), 422, "node-cover-outside"),
        (grid("Z2", CELLS[2], valid_from="2026-11-02", valid_to="2026-11-01"), 422, "dates-inverted"),
    ):
        assert (await send(desk, "POST", GRIDS, body, status=status))["code"] == code
    rest = (await get(desk, f"{GRIDS}/uncovered", area=NEIGHBOURHOOD, limit=1))["items"]
    assert rest == [CELLS[2]]
    assert CELLS[0] in (await get(desk, f"{GRIDS}/uncovered", area=NEIGHBOURHOOD, on="2026-10-31"))["items"]
    (listed,) = (await get(desk, GRIDS, area=CELLS[0]))["items"]
    assert listed == one == await get(desk, f"{GRIDS}/{one['id']}")
    ended = {"covers": [{"area": CELLS[0], "valid_from": "2026-11-01", "valid_to": "2026-11-22"}]}
    await send(desk, "PATCH", f"{GRIDS}/{one['id']}", ended, status=200)
    assert (await get(desk, GRIDS, area=CELLS[0]))["items"] == []
    await send(desk, "POST", GRIDS, grid("Z2", CELLS[1]), status=201)
    events = await outbox(desk.database, "jiayuan.grid.responsibility-grid.v1")
    assert [(event.version, len(event.payload["covers"])) for event in events] == [(1, 2), (2, 1), (1, 1)]


async def test_who_is_on_duty_for_a_point_is_whoever_has_its_responsibility_grid(desk: Desk) -> None:
    one = await send(desk, "POST", GRIDS, grid("Z1", CELLS[0]), status=201)
    two = await send(desk, "POST", GRIDS, grid("Z2", CELLS[1]), status=201)
    turn = {
        "name": "张三", "role": "inspector", "area": NEIGHBOURHOOD, "source": "值班表",
        "starts_at": "2026-11-23T08:00:00+08:00", "ends_at": "2026-11-23T20:00:00+08:00",
    }  # fmt: skip
    chief = as_(Role.DUTY_CHIEF)
    mine = {"person": "li", "responsibility_grid_id": one["id"]}
    theirs = {"person": "wang", "responsibility_grid_id": two["id"]}
    items = [turn | mine, turn | theirs, turn | {"person": "zhao"}]
    made = await desk.client.post("/grid/v1/rosters", json={"items": items}, headers=chief)
    assert made.status_code == 201, made.text
    for cell, people, grid_id in (
        (CELLS[0], ["li"], one["id"]), (CELLS[1], ["wang"], two["id"]), (CELLS[2], ["zhao"], None),
    ):  # fmt: skip
        at = await centre(desk, cell)
        told = await get(desk, "/grid/v1/rosters/on-duty/point", lon=at[0], lat=at[1], crs="CGCS2000")
        on_duty = {role["role"]: [turn["person"] for turn in role["turns"]] for role in told["items"]}
        assert (told["area"], told["responsibility_grid_id"], on_duty["inspector"]) == (cell, grid_id, people)
    whole = await get(desk, "/grid/v1/rosters/on-duty", area=NEIGHBOURHOOD)
    inspectors = next(role["turns"] for role in whole["items"] if role["role"] == "inspector")
    assert {turn["person"] for turn in inspectors} == {"li", "wang", "zhao"}
    elsewhere = turn | {"person": "qian", "area": NEIGHBOURHOOD[:9], "responsibility_grid_id": one["id"]}
    refused = await desk.client.post(
        "/grid/v1/rosters", json={"items": [elsewhere]}, headers=as_(Role.DUTY_CHIEF)
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "responsibility-grid-elsewhere")
