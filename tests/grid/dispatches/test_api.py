"""Dispatching over HTTP: proposals, squads, levels, clocks, recall, send back."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

from libs.common.contracts import handover as said
from libs.common.policy import Role
from tests.grid.factories import DISTRICT, Desk, Unit, as_, at_unit, known_duty, known_unit, outbox


async def test_the_most_specific_row_of_the_duty_list_is_proposed(desk: Desk) -> None:
    bureau = await known_unit(desk.database, area=DISTRICT)
    team = await known_unit(desk.database)
    helper = await known_unit(desk.database)
    ended = await known_unit(desk.database, valid_to=date(2025, 12, 31))
    await known_duty(desk.database, [bureau])
    duty = await known_duty(desk.database, [ended, team], area="310101002", cooperating_unit_ids=(helper,))
    await known_duty(desk.database, [helper], area="310101002", valid_to=date(2025, 12, 31))
    case_id = await desk.filed("0201", "structure")
    answer = await desk.client.get(f"/grid/v1/cases/{case_id}/proposed-units", headers=as_(Role.DISPATCHER))
    items = answer.json()["items"]
    assert [(item["unit_id"], item["role"]) for item in items] == [
        (str(team), "lead"), (str(helper), "cooperating"),
    ]  # fmt: skip
    assert items[0]["rule"]["duty_id"] == str(duty)
    assert (items[0]["returned"], items[0]["returns_in_a_year"]) == ([], 0)


async def test_a_proposal_shows_the_returns(desk: Desk) -> None:
    unit_id = await known_unit(desk.database)
    await known_duty(desk.database, [unit_id])
    unit = await at_unit(desk, unit_id=unit_id)
    await unit.say(said.ReturnAsked, note="非本单位职责")
    answer = await desk.client.get(
        f"/grid/v1/cases/{unit.case_id}/proposed-units", headers=as_(Role.DISPATCHER)
    )
    (item,) = answer.json()["items"]
    assert [row["reason"] for row in item["returned"]] == ["非本单位职责"]
    assert item["returns_in_a_year"] == 1
    (here,) = answer.json()["returns"]
    assert (here["unit_id"], here["count"], here["reasons"]) == (str(unit_id), 1, ["非本单位职责"])


async def test_after_so_many_returns_a_study_or_an_authority_decides(desk: Desk) -> None:
    unit_id = await known_unit(desk.database)
    unit = await at_unit(desk, unit_id=unit_id)
    again = {"unit_id": str(unit_id), "relation": "after_meter"}
    for _ in range(2):
        await unit.say(said.ReturnAsked, note="非本单位职责")
        shown = await desk.step(unit.case_id, "dispatch", again)
        unit = Unit(desk, unit.case_id, UUID(shown["handover_id"]))
    await unit.say(said.ReturnAsked, note="非本单位职责")
    answer = await desk.post(unit.case_id, "dispatch", again)
    assert (answer.status_code, answer.json()["code"]) == (409, "study-needed")
    path = f"/grid/v1/cases/{unit.case_id}/dispatches"
    rows = (await desk.client.get(path, headers=as_(Role.DISPATCHER))).json()["items"]
    assert [row["relation"] for row in rows] == [None, "after_meter", "after_meter"]
    other = await known_unit(desk.database)
    body = {"participant_ids": [str(unit_id), str(other)], "question": "属谁"}
    await desk.step(unit.case_id, "study", body)
    held = {"outcome": "split", "unit_ids": [str(other), str(unit_id)], "record": "分工办理"}
    body = held | {"held_at": desk.clock.now.isoformat()}
    assert (await desk.step(unit.case_id, "decide-study", body))["state"] == "dispatched"
    rows = (await desk.client.get(path, headers=as_(Role.DISPATCHER))).json()["items"]
    assert [(row["unit_id"], row["lead"]) for row in rows[3:]] == [(str(other), True), (str(unit_id), False)]


async def test_levels_and_loops_follow_the_rules_unless_said_otherwise(desk: Desk) -> None:
    case_id = await desk.filed()
    shown = await desk.step(case_id, "dispatch", {"squad": "网格处置一队"})
    assert (shown["level"], shown["loop"]) == ("workstation", "micro")
    await desk.step(case_id, "recall", {"reason": "另派"})
    unit_id = await known_unit(desk.database, area=DISTRICT)
    shown = await desk.step(case_id, "dispatch", {"unit_id": str(unit_id)})
    assert (shown["level"], shown["loop"]) == ("district", "big")
    await desk.step(case_id, "recall", {"reason": "另派"})
    shown = await desk.step(case_id, "dispatch", {"unit_id": str(unit_id), "level": "subdistrict"})
    assert (shown["level"], shown["loop"]) == ("subdistrict", "small")


async def test_to_whom_it_goes_is_checked(desk: Desk) -> None:
    case_id = await desk.filed()
    for body, code in (
        ({}, "unit-or-squad"),
        ({"unit_id": str(uuid4()), "squad": "一队"}, "unit-or-squad"),
        ({"unit_id": str(uuid4())}, "unit-unknown"),
        ({"squad": "一队", "level": "moon"}, "level-unknown"),
    ):
        answer = await desk.post(case_id, "dispatch", body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await desk.case(case_id)).state == "filed"


async def test_an_overdue_case_is_sent_elsewhere_without_a_fresh_clock(desk: Desk) -> None:
    unit = await at_unit(desk)
    due_at = (await desk.case(unit.case_id)).due_at
    assert due_at is not None
    desk.clock.now = due_at + timedelta(hours=1)
    await unit.say(said.ReturnAsked, note="非本单位职责")
    other = await known_unit(desk.database)
    shown = await desk.step(unit.case_id, "dispatch", {"unit_id": str(other)})
    assert (await desk.case(unit.case_id)).due_at == due_at
    assert shown["overdue"] is True


async def test_the_unit_is_told_what_it_must_know_and_no_more(desk: Desk) -> None:
    unit_id = await known_unit(desk.database)
    told = {}
    for secret in (False, True):
        case_id = await desk.report(
            channel="leader",
            category="0201",
            reporter={"name": "张三", "phone": "13812341234", "secret": secret},
        )
        await desk.step(case_id, "accept")
        await desk.step(case_id, "file", {"standard": "structure"})
        await desk.step(case_id, "dispatch", {"unit_id": str(unit_id)})
        told[secret] = (await outbox(desk.database, "jiayuan.grid.handover-tasks.v1"))[-1].payload["contents"]
    contents = told[False]
    assert contents["place"]["address"] == "福建中路100弄3号202室"
    assert contents["media"] == [{"hash": "a" * 64, "purpose": "before", "media_type": None}]
    assert contents["details"]["closing"] == "拆除并恢复畅通"
    assert contents["reporter"] is None
    assert told[True]["reporter"] is None


async def test_a_callers_name_reaches_the_unit_but_never_the_accused(desk: Desk) -> None:
    unit_id = await known_unit(desk.database)
    seen = []
    for withheld in (False, True):
        case_id = await desk.report(
            channel="12345", category="0201", reporter={"name": "张三", "phone": "13812341234"}
        )
        await desk.step(case_id, "request-verification", {"inspector": "inspector-3"})
        await desk.step(case_id, "verify", {"confirmed": True, "note": "属实"})
        await desk.step(case_id, "accept")
        await desk.step(case_id, "file", {"standard": "structure"})
        body = {"unit_id": str(unit_id), "withhold_reporter": withheld}
        await desk.step(case_id, "dispatch", body)
        payload = (await outbox(desk.database, "jiayuan.grid.handover-tasks.v1"))[-1].payload
        seen.append(payload["contents"]["reporter"] and payload["contents"]["reporter"]["phone"])
    assert seen == ["13812341234", None]


async def test_who_was_kept_from_a_unit_once_is_kept_from_it_for_good(desk: Desk) -> None:
    unit_id = await known_unit(desk.database)
    told = {"name": "张三", "phone": "13812341234"}
    case_id = await desk.report(channel="12345", category="0201", reporter=told)
    await desk.step(case_id, "request-verification", {"inspector": "inspector-3"})
    await desk.step(case_id, "verify", {"confirmed": True, "note": "属实"})
    await desk.step(case_id, "accept")
    await desk.step(case_id, "file", {"standard": "structure"})
    await desk.step(case_id, "dispatch", {"unit_id": str(unit_id), "withhold_reporter": True})
    await desk.step(case_id, "supplement", {"text": "张三称仍未处理"})
    await desk.step(case_id, "urge", {"note": "张三再次来电"})
    await desk.step(case_id, "recall", {"reason": "另派"})
    await desk.step(case_id, "dispatch", {"unit_id": str(unit_id)})
    sent = await outbox(desk.database, "jiayuan.grid.handover-tasks.v1")
    assert [event.verb for event in sent] == ["requested", "supplemented", "urged", "withdrawn", "requested"]
    assert [event.verb for event in sent if "张三" in str(event.payload)] == []


async def test_send_back_to_be_filed_anew(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.say(said.ReturnAsked, note="非本单位职责")
    started = (await desk.case(unit.case_id)).clock_started_at
    shown = await desk.step(unit.case_id, "send-back", {"reason": "类别有误"})
    assert (shown["state"], shown["queue"], shown["unit_id"]) == ("accepted", "to_file", None)
    assert (await unit.handover()).state == "returned"
    shown = await desk.step(unit.case_id, "file", {"standard": "found", "category": "0202"})
    assert (shown["category"], shown["standard"]["code"]) == ("0202", "found")
    assert (await desk.case(unit.case_id)).clock_started_at == started


async def test_from_squad_to_unit_late_and_back_the_chain_of_handovers_holds(desk: Desk) -> None:
    unit_id = await known_unit(desk.database)
    case_id = await desk.handled()
    due_at = (await desk.case(case_id)).due_at
    assert due_at is not None
    desk.clock.now = due_at + timedelta(hours=1)
    steps = [{"unit_id": str(unit_id)}, {"squad": "网格处置一队"}, {"unit_id": str(unit_id)}]
    for body in steps:
        await desk.step(case_id, "recall", {"reason": "另派"})
        await desk.step(case_id, "dispatch", body)
    assert (await desk.case(case_id)).due_at == due_at
    told = await outbox(desk.database, "jiayuan.grid.handover-tasks.v1")
    requests = [event for event in told if event.verb == "requested"]
    assert [event.payload["replaces_id"] for event in requests] == [None, str(requests[0].aggregate_id)]
    assert [event.payload["times"] for event in requests] == [1, 2]
