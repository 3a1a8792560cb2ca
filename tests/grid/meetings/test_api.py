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


async def test_the_residents_handle_it_and_the_case_stays_in_the_self_loop(desk: Desk) -> None:
    case_id = await desk.filed()
    before = await desk.case(case_id)
    shown = await desk.step(case_id, "hold-meeting", meeting(), role=Role.INSPECTOR)
    assert (shown["state"], shown["loop"], shown["level"]) == ("filed", "self", "information_point")
    assert (await desk.case(case_id)).escalate_at == before.escalate_at
    told = (await outbox(desk.database))[-1]
    assert (told.verb, told.payload["outcome"], told.payload["votes_for"]) == ("meeting-held", "residents", 7)
    answer = await desk.client.get(f"/grid/v1/cases/{case_id}/meetings", headers=as_(Role.DISPATCHER))
    (row,) = answer.json()["items"]
    assert (row["present"], row["votes_against"], row["recorded_by"]) == (9, 1, "inspector-1")


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
