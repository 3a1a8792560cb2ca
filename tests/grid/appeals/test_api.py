"""An appeal against an overdue mark over HTTP: asked, decided by another person, counted and seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from libs.common.jobs import run_once
from libs.common.policy import Role
from services.grid.cases.jobs import JOBS as SWEEPS
from tests.grid.factories import CHECKER, HANDLER, Desk, as_, at_unit, outbox

GROUNDS = {"reason_code": "weather", "note": "台风橙色预警期间停止户外作业，电话13812341234"}
SQUAD: Any = {"role": Role.INSPECTOR, "subject": HANDLER}
CHIEF: Any = {"role": Role.DUTY_CHIEF}
AGREED = {"note": "经核属实"}


async def overdue(desk: Desk, case_id: UUID) -> datetime:
    """The deadline passes and the sweep sees it."""
    due = (await desk.case(case_id)).due_at
    assert due is not None
    desk.clock.now = due + timedelta(minutes=1)
    await run_once(desk.database, "grid", SWEEPS[0], now=desk.clock.now)
    return due


async def late(desk: Desk) -> UUID:
    """A case of the squad that is overdue."""
    case_id = await desk.handled()
    await overdue(desk, case_id)
    return case_id


async def closed_late(desk: Desk) -> UUID:
    """The same, answered, checked and closed."""
    case_id = await late(desk)
    await desk.answer(case_id)
    await desk.check(case_id)
    await desk.step(case_id, "close", {})
    return case_id


async def to_decide(desk: Desk, *roles: Role, **asked: Any) -> list[str]:
    headers = as_(*(roles or (Role.DUTY_CHIEF,)))
    answer = await desk.client.get("/grid/v1/appeals", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return [item["case"]["id"] for item in answer.json()["items"]]


async def refusal(desk: Desk, case_id: UUID, action: str, body: Any, **who: Any) -> tuple[int, str]:
    answer = await desk.post(case_id, action, body, **who)
    return answer.status_code, answer.json().get("code", "")


async def test_what_was_excused_stays_seen(desk: Desk) -> None:
    case_id = await closed_late(desk)
    photo = await desk.photo(HANDLER, "c")
    shown = await desk.step(case_id, "ask-appeal", {**GROUNDS, "photos": [photo]}, **SQUAD)
    assert (shown["state"], shown["appeal"], shown["excused"]) == ("closed", "asked", False)
    assert [one["stage"] for one in shown["photos"]].count("appeal") == 1
    assert await to_decide(desk) == [str(case_id)]
    assert await to_decide(desk, Role.SUPERVISION_OFFICE) == [str(case_id)]
    told = await desk.step(case_id, "grant-appeal", AGREED, **CHIEF)
    assert (told["state"], told["decided_by"], told["decision"]) == ("excused", "duty_chief-1", "经核属实")
    after = await desk.read(case_id)
    assert (after["excused"], after["appeal"], after["on_time"]) == (True, "excused", False)
    assert after["overdue_at"] == told["overdue_at"], "the fact stays"
    assert await to_decide(desk) == []
    asked, granted = (await outbox(desk.database))[-2:]
    assert (asked.verb, asked.payload["reason_code"], asked.payload["excused"]) == (
        "appeal-asked", "weather", False,
    )  # fmt: skip
    assert (granted.verb, granted.payload["of_round"], granted.payload["excused"]) == (
        "appeal-granted", 1, True,
    )  # fmt: skip
    assert "note" not in granted.payload
    history = await desk.client.get(f"/grid/v1/cases/{case_id}/history", headers=as_(Role.LEADER))
    assert [row["action"] for row in history.json()["items"]][-2:] == ["ask-appeal", "grant-appeal"]
    listed = await desk.client.get(f"/grid/v1/cases/{case_id}/appeals", headers=as_(Role.DISPATCHER))
    (row,) = listed.json()["items"]
    assert (row["note"][-11:], row["photos"]) == ("138****1234", [photo])


async def test_two_people_and_once_per_mark(desk: Desk) -> None:
    case_id = await late(desk)
    body = {**GROUNDS, "reason_code": "no-time"}
    for subject, code in ((CHECKER, "appeal-not-yours"), (HANDLER, "appeal-reason-unknown")):
        found = await refusal(desk, case_id, "ask-appeal", body, role=Role.INSPECTOR, subject=subject)
        assert found[1] == code
    await desk.step(case_id, "ask-appeal", GROUNDS, subject="both")  # the dispatcher for who handles it
    for subject in ("both", HANDLER):
        who: Any = {"role": Role.DUTY_CHIEF, "subject": subject}
        assert await refusal(desk, case_id, "grant-appeal", AGREED, **who) == (403, "same-appellant")
    assert await refusal(desk, case_id, "ask-appeal", GROUNDS) == (409, "appealed-already")
    told = await desk.step(case_id, "refuse-appeal", {"note": "可提前安排"}, role=Role.SUPERVISION_OFFICE)
    assert told["state"] == "refused"
    assert await refusal(desk, case_id, "ask-appeal", GROUNDS) == (409, "appealed-already")
    assert await refusal(desk, case_id, "grant-appeal", AGREED, **CHIEF) == (409, "appeal-nothing-asked")
    shown = await desk.read(case_id)
    assert (shown["excused"], shown["appeal"], shown["queue"]) == (False, "refused", "overdue")


async def test_what_is_in_time_has_nothing_to_appeal_against_and_an_old_mark_is_too_old(desk: Desk) -> None:
    in_time = await desk.handled()
    assert await refusal(desk, in_time, "ask-appeal", GROUNDS) == (409, "appeal-nothing-overdue")
    case_id = await late(desk)
    desk.clock.tick(timedelta(days=16))
    assert await refusal(desk, case_id, "ask-appeal", GROUNDS) == (409, "appeal-too-late")


async def test_a_late_answer_before_any_sweep_is_a_mark_too(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.sign()
    due = (await desk.case(unit.case_id)).due_at
    assert due is not None
    desk.clock.now = due + timedelta(minutes=5)
    await unit.answer()
    shown = await desk.step(unit.case_id, "ask-appeal", {**GROUNDS, "reason_code": "duty-unclear"})
    assert (shown["on_time"], shown["appeal"]) == (False, "asked")
    own = await refusal(
        desk, unit.case_id, "grant-appeal", AGREED, unit_id=(await desk.case(unit.case_id)).unit_id, **CHIEF
    )
    assert own == (403, "same-appellant")


async def test_a_mark_that_was_taken_off_is_excused_no_more_and_the_next_one_is_another(desk: Desk) -> None:
    case_id = await desk.handled()
    await desk.step(case_id, "ask-extension", {"reason": "待料"}, **SQUAD)
    await overdue(desk, case_id)
    await desk.step(case_id, "ask-appeal", GROUNDS, **SQUAD)
    await desk.step(case_id, "grant-appeal", AGREED, **CHIEF)
    await desk.step(case_id, "approve-deferral", {})
    assert (await desk.step(case_id, "grant-deferral", {}))["excused"] is False
    await overdue(desk, case_id)
    shown = await desk.read(case_id)
    assert (shown["overdue_at"] is None, shown["excused"], shown["appeal"]) == (False, False, None)
    await desk.step(case_id, "ask-appeal", GROUNDS, **SQUAD)
    assert await to_decide(desk) == [str(case_id)]
    await desk.step(case_id, "grant-appeal", AGREED, **CHIEF)
    assert (await desk.read(case_id))["excused"] is True


async def test_what_nobody_needs_to_decide_leaves_the_list(desk: Desk) -> None:
    extended, voided = await desk.handled(), await desk.handled()
    await desk.step(extended, "ask-extension", {"reason": "待料"}, **SQUAD)
    await overdue(desk, voided)
    for case_id in (extended, voided):
        await desk.step(case_id, "ask-appeal", GROUNDS, **SQUAD)
    assert await to_decide(desk) == [str(extended), str(voided)]
    assert await to_decide(desk, area="310101003") == []
    await desk.step(extended, "approve-deferral", {})
    await desk.step(extended, "grant-deferral", {})
    await desk.step(voided, "void", {"reason_code": "test", "reason": "测试数据"})
    assert await to_decide(desk) == []
    assert await refusal(desk, extended, "grant-appeal", AGREED, **CHIEF) == (409, "appeal-nothing-asked")


async def test_a_new_round_has_its_own_verdict_and_the_former_is_still_decided(desk: Desk) -> None:
    case_id = await closed_late(desk)
    await desk.step(case_id, "ask-appeal", GROUNDS, **SQUAD)
    shown = await desk.step(case_id, "reopen", {"reason": "再次反映"})
    assert (shown["overdue_at"], shown["appeal"], shown["excused"]) == (None, None, False)
    assert await to_decide(desk) == [str(case_id)]
    told = await desk.step(case_id, "grant-appeal", AGREED, **CHIEF)
    assert (told["round"], told["state"]) == (1, "excused")
    assert (await desk.read(case_id))["excused"] is False
    assert (await outbox(desk.database))[-1].payload["of_round"] == 1


@pytest.mark.parametrize("action", ["ask-appeal", "grant-appeal", "refuse-appeal"])
async def test_a_report_that_nobody_has_filed_has_no_appeal(desk: Desk, action: str) -> None:
    case_id = await desk.report()
    body = GROUNDS if action == "ask-appeal" else AGREED
    who = CHIEF if action != "ask-appeal" else {}
    assert (await refusal(desk, case_id, action, body, **who))[0] == 409


async def test_pages_of_what_is_to_decide(desk: Desk) -> None:
    ids = [await desk.handled() for _ in range(3)]
    await overdue(desk, ids[-1])
    for case_id in ids:
        await desk.step(case_id, "ask-appeal", GROUNDS, **SQUAD)
        desk.clock.tick()
    found, after = [], None
    while True:
        params: dict[str, Any] = {"limit": 2} | ({"after": after} if after else {})
        answer = await desk.client.get("/grid/v1/appeals", params=params, headers=as_(Role.DUTY_CHIEF))
        page = answer.json()
        found += [item["appeal"]["case_id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert found == [str(case_id) for case_id in ids]
