"""Extension and suspension of the own squad's case over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from libs.common.jobs import run_once
from libs.common.policy import Role
from services.grid.deferrals.jobs import JOBS
from tests.grid.factories import HANDLER, Desk, as_, outbox

ASKING: Any = {"role": Role.INSPECTOR, "subject": HANDLER}


async def test_an_extension_by_two_approvals_adds_one_limit(desk: Desk) -> None:
    case_id = await desk.handled()
    before = (await desk.case(case_id)).due_at
    assert before is not None
    asked = await desk.step(case_id, "ask-extension", {"reason": "待料"}, **ASKING)
    assert (asked["deferral"], asked["queue"]) == ("extension:requested", "extension")
    early = await desk.post(case_id, "grant-deferral", {})
    assert early.json()["code"] == "illegal-transition"
    await desk.step(case_id, "approve-deferral", {})
    shown = await desk.step(case_id, "grant-deferral", {"note": "同意"})
    after = (await desk.case(case_id)).due_at
    assert after == before + timedelta(days=1)
    assert (shown["deferral"], shown["extension_count"], shown["queue"]) == (None, 1, None)
    listed = await desk.client.get(f"/grid/v1/cases/{case_id}/deferrals", headers=as_(Role.DISPATCHER))
    assert [row["state"] for row in listed.json()["items"]] == ["granted"]
    assert [event.verb for event in await outbox(desk.database)][-3:] == [
        "extension-asked", "deferral-approved", "extended",
    ]  # fmt: skip


async def test_one_person_cannot_give_both_approvals(desk: Desk) -> None:
    case_id = await desk.handled()
    await desk.step(case_id, "ask-extension", {"reason": "待料"}, **ASKING)
    await desk.step(case_id, "approve-deferral", {}, subject="both")
    answer = await desk.post(case_id, "grant-deferral", {}, subject="both")
    assert (answer.status_code, answer.json()["code"]) == (403, "same-approver")


async def test_at_most_two_extensions_and_refusals_do_not_count(desk: Desk) -> None:
    case_id = await desk.handled()
    for decision in ("refuse", "grant", "grant"):
        await desk.step(case_id, "ask-extension", {"reason": "待料"}, **ASKING)
        if decision == "refuse":
            await desk.step(case_id, "refuse-deferral", {"reason": "可按期完成"}, role=Role.DUTY_CHIEF)
            continue
        await desk.step(case_id, "approve-deferral", {})
        await desk.step(case_id, "grant-deferral", {})
    answer = await desk.post(case_id, "ask-extension", {"reason": "待料"}, **ASKING)
    assert (answer.status_code, answer.json()["code"]) == (409, "deferrals-used-up")


async def test_a_suspension_pauses_the_clock_and_ends_by_itself(desk: Desk) -> None:
    case_id = await desk.handled()
    before = (await desk.case(case_id)).due_at
    assert before is not None
    until = desk.clock.now + timedelta(days=7)
    body = {"reason": "列入维修计划", "until": until.isoformat()}
    await desk.step(case_id, "ask-suspension", body)
    await desk.step(case_id, "approve-deferral", {})
    shown = await desk.step(case_id, "grant-deferral", {})
    assert (shown["state"], shown["queue"]) == ("suspended", None)
    desk.clock.now = until - timedelta(seconds=1)
    assert await run_once(desk.database, "grid", JOBS[0], now=desk.clock.now) == 0
    desk.clock.now = until
    assert await run_once(desk.database, "grid", JOBS[0], now=until) == 1
    assert await run_once(desk.database, "grid", JOBS[0], now=until) == 0
    case = await desk.case(case_id)
    assert case.state == "handling"
    assert case.due_at == before + timedelta(days=7)
    again = await desk.post(
        case_id, "ask-suspension", body | {"until": (until + timedelta(days=9)).isoformat()}
    )
    assert again.json()["code"] == "deferrals-used-up"
    verbs = [event.verb for event in await outbox(desk.database)]
    assert verbs[-2:] == ["suspended", "resumed"]


async def test_a_dispatcher_resumes_early(desk: Desk) -> None:
    case_id = await desk.handled()
    until = (desk.clock.now + timedelta(days=30)).isoformat()
    await desk.step(case_id, "ask-suspension", {"reason": "列入维修计划", "until": until})
    await desk.step(case_id, "approve-deferral", {})
    await desk.step(case_id, "grant-deferral", {})
    assert (await desk.step(case_id, "resume", {"note": "材料已到"}))["state"] == "handling"


async def test_what_was_asked_for_lapses_with_the_answer(desk: Desk) -> None:
    case_id = await desk.handled()
    await desk.step(case_id, "ask-extension", {"reason": "待料"}, **ASKING)
    shown = await desk.answer(case_id)
    assert shown["deferral"] is None
    nothing = await desk.post(case_id, "grant-deferral", {})
    assert nothing.json()["code"] == "deferral-nothing-asked"
    await desk.check(case_id, passed=False)
    await desk.step(case_id, "ask-extension", {"reason": "返工待料"}, **ASKING)
    listed = await desk.client.get(f"/grid/v1/cases/{case_id}/deferrals", headers=as_(Role.DISPATCHER))
    assert [row["state"] for row in listed.json()["items"]] == ["lapsed", "requested"]
