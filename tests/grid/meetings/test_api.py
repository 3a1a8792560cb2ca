"""The joint meeting decides in the self loop, on record."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.policy import Role
from tests.grid.factories import Desk, as_, outbox


def meeting(**overrides: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "held_at": "2026-11-22T19:00:00+08:00", "attendees": ["residents_committee", "property_firm"],
        "present": 9, "votes_for": 7, "votes_against": 1, "outcome": "residents", "decision": "居民自行清理",
    }  # fmt: skip
    return body | overrides


async def test_what_the_residents_take_on_is_theirs_and_closes_in_the_self_loop(desk: Desk) -> None:
    case_id = await desk.filed()
    shown = await desk.step(case_id, "hold-meeting", meeting(), role=Role.INSPECTOR)
    assert (shown["state"], shown["loop"], shown["level"]) == ("dispatched", "self", "information_point")
    assert (shown["squad"], shown["handler"]) == ("居民自治", None)
    held, sent = (await outbox(desk.database))[-2:]
    assert (held.verb, held.payload["outcome"], held.payload["votes_for"]) == ("meeting-held", "residents", 7)
    assert sent.verb == "dispatched"
    await desk.step(case_id, "start")
    await desk.answer(case_id)
    await desk.check(case_id)
    await desk.step(case_id, "close", {})
    closed = (await outbox(desk.database))[-1]
    assert (closed.verb, closed.payload["level"], closed.payload["loop"]) == (
        "closed", "information_point", "self",
    )  # fmt: skip


async def test_meetings_of_a_case_are_kept(desk: Desk) -> None:
    case_id = await desk.filed()
    await desk.step(case_id, "hold-meeting", meeting(), role=Role.INSPECTOR)
    before = await desk.case(case_id)
    await desk.step(case_id, "hold-meeting", meeting(present=12), role=Role.INSPECTOR)
    after = await desk.case(case_id)
    assert (after.state, after.due_at, after.escalate_at) == (before.state, before.due_at, before.escalate_at)
    answer = await desk.client.get(f"/grid/v1/cases/{case_id}/meetings", headers=as_(Role.DISPATCHER))
    first, second = answer.json()["items"]
    assert (first["present"], first["votes_against"], first["recorded_by"]) == (9, 1, "inspector-1")
    assert second["present"] == 12


async def test_the_meeting_calls_the_next_level(desk: Desk) -> None:
    case_id = await desk.filed()
    shown = await desk.step(case_id, "hold-meeting", meeting(outcome="escalate"))
    assert (shown["level"], shown["loop"]) == ("workstation", "micro")
    assert [sent.verb for sent in await outbox(desk.database)][-2:] == ["meeting-held", "escalated"]
    answer = await desk.post(case_id, "hold-meeting", meeting())
    assert (answer.status_code, answer.json()["code"]) == (409, "outside-self-loop")


@pytest.mark.parametrize("votes", [{"votes_for": 9}, {"votes_for": 3, "votes_against": 3}])
async def test_votes_must_carry_the_decision(desk: Desk, votes: dict[str, int]) -> None:
    answer = await desk.post(await desk.filed(), "hold-meeting", meeting(**votes))
    assert (answer.status_code, answer.json()["code"]) == (422, "votes-implausible")


async def test_what_was_not_held_yet_decides_nothing(desk: Desk) -> None:
    body = meeting(held_at="2026-11-23T10:01:00+08:00")
    answer = await desk.post(await desk.filed(), "hold-meeting", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "meeting-ahead")
