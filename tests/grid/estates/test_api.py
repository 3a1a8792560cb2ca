"""Estates over HTTP: kept by the office, with who manages them since when, and a wall."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from libs.common.ids import new_id
from libs.common.policy import Role
from services.grid.main import SERVICE
from services.grid.places import locating
from tests.grid.factories import MONDAY, NEIGHBOURHOOD, Desk, as_, known_unit, outbox, report_body

ESTATES = "/grid/v1/estates"
CELL = f"{NEIGHBOURHOOD}001"
NEW = {
    "name": "外滩新苑", "aliases": ["福建中路100弄"], "mode": "self_service", "covers": [CELL],
    "valid_from": "2020-01-01", "source": "房管局名录",
}  # fmt: skip
FIRM = {"since": "2026-01-01", "mode": "firm", "firm_name": "福安物业", "source": "备案"}
LEFT = {"since": "2026-11-01", "mode": "abandoned", "reason": "拖欠物业费，企业撤离", "source": "街道房办"}
READER = as_(Role.INSPECTOR)


async def said(
    desk: Desk, method: str, path: str, body: Any, *, status: int = 200, version: int | None = None
) -> dict[str, Any]:
    headers = as_(Role.ADMINISTRATOR, version=version)
    answer = await desk.client.request(method, f"{ESTATES}{path}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def got(client: httpx.AsyncClient, path: str, **asked: Any) -> Any:
    answer = await client.get(f"/grid/v1{path}", params=asked, headers=READER)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def centre(desk: Desk) -> tuple[float, float]:
    query = text("SELECT centre_lon / 1e6, centre_lat / 1e6 FROM unit_grid WHERE code = :code")
    (row,) = await desk.database.read(lambda s: s.execute(query, {"code": CELL}))
    return float(row[0]), float(row[1])


def ring_around(lon: float, lat: float, half: float = 0.0001) -> list[list[float]]:
    return [[lon + x * half, lat + y * half] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]


async def test_who_manages_an_estate_is_kept_with_its_dates(desk: Desk) -> None:
    made = await said(desk, "POST", "", NEW, status=201)
    assert (made["version"], made["management"], made["demonstration"]) == (1, "managed", False)
    path = f"/{made['id']}"
    unit = str(await known_unit(desk.database))
    for wrong, code, pointer in (
        ({**LEFT}, "management-incomplete", "/fallback_unit_id"),
        ({**LEFT, "fallback_unit_id": str(new_id())}, "unit-unknown", "/fallback_unit_id"),
        ({**FIRM, "firm_name": None}, "management-incomplete", "/firm_name"),
        ({**FIRM, "since": "2027-01-01"}, "management-in-future", "/since"),
    ):
        refused = await said(desk, "POST", f"{path}/management", wrong, status=422, version=1)
        assert (refused["code"], refused["errors"][0]["pointer"]) == (code, pointer)
    await said(desk, "POST", f"{path}/management", FIRM, version=1)
    gone = {**LEFT, "fallback_unit_id": unit}
    await said(desk, "POST", f"{path}/management", gone, status=412, version=1)
    told = await said(desk, "POST", f"{path}/management", gone, version=2)
    assert (told["version"], told["mode"], told["management"]) == (3, "abandoned", "abandoned")
    spans = [(p["since"], p["until"], p["state"], p["firm_name"]) for p in told["periods"]]
    assert spans == [
        ("2020-01-01", "2025-12-31", "managed", None),
        ("2026-01-01", "2026-10-31", "managed", "福安物业"),
        ("2026-11-01", None, "abandoned", None),
    ]
    early = await said(desk, "POST", f"{path}/management", FIRM, status=409, version=3)
    assert early["code"] == "management-not-later"
    assert [one["id"] for one in await listed(desk, management="abandoned")] == [made["id"]]
    events = await outbox(desk.database, "jiayuan.grid.estate.v1")
    assert [event.version for event in events] == [1, 2, 3]
    last = events[-1].payload["management"][-1]
    assert (last["state"], last["fallback_unit_id"], "reason" in last) == ("abandoned", unit, False)
    history = await desk.client.get(f"{ESTATES}{path}/history", headers=as_(Role.ADMINISTRATOR))
    assert [step["action"] for step in history.json()["items"]] == ["register", "manage", "manage"]
    restated = await desk.database.transact(lambda s: SERVICE.restaters["estate"](s, 10_000, None))
    assert restated is not None


async def listed(desk: Desk, **asked: Any) -> list[dict[str, Any]]:
    page = await got(desk.client, "/estates", area=CELL, limit=200, **asked)
    found: list[dict[str, Any]] = page["items"]
    return [one for one in found if not one["demonstration"]]


async def test_an_estate_is_found_by_its_name_and_changed_by_the_office_of_its_area(desk: Desk) -> None:
    made = await said(desk, "POST", "", NEW, status=201)
    assert [one["id"] for one in await listed(desk, q="外灘新苑")] == [made["id"]]
    assert await listed(desk, q="外滩旧苑") == []
    path = f"/{made['id']}"
    changes = {"name": "外滩旧苑", "covers": [f"{NEIGHBOURHOOD}002"]}
    told = await said(desk, "PATCH", path, changes, version=1)
    assert {row["area_code"]: row["valid_to"] for row in told["covers"]} == {
        CELL: "2026-11-22", f"{NEIGHBOURHOOD}002": None,
    }  # fmt: skip
    assert await listed(desk, q="外滩旧苑") == []  # it covers another unit grid now
    there = await got(desk.client, "/estates", area=NEIGHBOURHOOD, q="外滩旧苑")
    assert [one["id"] for one in there["items"]] == [made["id"]]
    for body, status, code in (
        ({**NEW, "covers": ["310101002999"]}, 404, "area-unknown"),
        ({**NEW, "covers": [CELL, "310107005001"]}, 422, "estate-cover-too-wide"),
        ({**NEW, "covers": ["310107005001"]}, 404, "not-found"),
        ({**NEW, "valid_to": "2019-01-01"}, 422, "dates-inverted"),
    ):
        assert (await said(desk, "POST", "", body, status=status))["code"] == code


async def test_places_are_inside_or_outside_a_wall_and_cases_keep_it(desk: Desk) -> None:
    lon, lat = await centre(desk)
    made = await said(desk, "POST", "", NEW, status=201)
    unknown = await got(desk.client, "/locate", lon=lon, lat=lat, crs="CGCS2000")
    assert unknown["inside_wall"] is None
    path = f"/{made['id']}/wall"
    crossing = [[lon, lat], [lon + 1e-4, lat + 1e-4], [lon + 1e-4, lat], [lon, lat + 1e-4]]
    refused = await said(desk, "PUT", path, {"ring": crossing, "crs": "CGCS2000"}, status=422, version=1)
    assert refused["code"] == "wall-invalid"
    body = {"ring": ring_around(lon, lat), "crs": "CGCS2000"}
    told = await said(desk, "PUT", path, body, version=1)
    assert len(told["wall"]) == 5
    inside = await got(desk.client, "/locate", lon=lon, lat=lat, crs="CGCS2000")
    assert (inside["estate_id"], inside["inside_wall"]) == (made["id"], True)
    point = {"lon": lon, "lat": lat, "crs": "CGCS2000"}
    alone = await desk.report(place={"point": point})  # the ordinary way: nothing is in memory yet
    await desk.database.read(lambda s: locating.warm_up(s, on=MONDAY.date()))
    together = await desk.report(place={"point": point}, description="4号楼")
    outside = await desk.report(place={"point": point, "inside_wall": False}, description="5号楼")
    for wanted, cases in ((True, {alone, together}), (False, {outside})):
        page = await got(desk.client, "/cases", inside_wall=wanted)
        assert {UUID(row["id"]) for row in page["items"]} == cases
        assert {row["estate_id"] for row in page["items"]} == {made["id"]}
    await said(desk, "PUT", path, {"ring": None, "crs": "CGCS2000"}, version=2)
    assert (await got(desk.client, "/locate", lon=lon, lat=lat, crs="CGCS2000"))["inside_wall"] is None


async def test_an_address_alone_is_a_place_if_it_is_known_for_sure(desk: Desk) -> None:
    made = await said(desk, "POST", "", NEW, status=201)
    lon, lat = await centre(desk)
    point = {"lon": lon, "lat": lat, "crs": "CGCS2000"}
    building = {
        "number": "3号楼",
        "aliases": ["福建中路102号"],
        "floors": 6,
        "point": point,
        "source": "名录",
    }
    told = await said(desk, "POST", f"/{made['id']}/buildings", building, status=201)
    assert (told["number"], told["lon"]) == ("3", lon)
    taken = await said(desk, "POST", f"/{made['id']}/buildings", building, status=409)
    assert taken["code"] == "building-number-taken"
    for address, number, confidence, area in (
        ("黄浦区福建中路１００弄三號樓502室", "3", 95, CELL),
        ("福建中路102号", "3", 95, CELL),
        ("外滩新苑3幢", "3", 95, CELL),
        ("福建中路100弄门口", None, 85, NEIGHBOURHOOD),
        ("外灘新苑门口", None, 70, NEIGHBOURHOOD),
    ):
        (one,) = (await got(desk.client, "/addresses", text=address))["items"]
        assert (one["number"], one["confidence"], one["area"]) == (number, confidence, area), address
    assert (await got(desk.client, "/addresses", text="不知名路9号"))["items"] == []
    case_id = await desk.report(place={"address": "福建中路100弄3号502室"})
    case = await desk.case(case_id)
    assert (case.area, case.estate_id) == (CELL, UUID(made["id"]))
    lost = report_body(place={"address": "不知名路9号"})
    answer = await desk.client.put(f"/grid/v1/cases/{new_id()}", json=lost, headers=as_(Role.INSPECTOR))
    assert (answer.status_code, answer.json()["code"]) == (422, "place-missing")
    again = {**NEW, "aliases": []}
    await said(desk, "POST", "", again, status=201)  # of two estates of one name none is sure
    both = (await got(desk.client, "/addresses", text="外滩新苑"))["items"]
    assert [one["confidence"] for one in both] == [35, 35]
