"""What firm and committee report of their own estate: a case of their channel, and of no other estate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from libs.common.policy import Role
from tests.grid.estates import bound, two_estates
from tests.grid.factories import Desk, upload

FIRM, MEMBER = Role.FIRM_MANAGER, Role.COMMITTEE_MEMBER
REPAIR: dict[str, Any] = {
    "channel": "property_repair", "category": "0505", "description": "水泵房管道渗漏",
    "address": "福建中路100弄2号地下", "found_at": "2026-11-23T09:00:00+08:00",
}  # fmt: skip


async def send(desk: Desk, estate: UUID, headers: dict[str, str], **more: Any) -> tuple[int, Any]:
    body = REPAIR | {"estate_id": str(estate)} | more
    answer = await desk.client.post("/grid/v1/submissions", json=body, headers=headers)
    return answer.status_code, answer.json()


async def test_a_firms_repair_request_is_a_case_marked_so(desk: Desk) -> None:
    own, other = await two_estates(desk)
    photo = await upload(desk.database, "firm_manager-1", "7" * 64)
    status, told = await send(desk, own, bound(FIRM, own), photos=[photo])
    assert status == 201, told
    case = await desk.read(UUID(told["case_id"]))
    assert (case["channel"], case["estate_id"], case["inside_wall"]) == ("property_repair", str(own), True)
    assert [one["hash"] for one in case["photos"]] == [photo]
    mine = await desk.client.get("/grid/v1/cases", params={"mine": True}, headers=bound(FIRM, own))
    assert [item["id"] for item in mine.json()["items"]] == [told["case_id"]]
    elsewhere = await desk.client.get("/grid/v1/cases", params={"mine": True}, headers=bound(FIRM, other))
    assert elsewhere.json()["items"] == [], "who has gone to another estate does not see it any more"


async def test_through_the_own_channel_and_for_the_own_estate_alone(desk: Desk) -> None:
    own, other = await two_estates(desk)
    until = desk.clock.now + timedelta(days=1)
    assert (await send(desk, own, bound(MEMBER, own, until=until), channel="committee"))[0] == 201
    for channel, code in (
        ("property_repair", "channel-not-yours"),
        ("inspector", "channel-not-yours"),
        ("ghost", "channel-unknown"),
    ):  # fmt: skip
        refused = (await send(desk, own, bound(MEMBER, own, until=until), channel=channel))[1]
        assert refused["code"] == code
    for headers in (bound(FIRM, other), bound(FIRM, own, until=desk.clock.now), bound(MEMBER, own)):
        assert (await send(desk, own, headers))[1]["code"] == "estate-unknown"
