"""The one queue by deadline, and claiming from it."""

from __future__ import annotations

from datetime import timedelta

from libs.common.policy import Role
from tests.grid.factories import ELSEWHERE, Desk, as_


async def test_one_queue_by_deadline_with_the_steps_that_each_may_take(desk: Desk) -> None:
    to_dispatch = await desk.filed()
    desk.clock.tick()
    to_accept = await desk.report()
    desk.clock.tick()
    to_file = await desk.report()
    await desk.step(to_file, "accept")
    handled = await desk.handled()
    rows = await desk.queue(Role.DISPATCHER)
    assert sorted(rows) == sorted(
        [(str(to_dispatch), "to_dispatch"), (str(to_accept), "to_accept"), (str(to_file), "to_file")]
    )
    assert str(handled) not in [row[0] for row in rows]
    answer = await desk.client.get("/grid/v1/queue", headers=as_(Role.DUTY_CHIEF))
    items = answer.json()["items"]
    assert [item["step_due_at"] for item in items] == sorted(item["step_due_at"] for item in items)
    mine = {item["id"]: item["allowed_actions"] for item in items}
    assert mine[str(to_file)] == ["file", "refuse-filing", "void"]
    assert mine[str(to_accept)] == ["void"]
    assert await desk.queue(Role.DISPATCHER, reason="to_file") == [(str(to_file), "to_file")]
    assert await desk.queue(Role.DISPATCHER, area="310101003") == []


async def test_the_queue_pages_by_deadline(desk: Desk) -> None:
    expected = []
    for _ in range(3):
        expected.append(str(await desk.report()))
        desk.clock.tick()
    seen: list[str] = []
    after = None
    while True:
        params = {"limit": "2"} | ({"after": after} if after else {})
        page = (await desk.client.get("/grid/v1/queue", params=params, headers=as_(Role.ACCEPTOR))).json()
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == expected


async def test_two_people_do_not_take_one_case(desk: Desk) -> None:
    case_id = await desk.report()
    first, second = as_(Role.ACCEPTOR, subject="first"), as_(Role.ACCEPTOR, subject="second")
    claimed = await desk.client.post(f"/grid/v1/cases/{case_id}/claim", headers=first)
    assert (claimed.status_code, claimed.json()["claimed_by"], claimed.json()["version"]) == (200, "first", 1)
    other = await desk.client.post(f"/grid/v1/cases/{case_id}/claim", headers=second)
    assert (other.status_code, other.json()["code"]) == (409, "case-claimed")
    step = await desk.post(case_id, "accept", subject="second")
    assert (step.status_code, step.json()["code"]) == (409, "case-claimed")
    theirs = await desk.client.post(
        f"/grid/v1/cases/{case_id}/release", headers=as_(Role.ACCEPTOR, subject="second")
    )
    assert theirs.json()["code"] == "case-claimed"
    shown = await desk.read(case_id, Role.ACCEPTOR, subject="second")
    assert "accept" not in shown["allowed_actions"]
    shown = await desk.step(case_id, "accept", subject="first")
    assert (shown["claimed_by"], shown["claimed_until"]) == (None, None)


async def test_a_claim_ends_by_itself_or_by_release(desk: Desk) -> None:
    case_id = await desk.report()
    await desk.client.post(f"/grid/v1/cases/{case_id}/claim", headers=as_(Role.ACCEPTOR, subject="first"))
    desk.clock.tick(timedelta(minutes=30))
    taken = await desk.client.post(
        f"/grid/v1/cases/{case_id}/claim", headers=as_(Role.ACCEPTOR, subject="second")
    )
    assert taken.json()["claimed_by"] == "second"
    released = await desk.client.post(
        f"/grid/v1/cases/{case_id}/release", headers=as_(Role.ACCEPTOR, subject="second")
    )
    assert released.json()["claimed_by"] is None


async def test_what_waits_for_nobody_cannot_be_claimed(desk: Desk) -> None:
    case_id = await desk.handled()
    answer = await desk.client.post(f"/grid/v1/cases/{case_id}/claim", headers=as_(Role.DISPATCHER))
    assert (answer.status_code, answer.json()["code"]) == (409, "case-not-queued")
    elsewhere = as_(Role.DISPATCHER, areas=(ELSEWHERE,))
    hidden = await desk.client.post(f"/grid/v1/cases/{case_id}/claim", headers=elsewhere)
    assert hidden.status_code == 404
