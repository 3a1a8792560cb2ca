"""What a firm could not stop, over HTTP: a case at once, on time or late by the rule, counted by estate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from libs.common.policy import Role
from tests.grid.estates import bound, two_estates
from tests.grid.factories import Desk, as_, outbox, upload

FIRM, MEMBER = Role.FIRM_MANAGER, Role.COMMITTEE_MEMBER
HASH = "e" * 64
ACT: dict[str, Any] = {
    "kind": "illegal_building", "what": "3号楼201室露台搭建阳光房", "address": "福建中路100弄3号201室",
    "seen_at": "2026-11-22T10:00:00+08:00", "dissuaded_at": "2026-11-22T10:20:00+08:00",
    "how": "上门劝阻并送达通知书，业主拒绝停工", "photos": [HASH],
}  # fmt: skip


async def send(desk: Desk, estate: UUID, headers: dict[str, str], **more: Any) -> httpx.Response:
    body = ACT | {"estate_id": str(estate)} | more
    return await desk.client.post("/grid/v1/dissuasions", json=body, headers=headers)


async def reported(desk: Desk, estate: UUID, **more: Any) -> dict[str, Any]:
    await upload(desk.database, "firm_manager-1", HASH)
    answer = await send(desk, estate, bound(FIRM, estate), **more)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def get(desk: Desk, path: str, headers: dict[str, str], **asked: Any) -> Any:
    answer = await desk.client.get(f"/grid/v1/dissuasions{path}", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_it_is_a_case_at_once_with_its_receipt_and_photos(desk: Desk) -> None:
    own, other = await two_estates(desk)
    told = await reported(desk, own)
    assert (told["on_time"], told["minutes_late"]) == (True, 0), "to the hour 24 hours"
    assert told["address"] == "福建中路100弄3号"
    case = await desk.read(UUID(told["case_id"]))
    assert (case["receipt_number"], case["state"]) == (told["receipt_number"], "reported")
    assert (case["category"], case["channel"], case["estate_id"]) == ("0101", "property", str(own))
    assert case["description"].startswith("物业劝阻无效：违法搭建")
    assert [photo["hash"] for photo in case["photos"]] == [HASH]
    (event,) = await outbox(desk.database, "jiayuan.grid.dissuasion.v1")
    assert (event.payload["case_id"], event.payload["on_time"]) == (told["case_id"], True)
    assert (await get(desk, f"/{told['id']}", as_(Role.ACCEPTOR)))["id"] == told["id"]
    hidden = await desk.client.get(f"/grid/v1/dissuasions/{told['id']}", headers=bound(FIRM, other))
    assert (hidden.status_code, hidden.json()["code"]) == (404, "dissuasion-unknown")
    away = await get(desk, "", as_(Role.ACCEPTOR, areas=["310107"]))
    assert away["items"] == []


async def test_late_ones_are_taken_and_told_and_counted_by_estate(desk: Desk) -> None:
    own, other = await two_estates(desk)
    await reported(desk, own)
    late = await reported(desk, own, seen_at="2026-11-22T09:58:59+08:00")
    assert (late["on_time"], late["minutes_late"]) == (False, 2)
    desk.clock.tick(timedelta(days=1))
    await reported(desk, other, seen_at="2026-11-24T09:00:00+08:00", dissuaded_at="2026-11-24T09:00:00+08:00")
    counted = await get(desk, "/punctuality", as_(Role.LEADER), until="2026-11-23")
    assert [(row["estate_id"], row["reported"], row["share"]) for row in counted["items"]] == [
        (str(own), 2, 0.5)
    ]
    assert "limit.dissuasion" in counted["formula_zh"]
    everything = await get(desk, "/punctuality", as_(Role.LEADER), limit=1)
    rest = await get(desk, "/punctuality", as_(Role.LEADER), limit=1, after=everything["next"])
    assert {row["estate_id"] for row in everything["items"] + rest["items"]} == {str(own), str(other)}
    until = desk.clock.now + timedelta(days=1)
    theirs = await get(desk, "/punctuality", bound(MEMBER, own, until=until))
    assert [row["estate_id"] for row in theirs["items"]] == [str(own)]
    page = await get(desk, "", bound(MEMBER, own, other, until=until), limit=2)
    last = await get(desk, "", bound(MEMBER, own, other, until=until), limit=2, after=page["next"])
    assert len(page["items"] + last["items"]) == 3
    assert page["items"][0]["estate_id"] == str(other), "the latest first"


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"kind": "singing"}, "dissuasion-kind-unknown"),
    ({"dissuaded_at": "2026-11-22T09:00:00+08:00"}, "dissuaded-time-implausible"),
    ({"dissuaded_at": "2026-11-23T10:00:01+08:00"}, "dissuaded-time-implausible"),
    ({"photos": []}, "dissuasion-evidence-missing"),
    ({"photos": ["f" * 64]}, "media-unknown"),
)


async def test_what_is_wrong_with_it_is_told(desk: Desk) -> None:
    own, other = await two_estates(desk)
    await upload(desk.database, "firm_manager-1", HASH)
    for given, code in WRONG:
        answer = await send(desk, own, bound(FIRM, own), **given)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    for headers in (bound(FIRM, own), bound(FIRM, other, until=desk.clock.now)):
        elsewhere = await send(desk, other, headers)
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "estate-unknown")
    assert (await get(desk, "", as_(Role.ACCEPTOR)))["items"] == [], "nothing was kept"
