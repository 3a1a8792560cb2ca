"""Shifts over HTTP: signing in coarsely, handing over, nothing lost where nobody is."""

from __future__ import annotations

from typing import Any

import httpx

from libs.common.policy import Role
from tests.grid.factories import CHECKER, HANDLER, NEIGHBOURHOOD, Desk, as_, outbox

SHIFTS = "/grid/v1/shifts"


async def post(client: httpx.AsyncClient, path: str, body: Any, who: str = HANDLER, status: int = 200) -> Any:
    answer = await client.post(f"{SHIFTS}/{path}", json=body, headers=as_(Role.INSPECTOR, subject=who))
    assert answer.status_code == status, answer.text
    return answer.json()


async def sign_in(
    client: httpx.AsyncClient, who: str = HANDLER, area: str = NEIGHBOURHOOD, **more: Any
) -> Any:
    return await post(client, "sign-in", {"role": "inspector", "area": area} | more, who, 201)


async def get(client: httpx.AsyncClient, path: str, who: str = HANDLER) -> Any:
    answer = await client.get(f"{SHIFTS}/{path}", headers=as_(Role.INSPECTOR, subject=who))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_signing_in_keeps_the_place_coarsely_and_once(client: httpx.AsyncClient) -> None:
    point = {"lon": 121.473712, "lat": 31.230416, "crs": "WGS84"}
    shift = await sign_in(client, point=point)
    assert (shift["lon"], shift["lat"], shift["crs"]) == (121.474, 31.23, "WGS84")
    again = await post(client, "sign-in", {"role": "inspector", "area": NEIGHBOURHOOD}, status=409)
    assert again["code"] == "already-signed-in"
    other = await post(client, "sign-in", {"role": "dispatcher", "area": NEIGHBOURHOOD}, "x", status=422)
    assert other["code"] == "role-not-yours"
    assert (await get(client, "mine"))["id"] == shift["id"]
    assert (await post(client, "sign-out", {"note": "无"}, "x", status=409))["code"] == "not-signed-in"


async def test_what_is_with_me_goes_to_who_is_named_and_each_case_tells_it(desk: Desk) -> None:
    client = desk.client
    mine, check = await desk.handled(), await desk.answered()
    await desk.assign_check(check)
    due = (await desk.case(check)).step_due_at
    for who in (HANDLER, "inspector-8", CHECKER):
        await sign_in(client, who)
    (held,) = (await get(client, "cover"))["items"]
    assert (held["case_id"], held["part"], held["how"]) == (str(mine), "handling", "on_duty")
    absent = await post(client, "sign-out", {"note": "请复看", "next": "nobody-1"}, status=422)
    assert absent["code"] == "next-not-on-duty"
    shift = await post(client, "sign-out", {"note": "请复看", "next": "inspector-8"})
    assert (shift["handed"], shift["unattended"], shift["next_person"]) == (1, 0, "inspector-8")
    moved = await desk.case(mine)
    assert (moved.handler, moved.handlers, moved.queue) == ("inspector-8", [HANDLER, "inspector-8"], None)
    assert (await outbox(desk.database))[-1].verb == "handed-over"
    assert (await get(client, f"{shift['id']}/handed"))["items"][0]["to_person"] == "inspector-8"
    # The checker's check goes to who did not handle it, with the deadline that it had.
    await sign_in(client, "inspector-9")
    await post(client, "sign-out", {"note": "下班", "next": "inspector-9"}, CHECKER)
    given = await desk.case(check)
    assert (given.checker, given.step_due_at) == ("inspector-9", due)
    found = await client.get("/grid/v1/checks", headers=as_(Role.INSPECTOR, subject="inspector-9"))
    assert [item["case"]["id"] for item in found.json()["items"]] == [str(check)]
    await desk.step(check, "check", {"passed": True, "note": "已查看"}, subject="inspector-9")


async def test_with_nobody_on_duty_it_waits_for_the_dispatcher_with_a_reason(desk: Desk) -> None:
    client = desk.client
    mine, check = await desk.handled(), await desk.answered()
    await desk.assign_check(check)
    await sign_in(client)
    shift = await post(client, "sign-out", {"note": "下班"})
    assert (shift["handed"], shift["unattended"]) == (0, 1)
    assert (str(mine), "unattended") in await desk.queue(reason="unattended")
    assert (await desk.case(mine)).handler == HANDLER
    # Later somebody is there: the dispatcher hands it over for who has left.
    await sign_in(client, "inspector-8")
    headers = as_(Role.DISPATCHER, version=shift["version"])
    body = {"note": "代为交接", "next": "inspector-8"}
    answer = await client.post(f"{SHIFTS}/{shift['id']}/relieve", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert ((await desk.case(mine)).handler, await desk.queue(reason="unattended")) == ("inspector-8", [])
    # Whoever comes back has what was still theirs.
    await sign_in(client, CHECKER)
    await post(client, "sign-out", {"note": "下班", "next": None}, "inspector-8")
    assert (await desk.case(mine)).handler == CHECKER
    await post(client, "sign-out", {"note": "下班"}, CHECKER)
    assert len(await desk.queue(reason="unattended")) == 2
    await sign_in(client, CHECKER)
    assert await desk.queue(reason="unattended") == []
