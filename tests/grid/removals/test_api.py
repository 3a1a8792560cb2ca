"""Removals over HTTP and by the jobs: agreed days, orders, what is overdue, the share on time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import httpx

from libs.common.jobs import run_once
from libs.common.policy import Principal, Role
from services.grid.removals import service
from services.grid.removals.jobs import JOBS
from tests.grid.estates import bound, two_estates
from tests.grid.factories import Desk, as_, outbox, upload

FIRM, MEMBER = Role.FIRM_MANAGER, Role.COMMITTEE_MEMBER
HASH = "9" * 64
POINT: dict[str, Any] = {
    "kind": "decoration", "place": "北门东侧临时堆放点", "carrier": "黄浦区环卫清运公司(演示)",
    "weekdays": [2, 5], "by_time": "10:00", "valid_from": "2026-11-01", "source": "协议",
}  # fmt: skip
ON_DEMAND: dict[str, Any] = {"weekdays": [], "by_time": None}


async def send(desk: Desk, path: str, body: dict[str, Any], headers: dict[str, str]) -> httpx.Response:
    return await desk.client.post(f"/grid/v1{path}", json=body, headers=headers)


async def point(desk: Desk, estate: UUID, **changes: Any) -> dict[str, Any]:
    body = POINT | {"estate_id": str(estate)} | changes
    answer = await send(desk, "/collection-points", body, as_(Role.DISPATCHER))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def run(desk: Desk) -> list[int]:
    """Every job once."""
    return [await run_once(desk.database, "grid", job, now=desk.clock.now) for job in JOBS]


async def listed(desk: Desk, headers: dict[str, str], path: str = "", **asked: Any) -> list[dict[str, Any]]:
    answer = await desk.client.get(f"/grid/v1/removals{path}", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def record(desk: Desk, removal: dict[str, Any], at: str, headers: dict[str, str]) -> httpx.Response:
    body = {"removed_at": at, "photos": [HASH]}
    return await send(desk, f"/removals/{removal['id']}/record", body, headers)


async def test_agreed_days_are_made_ahead_once_and_taken_back_behind_the_end(desk: Desk) -> None:
    own, other = await two_estates(desk)
    made = await point(desk, own)
    assert (await run(desk))[0] == 1
    firm = bound(FIRM, own)
    due = [row["due_at"] for row in await listed(desk, firm)]
    assert due == ["2026-11-24T02:00:00Z", "2026-11-27T02:00:00Z"]
    assert (await run(desk))[0] == 0, "made once"
    today = await point(desk, own, weekdays=[1])
    assert await run(desk) == [1, 0, 0], "today's time is over, and was not late"
    assert [row["due_at"] for row in await listed(desk, firm) if row["point_id"] == today["id"]] == [
        "2026-11-30T02:00:00Z"
    ]
    assert await listed(desk, bound(FIRM, other)) == []
    assert await listed(desk, bound(MEMBER, own, until=desk.clock.now)) == []
    path = f"/grid/v1/collection-points/{made['id']}"
    headers = as_(Role.DISPATCHER, version=1)
    changed = await desk.client.patch(path, json={"valid_to": "2026-11-24"}, headers=headers)
    assert changed.status_code == 200, changed.text
    desk.clock.tick(timedelta(days=1))
    await run(desk)
    assert [row["due_at"] for row in await listed(desk, firm)] == [*due[:1], "2026-11-30T02:00:00Z"]
    history = await desk.client.get(f"{path}/history", headers=firm)
    assert [row["action"] for row in history.json()["items"]] == ["register", "change"]


async def test_what_is_overdue_is_listed_and_becomes_a_case_by_the_rule(desk: Desk) -> None:
    own, _ = await two_estates(desk)
    await point(desk, own)
    await run(desk)
    desk.clock.now = datetime(2026, 11, 24, 2, 0, 1, tzinfo=UTC)
    assert (await run(desk))[1:] == [1, 0]
    (late,) = await listed(desk, as_(Role.DISPATCHER), overdue=True)
    assert (late["due_at"], late["case_id"]) == ("2026-11-24T02:00:00Z", None)
    desk.clock.tick(timedelta(hours=24))
    assert (await run(desk))[1:] == [0, 1]
    assert (await run(desk))[1:] == [0, 0], "once"
    desk.clock.tick(timedelta(days=40))
    (late,) = await listed(desk, as_(Role.DISPATCHER), overdue=True, until="2026-11-24")
    case = await desk.read(UUID(late["case_id"]))
    assert (case["channel"], case["category"], case["estate_id"]) == ("removal", "0305", str(own))
    assert "2026-11-24 10:00" in case["description"]
    told = await outbox(desk.database, "jiayuan.grid.removal.v1")
    assert [(one.verb, one.version, one.payload["case_id"]) for one in told] == [
        ("overdue", 1, None), ("overdue", 2, late["case_id"]),
    ]  # fmt: skip
    await upload(desk.database, "firm_manager-1", HASH)
    done = await record(desk, late, "2026-11-24T10:00:00+08:00", bound(FIRM, own))
    assert done.status_code == 200, done.text
    assert (done.json()["late"], done.json()["overdue"], done.json()["case_id"]) == (
        False, False, late["case_id"],
    ), "the time is believed, the case has its own life"  # fmt: skip


async def test_orders_are_due_by_the_rule_recorded_and_counted(desk: Desk) -> None:
    own, other = await two_estates(desk)
    here, there = await point(desk, own, **ON_DEMAND), await point(desk, other, **ON_DEMAND)
    firm, began = bound(FIRM, own), desk.clock.now
    await upload(desk.database, "firm_manager-1", HASH)
    rows = []
    for _ in range(4):
        body = {"point_id": here["id"], "note": "约20袋，电话13812341234"}
        answer = await send(desk, "/removals", body, bound(FIRM, own))
        assert answer.status_code == 201, answer.text
        rows.append(answer.json())
    assert (rows[0]["due_at"], rows[0]["note"][-11:]) == ("2026-11-25T02:00:00Z", "138****1234")
    strange = await send(desk, "/removals", {"point_id": there["id"]}, firm)
    assert (strange.status_code, strange.json()["code"]) == (404, "collection-point-unknown")
    desk.clock.now = began + timedelta(hours=49)
    on_time = await record(desk, rows[0], "2026-11-25T10:00:00+08:00", bound(FIRM, own))
    late = await record(desk, rows[1], "2026-11-25T10:00:01+08:00", bound(FIRM, own))
    assert (on_time.json()["late"], late.json()["late"]) == (False, True)
    early = await record(desk, rows[2], "2026-11-23T09:59:59+08:00", bound(FIRM, own))
    assert early.json()["code"] == "removed-time-implausible"
    twice = await record(desk, rows[0], "2026-11-25T10:00:00+08:00", bound(FIRM, own))
    assert twice.json()["code"] == "illegal-transition"
    gone = await send(desk, f"/removals/{rows[3]['id']}/cancel", {"reason": "已自运"}, bound(FIRM, own))
    assert gone.json()["state"] == "cancelled"
    foreign = await record(desk, rows[2], "2026-11-25T10:00:00+08:00", bound(FIRM, other))
    assert foreign.json()["code"] == "removal-unknown"
    (share,) = await listed(desk, as_(Role.LEADER), "/punctuality")
    assert share == {
        "estate_id": str(own), "kind": "decoration", "due": 3, "on_time": 1, "late": 1, "outstanding": 1,
        "share": 1 / 3,
    }  # fmt: skip
    photo = f"/grid/v1/media/{HASH}"
    assert await service_may(desk, rows[0], own) == [True, False]
    assert (await desk.client.get(photo, headers=bound(FIRM, other))).status_code == 404
    agreed = await point(desk, own)
    await run(desk)
    kept = next(row for row in await listed(desk, firm) if row["point_id"] == agreed["id"])
    refused = await send(desk, f"/removals/{kept['id']}/cancel", {"reason": "不要"}, bound(FIRM, own))
    assert (refused.status_code, refused.json()["code"]) == (409, "removal-not-ordered")


async def service_may(desk: Desk, removal: dict[str, Any], estate: UUID) -> list[bool]:
    """Whether the removal's photos are seen by the estate's committee in its term, and after it."""
    now = desk.clock.now
    return [
        await desk.database.read(
            partial(service.may_read, removal_id=UUID(removal["id"]), viewer=member(estate, now), now=at)
        )
        for at in (now, now + timedelta(days=2))
    ]


def member(estate: UUID, now: datetime) -> Principal:
    """A member of the estate's committee until tomorrow."""
    return Principal("m", "m", frozenset({MEMBER}), estates=(estate,), until=now + timedelta(days=1))
