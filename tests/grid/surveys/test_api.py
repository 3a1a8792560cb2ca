"""Unit grids imported over HTTP: checked, in force from a day on, the former ones ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import text

from libs.common.policy import Role
from services.grid.main import SERVICE
from services.grid.places import locating
from tests.grid.factories import MONDAY, NEIGHBOURHOOD, Desk, as_, outbox

EDITIONS = "/grid/v1/unit-grid-editions"
TOPIC = "jiayuan.grid.unit-grid-edition.v1"


async def features(desk: Desk) -> list[dict[str, Any]]:
    path = f"/grid/v1/areas/{NEIGHBOURHOOD}/unit-grids"
    told: list[dict[str, Any]] = (await desk.client.get(path, headers=as_(Role.INSPECTOR))).json()["features"]
    return [
        {"type": "Feature", "properties": {"code": one["id"]}, "geometry": one["geometry"]} for one in told
    ]


async def send(desk: Desk, given: list[dict[str, Any]], **changes: Any) -> httpx.Response:
    body = {
        "crs": "CGCS2000", "effective_from": "2026-11-25", "source": "普查", "dry_run": False,
        "collection": {"type": "FeatureCollection", "features": given}, **changes,
    }  # fmt: skip
    return await desk.client.post(EDITIONS, json=body, headers=as_(Role.ADMINISTRATOR))


async def locate(desk: Desk, lon: float, lat: float) -> dict[str, Any]:
    asked: dict[str, float | str] = {"lon": lon, "lat": lat, "crs": "CGCS2000"}
    told: dict[str, Any] = (
        await desk.client.get("/grid/v1/locate", params=asked, headers=as_(Role.INSPECTOR))
    ).json()
    return told


def renamed(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same shapes with the codes of the first two exchanged."""
    one, two, *rest = given
    return [one | {"properties": two["properties"]}, two | {"properties": one["properties"]}, *rest]


async def test_an_edition_takes_the_place_of_the_former_one_on_its_day(desk: Desk) -> None:
    given = await features(desk)
    first = given[0]["properties"]["code"]
    point = await desk.database.read(
        lambda s: s.execute(
            text("SELECT centre_lon / 1e6, centre_lat / 1e6 FROM unit_grid ORDER BY code LIMIT 1")
        )
    )
    ((lon, lat),) = point
    await desk.database.read(lambda s: locating.warm_up(s, on=MONDAY.date()))
    assert (await locate(desk, lon, lat))["unit_grid"] == first

    tried = (await send(desk, renamed(given), dry_run=True)).json()
    assert (tried["edition"], tried["cells"], tried["errors"], tried["findings"]) == (None, len(given), 0, [])
    done = await send(desk, renamed(given))
    assert done.status_code == 200, done.text
    assert (done.json()["edition"], done.json()["ended"]) == (1, len(given))
    assert (await locate(desk, lon, lat))["unit_grid"] == first, "not before its day"
    desk.clock.tick(timedelta(days=2))
    there = await locate(desk, lon, lat)
    assert (there["unit_grid"], there["demonstration"]) == (given[1]["properties"]["code"], False)
    former = text(
        "SELECT DISTINCT CAST(valid_to AS text) FROM unit_grid WHERE edition = 0 AND code LIKE :code"
    )
    ends = await desk.database.read(lambda s: s.scalars(former, {"code": f"{NEIGHBOURHOOD}%"}))
    assert ends.all() == ["2026-11-24"]
    (event,) = await outbox(desk.database, TOPIC)
    assert (event.payload["number"], event.payload["townships"]) == (1, [NEIGHBOURHOOD[:9]])
    (listed,) = (await desk.client.get(EDITIONS, headers=as_(Role.INSPECTOR))).json()["items"]
    assert (listed["number"], listed["crs"], listed["cells"]) == (1, "CGCS2000", len(given))
    await desk.database.transact(lambda s: SERVICE.restaters["unit-grid-edition"](s, 10, None))
    again = await send(desk, given, effective_from="2026-11-25")
    assert {one["kind"] for one in again.json()["data"]["findings"]} == {"edition-later"}


async def test_a_file_with_mistakes_is_refused_with_all_of_them(desk: Desk) -> None:
    given = await features(desk)
    given[0]["properties"] = {"code": "12"}
    given.append(given[2])
    refused = (await send(desk, given)).json()
    assert (refused["code"], refused["data"]["errors"]) == ("survey-refused", 3)
    told = {(one["kind"], one["feature"]) for one in refused["data"]["findings"]}
    assert told == {("code-invalid", 1), ("code-duplicate", len(given)), ("overlap", 3)}
    tried = (await send(desk, given, dry_run=True)).json()
    assert (tried["errors"], {(f["kind"], f["feature"]) for f in tried["findings"]}) == (3, told)
    assert (await send(desk, given, effective_from="2026-11-22")).json()["code"] == "survey-too-early"
    outside = as_(Role.ADMINISTRATOR, areas=["310107"])
    body = {
        "crs": "CGCS2000", "effective_from": "2026-11-25", "source": "普查", "dry_run": True,
        "collection": {"type": "FeatureCollection", "features": given},
    }  # fmt: skip
    assert (await desk.client.post(EDITIONS, json=body, headers=outside)).status_code == 404
    count = text("SELECT count(*) FROM unit_grid WHERE edition > 0")
    assert await desk.database.read(lambda s: s.scalar(count)) == 0
