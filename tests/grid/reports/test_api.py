"""Intake over HTTP: receipts and repeats, places, times, categories, corrections, bad input."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from libs.common.ids import new_id
from libs.common.policy import Role
from services.grid.cases.models import Reporter
from tests.grid.factories import ELSEWHERE, Desk, as_, outbox, report_body

INSPECTOR = Role.INSPECTOR


async def test_the_same_body_again_gets_the_first_receipt_even_later(desk: Desk) -> None:
    case_id, body = new_id(), report_body()
    first = await desk.client.put(f"/grid/v1/cases/{case_id}", json=body, headers=as_(INSPECTOR))
    assert first.status_code == 201
    assert set(first.json()) == {"id", "receipt_number", "reported_at"}
    await desk.step(case_id, "accept")
    desk.clock.tick()
    again = await desk.client.put(f"/grid/v1/cases/{case_id}", json=body, headers=as_(INSPECTOR))
    assert (again.status_code, again.json()) == (200, first.json())
    other = await desk.client.put(
        f"/grid/v1/cases/{case_id}", json=report_body(description="别的内容"), headers=as_(INSPECTOR)
    )
    assert (other.status_code, other.json()["code"]) == (409, "case-exists")
    stranger = await desk.client.put(
        f"/grid/v1/cases/{case_id}", json=body, headers=as_(INSPECTOR, subject="inspector-9")
    )
    assert stranger.status_code == 409
    assert [event.verb for event in await outbox(desk.database)] == ["reported", "accepted"]


async def test_three_at_once_make_one_case(desk: Desk) -> None:
    case_id, body = new_id(), report_body()
    answers = await asyncio.gather(
        *(desk.client.put(f"/grid/v1/cases/{case_id}", json=body, headers=as_(INSPECTOR)) for _ in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
    assert len({answer.text for answer in answers}) == 1
    assert len(await outbox(desk.database)) == 1


async def test_a_point_finds_its_unit_grid_and_estate(desk: Desk) -> None:
    located = await desk.client.get(
        "/grid/v1/locate", params={"lon": 121.4853, "lat": 31.2286, "crs": "WGS84"}, headers=as_(INSPECTOR)
    )
    place = {"point": {"lon": 121.4853, "lat": 31.2286, "crs": "WGS84"}}
    case = await desk.case(await desk.report(place=place))
    assert case.area == located.json()["unit_grid"]
    assert (round(case.lon or 0, 3), case.given_place) == (121.485, "121.4853,31.2286,WGS84")


@pytest.mark.parametrize(
    "change, status, code, pointer",
    [
        ({"category": "0999"}, 422, "category-unknown", "/category"),
        ({"channel": "pigeon"}, 422, "channel-unknown", "/channel"),
        ({"channel": "12345"}, 403, "channel-not-yours", "/channel"),
        ({"found_at": "1999-12-31T23:59:59+08:00"}, 422, "time-out-of-range", "/found_at"),
        ({"found_at": "2026-12-24T00:00:00+08:00"}, 422, "time-out-of-range", "/found_at"),
        (
            {"place": {"point": {"lon": 2.35, "lat": 48.85, "crs": "WGS84"}}},
            422,
            "outside-area",
            "/place/point",
        ),
        ({"place": {"area": "310101"}}, 422, "place-too-wide", "/place/area"),
        ({"place": {"area": "310101999001"}}, 422, "place-unknown", "/place/area"),
        ({"place": {"area": "310101002001999"}}, 422, "place-unknown", "/place/area"),
        ({"photos": ["e" * 64]}, 422, "media-unknown", "/photos/0"),
    ],
)
async def test_what_has_no_valid_meaning(
    desk: Desk, change: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    answer = await desk.client.put(
        f"/grid/v1/cases/{new_id()}", json=report_body(**change), headers=as_(INSPECTOR)
    )
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert problem["errors"][0]["pointer"] == pointer
    assert answer.headers["content-type"] == "application/problem+json"
    assert await outbox(desk.database) == []


@pytest.mark.parametrize(
    "change",
    [
        {"place": {"point": {"lon": 121.47, "lat": 31.23}}},
        {"place": {}},
        {"unknown": 1},
        {"description": 7},
        {"description": ""},
        {"found_at": "2026-11-23T09:50:00"},
        {"category": "楼道"},
    ],
)
async def test_what_has_not_the_right_shape(desk: Desk, change: dict[str, Any]) -> None:
    answer = await desk.client.put(
        f"/grid/v1/cases/{new_id()}", json=report_body(**change), headers=as_(INSPECTOR)
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]


async def test_an_id_of_another_version_is_refused(desk: Desk) -> None:
    answer = await desk.client.put(f"/grid/v1/cases/{uuid4()}", json=report_body(), headers=as_(INSPECTOR))
    assert (answer.status_code, answer.json()["code"]) == (422, "id-not-uuidv7")


async def test_a_sources_number_is_taken_once(desk: Desk) -> None:
    await desk.report(channel="12345", source_number="SH-1")
    answer = await desk.client.put(
        f"/grid/v1/cases/{new_id()}",
        json=report_body(channel="12345", source_number="SH-1", description="再次来电"),
        headers=as_(Role.HOTLINE_OFFICER),
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "source-number-exists")


@pytest.mark.parametrize(("channel", "role"), [("12345", Role.HOTLINE_OFFICER), ("petition", Role.ACCEPTOR)])
async def test_what_a_source_numbers_is_not_taken_without_the_number(
    desk: Desk, channel: str, role: Role
) -> None:
    headers = as_(role)
    path = f"/grid/v1/cases/{new_id()}"
    answer = await desk.client.put(path, json=report_body(channel=channel), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "source-number-missing")
    assert answer.json()["errors"][0]["pointer"] == "/source_number"
    numbered = report_body(channel=channel, source_number="A-1")
    assert (await desk.client.put(path, json=numbered, headers=headers)).status_code == 201


async def test_the_reporter_is_masked_everywhere(desk: Desk) -> None:
    case_id = await desk.report(
        channel="12345", reporter={"name": "张三丰", "phone": "13812341234"}, photos=[]
    )
    stored = await desk.database.read(lambda session: session.get(Reporter, case_id))
    assert stored is not None
    assert stored.phone == "13812341234"
    shown = await desk.read(case_id)
    assert shown["reporter"] == {"name": "张**", "phone": "138****1234", "secret": False}
    assert shown["address"] == "福建中路100弄3号"
    history = await desk.client.get(f"/grid/v1/cases/{case_id}/history", headers=as_(Role.DISPATCHER))
    payloads = "".join(str(event.payload) for event in await outbox(desk.database))
    assert "13812341234" not in history.text + payloads
    assert "张三丰" not in history.text + payloads


async def test_self_handled_is_accepted_filed_and_waits_for_another_persons_check(desk: Desk) -> None:
    case_id = await desk.report(
        self_handled={"standard": "found", "photos": [await desk.photo(letter="b")], "note": "已现场清理"}
    )
    shown = await desk.read(case_id)
    assert (shown["state"], shown["self_handled"], shown["queue"]) == ("checking", True, "to_check")
    assert (shown["level"], shown["loop"]) == ("information_point", "self")
    assert shown["number"] is not None
    assert [event.verb for event in await outbox(desk.database)] == [
        "reported", "accepted", "filed", "answered",
    ]  # fmt: skip
    refused = await desk.post(case_id, "assign-check", {"inspector": "inspector-1"})
    assert refused.json()["code"] == "handler-as-checker"
    await desk.check(case_id)
    assert (await desk.step(case_id, "close", {}))["state"] == "closed"


async def test_the_reporter_corrects_and_withdraws_before_acceptance(desk: Desk) -> None:
    case_id = await desk.report()
    body = {"category": "0201", "description": "2号楼消防通道被占", "reason": "楼号写错"}
    shown = await desk.step(case_id, "correct", body)
    assert (shown["category"], shown["description"], shown["version"]) == ("0201", "2号楼消防通道被占", 2)
    found = await desk.client.get("/grid/v1/cases", params={"q": "消防通道"}, headers=as_(INSPECTOR))
    assert [item["id"] for item in found.json()["items"]] == [str(case_id)]
    stranger = await desk.post(case_id, "withdraw", {"reason": "重复"}, subject="inspector-9")
    assert (stranger.status_code, stranger.json()["code"]) == (403, "not-your-report")
    assert (await desk.step(case_id, "withdraw", {"reason": "重复上报"}))["state"] == "withdrawn"


async def test_after_acceptance_the_reporter_may_not(desk: Desk) -> None:
    case_id = await desk.report()
    await desk.step(case_id, "accept")
    answer = await desk.post(case_id, "withdraw", {"reason": "重复上报"})
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")


async def test_an_empty_correction_and_a_stale_version_are_refused(desk: Desk) -> None:
    case_id = await desk.report()
    empty = await desk.post(case_id, "correct", {"reason": "改"})
    assert empty.json()["code"] == "nothing-to-correct"
    stale = await desk.post(case_id, "withdraw", {"reason": "重复"}, version=7)
    assert stale.status_code == 412
    headers = as_(INSPECTOR)
    missing = await desk.client.post(
        f"/grid/v1/cases/{case_id}/withdraw", json={"reason": "重复"}, headers=headers
    )
    assert missing.status_code == 428


async def test_another_areas_case_does_not_exist_for_the_caller(desk: Desk) -> None:
    case_id = await desk.report()
    headers = as_(Role.DISPATCHER, areas=(ELSEWHERE,))
    assert (await desk.client.get(f"/grid/v1/cases/{case_id}", headers=headers)).status_code == 404
    listed = await desk.client.get("/grid/v1/cases", headers=headers)
    assert listed.json()["items"] == []
