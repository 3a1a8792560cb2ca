"""Major matters over HTTP: up the line at once, received by an officer of each node, followed to the end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from libs.common.jobs import run_once
from libs.common.policy import Role
from services.grid.majors.jobs import JOBS
from tests.grid.estates import bound
from tests.grid.factories import DISTRICT, MONDAY, NEIGHBOURHOOD, Desk, as_, outbox

TOWN = NEIGHBOURHOOD[:9]
TOPIC = "jiayuan.grid.major.v1"
LINE = ["information_point", "workstation", "subdistrict", "district"]
HURT = {"injured": 2, "persons": "张三、李四轻伤"}
MORE = {"text": "明火已扑灭", "casualties": {"dead": 0, "injured": 3}}


def fire(**overrides: Any) -> dict[str, Any]:
    told = {"kind": "fire", "occurred_at": "2026-11-23T09:40:00+08:00", "text": "3号楼起火，联系13812341234"}
    return told | ({} if {"case_id", "estate_id"} & overrides.keys() else {"area": NEIGHBOURHOOD}) | overrides


class Major:
    """A major matter and the people around it."""

    def __init__(self, desk: Desk, told: dict[str, Any]) -> None:
        self.desk, self.told = desk, told
        self.path = f"/grid/v1/majors/{told['id']}"

    async def read(self, *roles: Role) -> dict[str, Any]:
        answer = await self.desk.client.get(self.path, headers=as_(*roles or (Role.LEADER,)))
        assert answer.status_code == 200, answer.text
        self.told = answer.json()
        return self.told

    async def say(self, step: str, body: dict[str, Any], role: Role = Role.DUTY_CHIEF) -> httpx.Response:
        version = (await self.read())["version"]
        headers = as_(role, version=version)
        return await self.desk.client.post(f"{self.path}/{step}", json=body, headers=headers)

    async def receive(self, level: str, subject: str, *areas: str, serial: int = 1) -> httpx.Response:
        notices = (await self.read())["notices"]
        (one,) = [each for each in notices if (each["level"], each["serial"]) == (level, serial)]
        headers = as_(Role.DUTY_CHIEF, subject=subject, areas=areas or (DISTRICT,))
        return await self.desk.client.post(f"{self.path}/notices/{one['id']}/receive", headers=headers)


async def reported(desk: Desk, **overrides: Any) -> Major:
    headers = as_(Role.INSPECTOR, subject="inspector-1")
    answer = await desk.client.post("/grid/v1/majors", json=fire(**overrides), headers=headers)
    assert answer.status_code == 201, answer.text
    return Major(desk, answer.json())


async def listed(desk: Desk, path: str, role: Role = Role.DUTY_CHIEF, **asked: Any) -> list[dict[str, Any]]:
    answer = await desk.client.get(f"/grid/v1{path}", params=asked, headers=as_(role))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_report_on_a_case_goes_up_the_line_at_once(desk: Desk) -> None:
    case_id = await desk.handled()
    before = await desk.case(case_id)
    major = await reported(desk, case_id=str(case_id), casualties=HURT)
    told = major.told
    assert (told["area"], told["state"], told["reports"]) == (NEIGHBOURHOOD, "open", 1)
    assert [notice["level"] for notice in told["notices"]] == LINE
    assert {notice["sent_at"] for notice in told["notices"]} == {told["reported_at"]}
    assert told["reports_made"][0]["unreached"] == []
    (event,) = await outbox(desk.database, TOPIC)
    assert (event.verb, len(event.payload["node_ids"])) == ("reported", 4)
    assert not {"injured", "persons", "told", "text"} & event.payload.keys()
    after = await desk.case(case_id)
    assert (after.state, after.due_at) == (before.state, before.due_at)
    last = (await outbox(desk.database))[-1]
    assert (last.verb, last.payload["major_id"]) == ("major-reported", told["id"])
    history = await listed(desk, f"/cases/{case_id}/history", Role.DISPATCHER)
    assert (history[-1]["action"], history[-1]["changed"]["report"]) == ("report-major", "first")
    assert [item["id"] for item in await listed(desk, f"/cases/{case_id}/majors")] == [told["id"]]


async def test_an_officer_of_each_node_receives_and_what_is_late_is_marked(desk: Desk) -> None:
    major = await reported(desk)
    assert (await major.receive("subdistrict", "chief-1", NEIGHBOURHOOD)).json()["code"] == (
        "major-of-another-node"
    )
    got = await major.receive("subdistrict", "chief-1", TOWN)
    assert (got.status_code, got.json()["officer"], got.json()["overdue_at"]) == (200, "chief-1", None)
    assert (await major.receive("subdistrict", "chief-2", TOWN)).json()["code"] == "major-received-already"
    assert (await major.receive("district", "chief-1")).json()["code"] == "major-one-receipt-each"
    assert (await major.receive("district", "inspector-1")).json()["code"] == "major-one-receipt-each"
    assert await listed(desk, "/major-notices", overdue=True) == []
    desk.clock.tick(timedelta(minutes=31))
    late = await listed(desk, "/major-notices", overdue=True)
    assert [notice["level"] for notice in late] == ["information_point", "workstation", "district"]
    (first,) = await listed(desk, "/major-notices", overdue=True, limit=1)
    assert first == late[0]
    assert await listed(desk, "/major-notices", area="310107") == []
    for expected in (3, 3):  # the second sweep finds nothing
        await run_once(desk.database, "grid", JOBS[0], now=desk.clock.now)
        verbs = [event.verb for event in await outbox(desk.database, TOPIC)]
        assert verbs.count("receipt-overdue") == expected
    got = await major.receive("district", "chief-3")
    assert (got.status_code, got.json()["overdue_at"] is not None) == (200, True)
    received = [e.payload["on_time"] for e in await outbox(desk.database, TOPIC) if e.verb == "received"]
    assert received == [True, False]


async def test_reports_follow_in_order_and_end_with_the_final_one(desk: Desk) -> None:
    major = await reported(desk, casualties=HURT)
    assert (await major.say("follow-up", MORE, Role.INSPECTOR)).status_code == 200
    assert (await major.say("conclude", MORE, Role.INSPECTOR)).status_code == 403
    stale = as_(Role.DUTY_CHIEF, version=1)
    answer = await desk.client.post(f"{major.path}/follow-up", json=MORE, headers=stale)
    assert answer.status_code == 412
    assert (await major.say("conclude", MORE)).status_code == 200
    assert (await major.say("follow-up", MORE)).json()["code"] == "illegal-transition"
    told = await major.read()
    reports = told["reports_made"]
    assert [(each["serial"], each["kind"]) for each in reports] == [
        (1, "first"),
        (2, "follow_up"),
        (3, "final"),
    ]
    assert [each["injured"] for each in reports] == [2, 3, 3]
    assert (told["state"], len(told["notices"])) == ("concluded", 12)
    assert "13812341234" not in str(told)
    seen = await major.read(Role.DISPATCHER)
    assert {each["injured"] for each in seen["reports_made"]} == {None}
    assert [item["id"] for item in await listed(desk, "/majors", state="open")] == []


async def test_who_was_hurt_is_told_with_a_recorded_reason(desk: Desk) -> None:
    major = await reported(desk, casualties=HURT)
    for role, status in ((Role.DISPATCHER, 403), (Role.LEADER, 200)):
        answer = await desk.client.post(
            f"{major.path}/casualties", json={"reason": "联系家属"}, headers=as_(role)
        )
        assert answer.status_code == status
    assert answer.json()["items"][0]["persons"] == HURT["persons"]
    (access,) = await outbox(desk.database, "jiayuan.grid.access.v1")
    assert access.payload["subject_id"] == major.told["id"]


async def test_a_firm_reports_of_its_own_estate_and_nobody_beyond_their_scope(desk: Desk) -> None:
    query = text("SELECT DISTINCT estate_id FROM estate_coverage ORDER BY 1 LIMIT 2")
    own, other = [row[0] for row in await desk.database.read(lambda s: s.execute(query))]
    term = MONDAY + timedelta(days=9)
    for estate, status in ((own, 201), (other, 403)):
        answer = await desk.client.post(
            "/grid/v1/majors",
            json=fire(estate_id=str(estate)),
            headers=bound(Role.FIRM_MANAGER, own, until=term),
        )
        assert answer.status_code == status, answer.text
    made = await reported(desk, estate_id=str(other))
    mine = await desk.client.get("/grid/v1/majors", headers=bound(Role.FIRM_MANAGER, own, until=term))
    assert [item["estate_id"] for item in mine.json()["items"]] == [str(own)]
    firm = bound(Role.FIRM_MANAGER, own, until=term)
    assert (await desk.client.get(made.path, headers=firm)).status_code == 404
    away = as_(Role.INSPECTOR, areas=("310107",))
    for path in (f"/grid/v1/majors/{made.told['id']}", "/grid/v1/majors?area=310101"):
        answer = await desk.client.get(path, headers=away)
        assert answer.status_code == 404 or answer.json()["items"] == []
    refused = await desk.client.post(
        "/grid/v1/majors", json=fire(), headers=as_(Role.LEADER, areas=(TOWN + "002",))
    )
    assert refused.json()["code"] == "outside-your-area"
    unknown = await desk.client.post(
        "/grid/v1/majors", json=fire(area="310199"), headers=as_(Role.LEADER, areas=("31",))
    )
    assert (unknown.status_code, unknown.json()["code"]) == (422, "place-unknown")


async def test_levels_that_nobody_stands_for_are_named(desk: Desk) -> None:
    query = text("UPDATE node SET valid_to = '2026-01-01' WHERE level = 'workstation'")
    await desk.database.transact(lambda s: s.execute(query))
    major = await reported(desk)
    assert major.told["reports_made"][0]["unreached"] == ["workstation"]
    assert [UUID(notice["node_id"]).version for notice in major.told["notices"]] == [7, 7, 7]
