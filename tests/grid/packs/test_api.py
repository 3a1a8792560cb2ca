"""What a device holds without a network: the pack of an area, by a tag that costs little."""

from __future__ import annotations

from typing import Any

import httpx

from libs.common.policy import Role
from tests.grid.factories import DISTRICT, NEIGHBOURHOOD, Desk, as_
from tests.grid.reports.door import altered
from tests.support.statements import statements

FIRST = f"code = '{NEIGHBOURHOOD}001'"
AGAIN = "UPDATE unit_grid SET valid_to = NULL"


async def get(desk: Desk, path: str, tag: str | None = None) -> httpx.Response:
    """The answer to an inspector who holds the tag."""
    held = {"if-none-match": tag} if tag else {}
    return await desk.client.get(f"/grid/v1{path}", headers=as_(Role.INSPECTOR) | held)


async def test_the_pack_of_an_area_holds_its_tree_estates_and_unit_grids(desk: Desk) -> None:
    answer = await get(desk, f"/areas/{NEIGHBOURHOOD}/pack")
    pack: dict[str, Any] = answer.json()
    assert (answer.status_code, pack["code"], pack["crs"], pack["label"]) == (
        200, NEIGHBOURHOOD, "CGCS2000", "演示",
    )  # fmt: skip
    assert [area["code"] for area in pack["areas"]] == [NEIGHBOURHOOD]
    cells = (await get(desk, f"/areas/{NEIGHBOURHOOD}/unit-grids")).json()["features"]
    assert [cell["code"] for cell in pack["unit_grids"]] == [cell["id"] for cell in cells]
    ring = [number / 1e6 for number in pack["unit_grids"][0]["ring"]]
    drawn = cells[0]["geometry"]["coordinates"][0]
    assert [ring[:2], ring[2:4]] == drawn[:2]
    estates = (await get(desk, f"/estates?area={NEIGHBOURHOOD}")).json()["items"]
    assert [one["id"] for one in pack["estates"]] == [one["id"] for one in estates]
    assert all(code.startswith(NEIGHBOURHOOD) for one in pack["estates"] for code in one["covers"])
    whole = (await get(desk, f"/areas/{DISTRICT}/pack")).json()
    assert len(whole["areas"]) > 10
    assert {area["code"][:6] for area in whole["areas"]} == {DISTRICT}
    assert (await get(desk, "/areas/310101999/pack")).status_code == 404
    assert (await get(desk, "/areas/31/pack")).status_code == 422


async def test_the_tag_of_a_pack_changes_with_it_and_spares_it(desk: Desk) -> None:
    path = f"/areas/{NEIGHBOURHOOD}/pack"
    tag = (await get(desk, path)).headers["etag"]
    async with statements(desk.database) as asked:
        same = await get(desk, path, tag)
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert not [one for one, _ in asked if "json_build_object" in one]
    geography = "UPDATE geography SET digest = "
    for change, back in (
        ("UPDATE area SET version = version + 1", "UPDATE area SET version = version - 1"),
        (f"UPDATE unit_grid SET valid_to = '2026-01-01' WHERE {FIRST}", f"{AGAIN} WHERE {FIRST}"),
        ("UPDATE estate SET version = version + 1", "UPDATE estate SET version = version - 1"),
        (f"{geography} 'x' || digest", f"{geography} substr(digest, 2)"),
    ):
        async with altered(desk.database, change, back):
            answer = await get(desk, path, tag)
        assert (answer.status_code, answer.headers["etag"] != tag) == (200, True), change
    assert (await get(desk, path, tag)).status_code == 304
