"""A case goes up a level by request; its clock and its handover stay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from libs.common.policy import Role
from services.grid.places.domain import identity
from tests.grid.factories import HANDLER, NEIGHBOURHOOD, Desk, as_, at_unit, outbox

UP = {"reason": "lack_of_power", "note": "涉及多部门职责，致电13812341234"}


async def escalations(desk: Desk, level: str, **caller: Any) -> list[dict[str, Any]]:
    answer = await desk.client.get(
        "/grid/v1/escalations", params={"level": level}, headers=as_(Role.DISPATCHER, **caller)
    )
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def at_node(desk: Desk, code: str, **caller: Any) -> list[str]:
    path = f"/grid/v1/nodes/{identity('node', code)}/escalations"
    answer = await desk.client.get(path, headers=as_(Role.DISPATCHER, **caller))
    assert answer.status_code == 200, answer.text
    return [item["case"]["id"] for item in answer.json()["items"]]


async def test_a_filed_case_begins_at_the_lowest_level_that_may_close_it(desk: Desk) -> None:
    shown = await desk.read(await desk.filed())
    assert (shown["level"], shown["loop"], shown["capable_level"]) == (
        "information_point", "self", "information_point",
    )  # fmt: skip
    assert shown["escalate_at"] is not None


async def test_the_squad_that_lacks_the_power_calls_the_next_level_and_no_clock_is_reset(desk: Desk) -> None:
    case_id = await desk.handled()
    before = await desk.read(case_id)
    desk.clock.tick(timedelta(hours=1))
    shown = await desk.step(case_id, "escalate", UP, role=Role.INSPECTOR, subject=HANDLER)
    assert (before["level"], shown["level"], shown["loop"]) == ("workstation", "subdistrict", "small")
    assert shown["due_at"] == before["due_at"]
    assert shown["state"] == "handling"
    assert await desk.queue(reason="escalated") == [(str(case_id), "escalated")]
    told = (await outbox(desk.database))[-1]
    assert (told.verb, told.payload["from_level"], told.payload["reason"]) == (
        "escalated", "workstation", "lack_of_power",
    )  # fmt: skip
    assert "note" not in told.payload
    (item,) = await escalations(desk, "subdistrict")
    assert (item["case"]["id"], item["escalation"]["by"]) == (str(case_id), HANDLER)
    assert "13812341234" not in item["escalation"]["note"]
    assert await escalations(desk, "district") == []
    assert await at_node(desk, f"S{NEIGHBOURHOOD[:9]}") == [str(case_id)]
    assert await at_node(desk, f"W{NEIGHBOURHOOD[:9]}-1") == []
    assert await at_node(desk, f"S{NEIGHBOURHOOD[:9]}", areas=("310107",)) == []
    assert await escalations(desk, "subdistrict", areas=("310107",)) == []


async def test_a_unit_keeps_its_handover_and_a_new_dispatch_does_not_go_below_the_level(desk: Desk) -> None:
    unit = await at_unit(desk)
    shown = await desk.step(unit.case_id, "escalate", UP | {"reason": "request"})
    assert (shown["handover_id"], shown["level"]) == (str(unit.handover_id), "district")
    await desk.step(unit.case_id, "recall", {"reason": "区级统筹"})
    again = await desk.step(unit.case_id, "dispatch", {"squad": "区网格处置队"})
    assert (again["level"], again["escalated_at"], again["queue"]) == ("district", None, None)
    assert again["due_at"] == shown["due_at"]


async def test_nobody_is_above_the_district(desk: Desk) -> None:
    case_id = await desk.filed()
    for _ in range(3):
        shown = await desk.step(case_id, "escalate", UP)
    assert (shown["level"], shown["escalate_at"]) == ("district", None)
    answer = await desk.post(case_id, "escalate", UP)
    assert (answer.status_code, answer.json()["code"]) == (409, "highest-level")


async def test_each_escalation_of_a_case_is_kept(desk: Desk) -> None:
    case_id = await desk.filed()
    await desk.step(case_id, "escalate", UP)
    await desk.step(case_id, "escalate", UP | {"reason": "request"})
    answer = await desk.client.get(f"/grid/v1/cases/{case_id}/escalations", headers=as_(Role.ACCEPTOR))
    assert [(row["from_level"], row["to_level"], row["reason"]) for row in answer.json()["items"]] == [
        ("information_point", "workstation", "lack_of_power"),
        ("workstation", "subdistrict", "request"),
    ]


@pytest.mark.parametrize("body", [UP | {"reason": "timeout"}, {"reason": "request"}])
async def test_a_person_says_why(desk: Desk, body: dict[str, str]) -> None:
    assert (await desk.post(await desk.filed(), "escalate", body)).status_code == 422


async def test_a_stranger_of_the_squad_may_not(desk: Desk) -> None:
    case_id = await desk.handled()
    answer = await desk.post(case_id, "escalate", UP, role=Role.INSPECTOR, subject="inspector-9")
    assert answer.status_code in (403, 409)


async def test_what_needs_power_is_not_given_to_a_level_without(desk: Desk) -> None:
    case_id = await desk.filed("0101", "building")
    assert (await desk.case(case_id)).level == "subdistrict"
    answer = await desk.post(case_id, "dispatch", {"squad": "网格处置一队", "level": "workstation"})
    assert (answer.status_code, answer.json()["code"]) == (409, "level-too-low")
    shown = await desk.step(case_id, "dispatch", {"squad": "网格处置一队"})
    assert (shown["level"], shown["loop"]) == ("subdistrict", "small")


async def test_the_level_at_which_it_closed_is_told(desk: Desk) -> None:
    case_id = await desk.handled()
    await desk.step(case_id, "escalate", UP)
    await desk.answer(case_id)
    await desk.check(case_id)
    await desk.step(case_id, "close", {})
    told = (await outbox(desk.database))[-1]
    assert (told.verb, told.payload["level"], told.payload["loop"]) == ("closed", "subdistrict", "small")


async def test_a_level_that_nobody_stands_for_is_passed_over(desk: Desk) -> None:
    case_id = await desk.filed()
    path = f"/grid/v1/nodes/{identity('node', f'W{NEIGHBOURHOOD[:9]}-1')}"
    ended = await desk.client.patch(
        path, json={"valid_to": "2026-10-31"}, headers=as_(Role.ADMINISTRATOR, version=1)
    )
    assert ended.status_code == 200, ended.text
    shown = await desk.step(case_id, "escalate", UP)
    assert (shown["level"], shown["loop"]) == ("subdistrict", "small")


async def test_where_nobody_stands_for_any_level_it_goes_up_all_the_same(desk: Desk) -> None:
    case_id = await desk.filed()
    await desk.database.transact(lambda s: s.execute(text("DELETE FROM node_cover")))
    assert (await desk.step(case_id, "escalate", UP))["level"] == "workstation"
    answer = await desk.client.get(f"/grid/v1/cases/{case_id}/escalations", headers=as_(Role.ACCEPTOR))
    assert [row["to_node"] for row in answer.json()["items"]] == [None]


async def test_the_dossier_shows_the_node_that_has_it(desk: Desk) -> None:
    case_id = await desk.filed()
    shown = await desk.step(case_id, "escalate", UP)
    assert shown["node"]["name"] == "南京东路街道第1社区工作站(演示)"


async def test_a_new_round_has_a_clock_of_its_own(desk: Desk) -> None:
    case_id = await desk.handled()
    await desk.step(case_id, "escalate", UP)
    called = (await desk.case(case_id)).escalate_at
    await desk.answer(case_id)
    await desk.check(case_id)
    await desk.step(case_id, "close", {})
    desk.clock.tick(timedelta(days=30))
    await desk.step(case_id, "reopen", {"reason": "复发"})
    after = await desk.case(case_id)
    assert called is not None
    assert after.escalate_at is not None
    assert called < desk.clock.now < after.escalate_at
