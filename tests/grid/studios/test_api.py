"""Studios over HTTP: kept by the office, read by everybody, residents' matters made cases at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx

from libs.common.policy import Role
from tests.grid.factories import NEIGHBOURHOOD, Desk, as_, known_unit, outbox

STUDIO: dict[str, Any] = {
    "area": NEIGHBOURHOOD, "name": "第一居民区城管社区工作室", "role": "社区专管员",
    "contact": "021-63210000", "place": "居委会一楼", "valid_from": "2026-11-01", "source": "一览表",
    "hours": [
        {"weekday": 1, "begins": "08:30", "ends": "10:00"},
        {"weekday": 4, "begins": "14:00", "ends": "16:00"},
    ],
}  # fmt: skip
MATTER = {"category": "0202", "description": "3号楼2层楼道堆放纸箱", "address": "福建中路100弄3号2层"}
VISIT: dict[str, Any] = {
    "kind": "reception", "begins_at": "2026-11-23T08:30:00+08:00", "ends_at": "2026-11-23T09:30:00+08:00",
    "people": 6, "note": "听取意见",
}  # fmt: skip
OFFICE, PERSON = Role.DUTY_CHIEF, Role.INSPECTOR


async def post(desk: Desk, path: str, body: dict[str, Any], headers: dict[str, str]) -> httpx.Response:
    return await desk.client.post(f"/grid/v1/studios{path}", json=body, headers=headers)


async def studio(desk: Desk, **changes: Any) -> dict[str, Any]:
    answer = await post(desk, "", STUDIO | changes, as_(OFFICE))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_the_public_reads_whom_to_find_where_and_when(desk: Desk) -> None:
    made = await studio(desk)
    twice = await post(desk, "", STUDIO, as_(OFFICE))
    assert (twice.status_code, twice.json()["code"]) == (409, "studio-taken")
    away = await post(desk, "", STUDIO, as_(OFFICE, areas=["310107"]))
    assert away.status_code == 404
    path = f"/grid/v1/studios/{made['id']}"
    changed = await desk.client.patch(
        path, json={"contact": "021-63219999"}, headers=as_(OFFICE, version=made["version"])
    )
    assert changed.status_code == 200, changed.text
    shown = await desk.client.get("/grid/v1/public/studios", params={"area": NEIGHBOURHOOD[:9]})
    assert shown.json()["items"] == [
        {name: STUDIO[name] for name in ("area", "name", "role", "place", "hours")}
        | {"contact": "021-63219999"}
    ]
    history = await desk.client.get(f"{path}/history", headers=as_(OFFICE))
    assert [row["action"] for row in history.json()["items"]] == ["register", "change"]
    ended = {"valid_to": "2026-11-22"}
    await desk.client.patch(path, json=ended, headers=as_(OFFICE, version=2))
    gone = await desk.client.get("/grid/v1/public/studios", params={"area": NEIGHBOURHOOD})
    assert gone.json()["items"] == []
    asked = {"area": NEIGHBOURHOOD, "on": "2026-11-22"}
    then = await desk.client.get("/grid/v1/studios", params=asked, headers=as_(Role.COMMITTEE_MEMBER))
    assert [row["id"] for row in then.json()["items"]] == [made["id"]]
    await studio(desk, valid_from="2026-11-23", name="新工作室")
    told = await outbox(desk.database, "jiayuan.grid.studio.v1")
    assert [one.version for one in told] == [1, 2, 3, 1]
    assert all("contact" not in one.payload for one in told)


async def test_what_residents_tell_becomes_cases(desk: Desk) -> None:
    made = await studio(desk)
    path = f"/{made['id']}/visits"
    teller = {"name": "张三丰", "phone": "13812341234"}
    body = VISIT | {"matters": [MATTER | {"reporter": teller}, MATTER | {"category": "0305"}]}
    answer = await post(desk, path, body, as_(PERSON))
    assert answer.status_code == 201, answer.text
    visit = answer.json()
    assert (visit["in_hours"], len(visit["case_ids"])) == (True, 2)
    shown = await desk.read(UUID(visit["case_ids"][0]))
    assert (shown["channel"], shown["state"], shown["area"]) == ("studio", "reported", NEIGHBOURHOOD)
    assert shown["reporter"]["name"] == "张**"
    wrong = VISIT | {"matters": [MATTER, MATTER | {"category": "9999"}]}
    refused = await post(desk, path, wrong, as_(PERSON))
    assert (refused.status_code, refused.json()["code"]) == (422, "category-unknown")
    assert refused.json()["errors"][0]["pointer"] == "/matters/1"
    late = VISIT | {"begins_at": "2026-11-23T07:00:00+08:00", "ends_at": "2026-11-23T08:00:00+08:00"}
    assert (await post(desk, path, late | {"kind": "visit"}, as_(PERSON))).json()["in_hours"] is False
    assert (await post(desk, path, VISIT, as_(PERSON, areas=["310107"]))).status_code == 404
    headers = as_(Role.LEADER)
    first = await desk.client.get(f"/grid/v1/studios{path}", params={"limit": 1}, headers=headers)
    rest = await desk.client.get(
        f"/grid/v1/studios{path}", params={"after": first.json()["next"]}, headers=headers
    )
    assert [row["kind"] for row in first.json()["items"] + rest.json()["items"]] == ["reception", "visit"]
    told = await outbox(desk.database, "jiayuan.grid.visit.v1")
    assert (told[0].verb, told[0].payload["case_ids"]) == ("logged", visit["case_ids"])
    assert "note" not in told[0].payload


async def test_the_units_own_person_works_there_without_an_area(desk: Desk) -> None:
    unit, other = await known_unit(desk.database), await known_unit(desk.database)
    made = await studio(desk, unit_id=str(unit))
    path, body = f"/{made['id']}/visits", VISIT | {"matters": [MATTER]}
    clerk = as_(Role.UNIT_CLERK, unit_id=unit, areas=[])
    answer = await post(desk, path, body, clerk)
    assert answer.status_code == 201, answer.text
    assert (await desk.case(UUID(answer.json()["case_ids"][0]))).reported_by == "unit_clerk-1"
    for headers in (as_(Role.UNIT_CLERK, unit_id=other), as_(Role.UNIT_CLERK)):
        refused = await post(desk, path, body, headers)
        assert (refused.status_code, refused.json()["code"]) == (404, "studio-unknown")
        read = await desk.client.get(f"/grid/v1/studios{path}", headers=headers)
        assert read.status_code == 404
    ghost = await post(desk, "", STUDIO | {"unit_id": str(UUID(int=7))}, as_(OFFICE))
    assert (ghost.status_code, ghost.json()["errors"][0]["pointer"]) == (422, "/unit_id")


async def test_openings_that_were_kept_are_counted_by_studio(desk: Desk) -> None:
    made = await studio(desk)
    path = f"/{made['id']}/visits"
    late = {"begins_at": "2026-11-23T07:00:00+08:00", "ends_at": "2026-11-23T08:00:00+08:00"}
    for changes in ({}, {}, late, {"kind": "visit"}):
        assert (await post(desk, path, VISIT | changes, as_(PERSON))).status_code == 201
    asked = {"area": NEIGHBOURHOOD, "since": "2026-11-20", "until": "2026-11-29"}
    url = "/grid/v1/studios/attendance"
    answer = await desk.client.get(url, params=asked, headers=as_(Role.LEADER))
    (row,) = answer.json()["items"]
    assert (row["planned"], row["kept"], row["share"]) == (2, 1, 0.5), "two receptions in one opening are one"
    before = await desk.client.get(
        url, params={"since": "2026-10-01", "until": "2026-10-31"}, headers=as_(Role.LEADER)
    )
    assert before.json()["items"] == []
