"""Patrols over HTTP and by the jobs: made ahead once, checked in once, missed ones marked, counted."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any

import httpx

from libs.common.ids import new_id
from libs.common.policy import Role
from services.grid.patrols import service
from tests.grid.factories import NEIGHBOURHOOD, REPORTER, Desk, as_, outbox, upload
from tests.grid.syncs.device import codes, report, send

POINT = {"lon": 121.4737, "lat": 31.2304, "crs": "CGCS2000"}
PATROLS = "jiayuan.grid.patrol.v1"
PLAN: dict[str, Any] = {
    "name": "地下空间巡查", "kind": "underground", "area": NEIGHBOURHOOD, "every": 1, "unit": "weeks",
    "first_day": "2026-11-02", "source": "巡查方案",
    "points": [
        {"name": f"{number}号楼地下室", "area": f"{NEIGHBOURHOOD}001", "point": POINT}
        for number in range(1, 5)
    ],
}  # fmt: skip


async def plan(client: httpx.AsyncClient, **changes: Any) -> Any:
    answer = await client.post("/grid/v1/patrol-plans", json=PLAN | changes, headers=as_(Role.DUTY_CHIEF))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def made(desk: Desk) -> int:
    return await desk.database.transact(lambda s: service.make_due(s, desk.clock()))


async def items(client: httpx.AsyncClient, who: str = REPORTER, **asked: Any) -> list[dict[str, Any]]:
    headers = as_(Role.INSPECTOR, subject=who)
    answer = await client.get("/grid/v1/patrols", params={"mine": True} | asked, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def check_in(client: httpx.AsyncClient, item: str, who: str = REPORTER, **body: Any) -> httpx.Response:
    given = {"at": "2026-11-23T09:50:00+08:00", "result": "normal"} | body
    headers = as_(Role.INSPECTOR, subject=who)
    return await client.post(f"/grid/v1/patrols/{item}/check-in", json=given, headers=headers)


def queued(item: str, *, after: str | None = None, **body: Any) -> dict[str, Any]:
    given = {"at": "2026-11-23T09:50:00+08:00", "result": "normal"} | body
    told = {"operation_id": str(new_id()), "action": "check-in", "patrol_id": item, "body": given}
    return told | ({"after": after} if after else {})


async def test_items_are_made_ahead_once_and_only_what_holds_today_is_listed(desk: Desk) -> None:
    await plan(desk.client)
    assert [await made(desk), await made(desk)] == [1, 0]
    today = await items(desk.client)
    assert {(one["period_start"], one["period_end"]) for one in today} == {("2026-11-23", "2026-11-29")}
    assert len(today) == 4
    assert len(await items(desk.client, on="2026-11-30")) == 4  # seven days ahead by the rule
    assert await items(desk.client, on="2026-12-07") == []
    page = await desk.client.get("/grid/v1/patrols", params={"limit": 3}, headers=as_(Role.LEADER))
    rest = await items(desk.client, limit=3, after=page.json()["next"])
    assert len(rest) == 1


async def test_a_check_in_far_away_is_flagged_and_a_second_one_refused(desk: Desk) -> None:
    await plan(desk.client)
    await made(desk)
    near, far, blind, _ = [one["id"] for one in await items(desk.client)]
    photo = await upload(desk.database, REPORTER, "e" * 64)
    done = await check_in(desk.client, near, point=POINT, photos=[photo])
    assert done.status_code == 200, done.text
    assert (done.json()["far"], done.json()["distance_m"], done.json()["photos"]) == (False, 0.0, [photo])
    away = await check_in(desk.client, far, point=POINT | {"lat": 31.24})
    assert (away.json()["far"], away.json()["state"]) == (True, "done")
    assert (await check_in(desk.client, blind)).json()["far"] is None
    again = await check_in(desk.client, near, "inspector-9")
    assert (again.status_code, again.json()["code"]) == (409, "already-patrolled")
    told = await outbox(desk.database, PATROLS)
    assert [(one.verb, one.version, one.payload["far"]) for one in told] == [
        ("done", 1, False), ("done", 1, True), ("done", 1, None),
    ]  # fmt: skip


async def test_offline_what_was_found_stands_behind_its_report_and_replay_is_harmless(desk: Desk) -> None:
    await plan(desk.client)
    await made(desk)
    first, second, third, _ = [one["id"] for one in await items(desk.client)]
    found = report(channel="inspection", photos=[await desk.photo()])
    case = found["operation_id"]
    queue = [
        queued(first, result="found", case_id=case, after=case),
        found,
        queued(second),
        queued(third, result="found", case_id=str(new_id())),
    ]
    outcomes = await send(desk, queue)
    assert codes(outcomes) == [(200, None), (201, None), (200, None), (422, "patrol-case-not-own")]
    assert [one["patrol_id"] for one in outcomes] == [first, None, second, third]
    assert [one["case_id"] for one in outcomes][:3] == [case, case, None]
    assert (outcomes[0]["version"], outcomes[0]["state"]) == (1, "done")
    assert codes(await send(desk, queue[:3][::-1])) == [(200, None), (200, None), (200, None)]
    assert len(await outbox(desk.database, PATROLS)) == 2


async def test_replayed_and_shuffled_check_ins_never_double(desk: Desk) -> None:
    await plan(desk.client, points=[])
    await plan(desk.client)
    await made(desk)
    ids = [one["id"] for one in await items(desk.client)]
    people = [REPORTER, "inspector-7", "inspector-8"]
    queues = {who: [queued(item) for item in ids] for who in people}
    for seed in range(8):
        chance = random.Random(seed)
        sent = []
        for who in people:
            some = chance.sample(queues[who], chance.randint(1, len(ids)))
            sent.append(send(desk, some + chance.sample(some, 1), who))
        for outcomes in await asyncio.gather(*sent):
            assert {code for code, _ in codes(outcomes)} <= {200, 409}
    told = await outbox(desk.database, PATROLS)
    assert len(told) == len({one.aggregate_id for one in told})
    assert {one.version for one in told} == {1}
    done = [one for one in await items(desk.client) if one["state"] == "done"]
    assert {one["id"] for one in done} == {str(one.aggregate_id) for one in told}


async def test_missed_ones_are_marked_and_a_device_that_came_late_is_believed(desk: Desk) -> None:
    await plan(desk.client)
    await made(desk)
    first, second, *_ = [one["id"] for one in await items(desk.client)]
    await check_in(desk.client, first)
    desk.clock.tick(timedelta(days=7))

    async def miss() -> int:
        return await desk.database.transact(lambda s: service.mark_missed(s, desk.clock()))

    assert [await miss(), await miss()] == [3, 0]
    told = await outbox(desk.database, PATROLS)
    assert [one.verb for one in told] == ["done", "missed", "missed", "missed"]
    late = await check_in(desk.client, second, at="2026-11-29T23:00:00+08:00")
    assert (late.status_code, late.json()["version"]) == (200, 2)
    over = await check_in(desk.client, second, at="2026-11-30T08:00:00+08:00")
    assert over.status_code == 409
    asked = {"area": NEIGHBOURHOOD[:9], "since": "2026-11-23", "until": "2026-11-29"}
    answer = await desk.client.get("/grid/v1/patrols/coverage", params=asked, headers=as_(Role.LEADER))
    (row,) = answer.json()["items"]
    assert (row["area"], row["planned"], row["done"], row["missed"], row["due"]) == (
        NEIGHBOURHOOD,
        4,
        2,
        2,
        0,
    )


async def test_a_plan_is_ended_and_passed_on(desk: Desk) -> None:
    registered = await plan(desk.client)
    await made(desk)
    path = f"/grid/v1/patrol-plans/{registered['id']}"
    body = {"last_day": "2026-11-29", "inspector": "inspector-8"}
    answer = await desk.client.patch(path, json=body, headers=as_(Role.DISPATCHER, version=1))
    assert answer.status_code == 200, answer.text
    assert await items(desk.client, on="2026-11-30", mine=False) == []
    assert (await items(desk.client), len(await items(desk.client, "inspector-8"))) == ([], 4)
    desk.clock.tick(timedelta(days=30))
    assert await made(desk) in (0, 1)
    assert await items(desk.client, on="2026-12-07", mine=False) == []
    steps = (await desk.client.get(f"{path}/history", headers=as_(Role.LEADER))).json()["items"]
    assert [step["action"] for step in steps] == ["register", "change"]
