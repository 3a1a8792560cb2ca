"""The geography over HTTP: shapes, labels, paging, and what is refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from shapely.geometry import shape


async def get(client: httpx.AsyncClient, path: str, status: int = 200, **query: Any) -> Any:
    response = await client.get(f"/grid/v1{path}", params=query)
    assert response.status_code == status, response.text
    return response.json()


async def test_areas_below_an_area_page_by_page(client: httpx.AsyncClient) -> None:
    codes: list[str] = []
    after = None
    while True:
        page = await get(client, "/areas", parent="310106", limit=5, **({"after": after} if after else {}))
        codes += [area["code"] for area in page["items"]]
        after = page["next"]
        if after is None:
            break

    assert len(codes) == len(set(codes)) == 14
    assert codes == sorted(codes)


async def test_areas_by_level_and_text(client: httpx.AsyncClient) -> None:
    page = await get(client, "/areas", level="township", q="南京")

    assert {area["name"] for area in page["items"]} == {"南京东路街道", "南京西路街道"}


async def test_an_area(client: httpx.AsyncClient) -> None:
    area = await get(client, "/areas/310101002")

    assert (area["name"], area["parent_code"], area["demonstration"]) == ("南京东路街道", "310101", False)


async def test_an_ended_area_names_its_successor(client: httpx.AsyncClient) -> None:
    assert (await get(client, "/areas/310108"))["successor"] == "310106"
    names = {a["name"] for a in (await get(client, "/areas", level="district", ended=True))["items"]}
    assert "闸北区" in names


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/areas/310199", "area-unknown"),
        ("/areas/310101002001/nothing", "route-not-found"),
        ("/areas/310103/outline", "outline-unknown"),
        ("/unit-grids/310101002001999", "unit-grid-unknown"),
        ("/estates/0160af04-9000-7000-8000-000000000000", "estate-unknown"),
    ],
)
async def test_what_does_not_exist(client: httpx.AsyncClient, path: str, code: str) -> None:
    problem = await get(client, path, status=404)
    if code != "route-not-found":
        assert problem["code"] == code


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/areas", {"parent": "31010"}),
        ("/areas", {"level": "street"}),
        ("/areas", {"q": ""}),
        ("/areas/3101x", {}),
        ("/unit-grids/31010100200100", {}),
        ("/estates", {}),
        ("/estates", {"area": "3101010020010011"}),
        ("/locate", {"lon": 121.47, "lat": 31.23}),
        ("/locate", {"lon": 121.47, "lat": 31.23, "crs": "EPSG:4326"}),
        ("/locate", {"lon": "nan", "lat": 31.23, "crs": "WGS84"}),
        ("/locate", {"lon": 31.23, "lat": 121.47, "crs": "WGS84"}),
    ],
)
async def test_what_has_no_meaning(client: httpx.AsyncClient, path: str, query: dict[str, Any]) -> None:
    await get(client, path, status=422, **query)


async def test_a_unit_grid_is_labelled_geojson(client: httpx.AsyncClient) -> None:
    feature = await get(client, "/unit-grids/310101002001001")

    polygon = shape(feature["geometry"])
    assert polygon.is_valid
    assert feature["type"] == "Feature"
    assert feature["bbox"] == pytest.approx(polygon.bounds)
    assert feature["properties"]["label"] == "演示"
    assert feature["properties"]["demonstration"] is True
    assert feature["properties"]["area_m2"] > 1_000


async def test_the_unit_grids_of_a_neighbourhood_are_its_outline(client: httpx.AsyncClient) -> None:
    cells = await get(client, "/areas/310101002001/unit-grids")
    outline = await get(client, "/areas/310101002001/outline")

    whole = shape(outline["geometry"])
    parts = [shape(feature["geometry"]) for feature in cells["features"]]
    assert sum(part.area for part in parts) == pytest.approx(whole.area)
    assert outline["properties"]["label"] == "演示"
    assert outline["properties"]["name"].endswith("居委会")


async def test_a_districts_outline_is_real(client: httpx.AsyncClient) -> None:
    feature = await get(client, "/areas/310101/outline")

    assert (feature["properties"]["label"], feature["properties"]["demonstration"]) == (None, False)


async def test_locate_names_what_lies_around(client: httpx.AsyncClient) -> None:
    place = await get(client, "/locate", lon=121.4782, lat=31.2285, crs="GCJ02")

    assert (place["lon"], place["lat"]) == pytest.approx((121.4737, 31.2304), abs=1e-4)
    assert place["crs"] == "CGCS2000"
    assert place["areas"][2] == {"code": "310101", "name": "黄浦区", "level": "district"}
    assert place["unit_grid"].startswith(place["areas"][-1]["code"])
    assert (place["nearest"], place["label"]) == (False, "演示")


async def test_locate_outside(client: httpx.AsyncClient) -> None:
    problem = await get(client, "/locate", status=422, lon=116.4, lat=39.9, crs="CGCS2000")

    assert problem["code"] == "outside-area"


async def test_estates_of_an_area(client: httpx.AsyncClient) -> None:
    page = await get(client, "/estates", area="310101002", limit=3)
    rest = await get(client, "/estates", area="310101002", limit=200, after=page["next"])

    ids = [estate["id"] for estate in page["items"] + rest["items"]]
    assert len(ids) == len(set(ids)) > 30
    estate = await get(client, f"/estates/{ids[0]}")
    assert estate == page["items"][0]
    assert estate["label"] == "演示"
    assert estate["covers"][0]["area_code"].startswith("310101002")


async def test_estates_on_a_day_before_they_were_there(client: httpx.AsyncClient) -> None:
    assert (await get(client, "/estates", area="310101002", on="2017-01-01"))["items"] == []


async def test_an_area_has_an_etag(client: httpx.AsyncClient) -> None:
    first = await client.get("/grid/v1/areas/310101")
    again = await client.get("/grid/v1/areas/310101", headers={"If-None-Match": first.headers["etag"]})

    assert (first.headers["etag"], again.status_code) == ('"1"', 304)
