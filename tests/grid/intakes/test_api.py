"""Intake over HTTP at a rate: few statements, the same answers on both ways; batches of reports."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from libs.common.clocks import local_date
from libs.common.ids import new_id
from libs.common.policy import Role
from services.grid.places import locating
from tests.grid.factories import Desk, as_, outbox, report_body
from tests.support.statements import statements

POINT = {"point": {"lon": 121.4782, "lat": 31.2285, "crs": "GCJ02"}, "address": "福建中路100弄3号202室"}
RECEIPT = re.compile(
    r'{"id":"[0-9a-f-]{36}","receipt_number":"[0-9A-Z-]{17}","reported_at":"2026-11-23T02:00:00Z"}'
)


async def put(
    desk: Desk, body: dict[str, Any], case_id: UUID | None = None, **headers: str
) -> httpx.Response:
    path = f"/grid/v1/cases/{case_id or new_id()}"
    return await desk.client.put(path, json=body, headers=as_(Role.INSPECTOR) | headers)


async def warm_up(desk: Desk) -> None:
    """Points are located in memory from now on."""
    await desk.database.read(lambda s: locating.warm_up(s, on=local_date(desk.clock.now)))
    await put(desk, report_body(place=POINT))


async def test_a_report_costs_two_statements_and_many_at_once_cost_no_more(desk: Desk) -> None:
    await warm_up(desk)
    async with statements(desk.database) as asked:
        answers = await asyncio.gather(*(put(desk, report_body(place=POINT)) for _ in range(40)))
    assert {answer.status_code for answer in answers} == {201}
    own = [statement for statement, _ in asked if "grid_case" in statement]
    assert len(own) <= 8, len(own)
    assert len(await outbox(desk.database)) == 41


async def test_both_ways_answer_with_the_same_bytes(desk: Desk) -> None:
    await warm_up(desk)
    known = await desk.client.get(
        "/grid/v1/estates", params={"area": "310101002001"}, headers=as_(Role.INSPECTOR)
    )
    estate = known.json()["items"][0]["id"]
    shorter = await put(desk, report_body(place=POINT))
    whole = await put(desk, report_body(place={"estate_id": estate}))
    for answer in (shorter, whole):
        assert answer.status_code == 201
        assert RECEIPT.fullmatch(answer.text), answer.text
    told = [{k: v for k, v in a.headers.items() if k != "traceparent"} for a in (shorter, whole)]
    assert told[0] == told[1]


async def test_two_hundred_at_once_of_one_id_make_one_case(desk: Desk) -> None:
    await warm_up(desk)
    case_id, body = new_id(), report_body(place=POINT)
    answers = await asyncio.gather(*(put(desk, body, case_id) for _ in range(200)))
    assert sorted(answer.status_code for answer in answers) == [200] * 199 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert len(await outbox(desk.database)) == 2


async def test_the_trace_of_each_request_goes_with_its_event(desk: Desk) -> None:
    await warm_up(desk)
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
    answer = await put(desk, report_body(place=POINT), traceparent=trace)
    query = text("SELECT traceparent FROM outbox WHERE aggregate_id = :id")
    found = await desk.database.read(lambda s: s.scalar(query, {"id": UUID(answer.json()["id"])}))
    assert found == answer.headers["traceparent"]
    assert found.split("-")[1] == trace.split("-")[1]


def items(*bodies: dict[str, Any]) -> dict[str, Any]:
    return {"items": [{"id": str(new_id()), **body} for body in bodies]}


async def put_many(desk: Desk, batch: dict[str, Any], **headers: str) -> httpx.Response:
    return await desk.client.put("/grid/v1/cases", json=batch, headers=as_(Role.INSPECTOR) | headers)


async def test_a_batch_answers_for_each_and_one_stops_no_other(desk: Desk) -> None:
    await warm_up(desk)
    batch = items(
        report_body(place=POINT), report_body(category="0999"), report_body(), report_body(channel="pigeon")
    )
    answer = await put_many(desk, batch, **{"accept-language": "en"})
    assert answer.status_code == 200, answer.text
    found = answer.json()["items"]
    assert [one["id"] for one in found] == [one["id"] for one in batch["items"]]
    assert [one["status"] for one in found] == [201, 422, 201, 422]
    assert [one["problem"] and one["problem"]["code"] for one in found] == [
        None, "category-unknown", None, "channel-unknown",
    ]  # fmt: skip
    again = (await put_many(desk, batch)).json()["items"]
    assert [one["status"] for one in again] == [200, 422, 200, 422]
    assert [one["receipt"] for one in again] == [one["receipt"] for one in found]
    assert len(await outbox(desk.database)) == 3


async def test_what_came_in_a_batch_may_come_again_alone(desk: Desk) -> None:
    body = report_body(place=POINT)
    batch = items(body)
    (first,) = (await put_many(desk, batch)).json()["items"]
    alone = await put(desk, body, UUID(first["id"]))
    assert (alone.status_code, alone.json()) == (200, first["receipt"])
    other = items(report_body(description="别的内容"))
    other["items"][0]["id"] = first["id"]
    (refused,) = (await put_many(desk, other)).json()["items"]
    assert (refused["status"], refused["problem"]["code"]) == (409, "case-exists")


async def test_a_batch_of_the_wrong_shape_or_size_is_refused_as_a_whole(desk: Desk) -> None:
    empty: dict[str, Any] = {"items": []}
    for batch in (empty, items(*[report_body()] * 101), items(report_body(), report_body(category=7))):
        answer = await put_many(desk, batch)
        assert (answer.status_code, answer.json()["code"]) == (422, "content-invalid")
    assert await outbox(desk.database) == []
