"""Many cases dispatched in one request: each by itself, each answered by itself, none twice."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx

from libs.common.ids import new_id
from libs.common.policy import Role
from tests.grid.factories import Desk, as_, outbox

SQUAD = {"squad": "网格处置一队"}


def item(case_id: UUID, version: int, body: Any = SQUAD) -> dict[str, Any]:
    return {
        "operation_id": str(new_id()), "case_id": str(case_id), "base_version": version, "body": body,
    }  # fmt: skip


async def put(desk: Desk, items: list[dict[str, Any]], **who: Any) -> httpx.Response:
    headers = as_(Role.DISPATCHER, **who)
    return await desk.client.put("/grid/v1/dispatches", json={"items": items}, headers=headers)


async def test_one_refused_stops_no_other_and_the_same_again_does_nothing_more(desk: Desk) -> None:
    first, second = await desk.filed(), await desk.filed()
    accepted = await desk.report()
    await desk.step(accepted, "accept")
    asked = [
        item(first, 3),
        item(second, 2),  # stale
        item(accepted, 2),
        item(new_id(), 1),
        item(second, 3, {"unit_id": str(new_id())}),
        item(second, 3, {}),
        item(second, 3),
    ]
    outcomes = (await put(desk, asked)).json()["items"]
    codes = [(one["status"], one["problem"] and one["problem"]["code"]) for one in outcomes]
    assert codes == [
        (200, None), (412, "stale-version"), (409, "illegal-transition"), (404, "case-not-found"),
        (422, "unit-unknown"), (422, "unit-or-squad"), (200, None),
    ]  # fmt: skip
    assert outcomes[4]["problem"]["errors"][0]["pointer"] == "/body/unit_id"
    assert [(one["version"], one["state"]) for one in outcomes[:2]] == [(4, "dispatched"), (3, "filed")]
    told = [sent.aggregate_id for sent in await outbox(desk.database) if sent.verb == "dispatched"]
    assert sorted(told) == sorted([first, second])
    again = (await put(desk, asked)).json()["items"]
    assert [one["status"] for one in again] == [200, 412, 409, 404, 412, 422, 200]
    assert len([s for s in await outbox(desk.database) if s.verb == "dispatched"]) == 2


async def test_an_operation_is_not_used_twice_and_other_areas_are_not_seen(desk: Desk) -> None:
    case_id = await desk.filed()
    asked = item(case_id, 3)
    (hidden,) = (await put(desk, [asked], areas=["310107"])).json()["items"]
    assert (hidden["status"], hidden["version"], hidden["state"]) == (404, None, None)
    assert (await put(desk, [asked])).json()["items"][0]["status"] == 200
    (reused,) = (await put(desk, [asked | {"body": {"squad": "二队"}}])).json()["items"]
    assert (reused["status"], reused["problem"]["code"]) == (422, "operation-id-reused")
    assert (await desk.case(case_id)).squad == "网格处置一队"


async def test_a_hundred_at_most(desk: Desk) -> None:
    answer = await put(desk, [item(new_id(), 1) for _ in range(101)])
    assert answer.status_code == 422
