"""A case from report to close, handled by the own squad, over HTTP."""

from __future__ import annotations

from sqlalchemy import text

from libs.common.policy import Role
from tests.grid.factories import CHECKER, HANDLER, Desk, outbox


async def test_from_report_to_close(desk: Desk) -> None:
    case_id = await desk.answered()
    await desk.check(case_id)
    shown = await desk.step(case_id, "close", {"note": "同意结案"})
    assert shown["state"] == "closed"
    assert shown["on_time"] is True
    assert shown["queue"] is None
    assert shown["ended_at"] is not None
    told = await outbox(desk.database)
    assert [event.verb for event in told] == [
        "reported", "accepted", "filed", "dispatched", "started", "answered",
        "check-assigned", "checked", "closed",
    ]  # fmt: skip
    assert [event.version for event in told] == list(range(1, 10))
    assert told[-1].payload["outcome"] == "solved"


async def test_a_case_is_closed_in_a_loop_of_its_standard(desk: Desk) -> None:
    loops = text("UPDATE standard SET loops = '{self,small}' WHERE code = 'found'")
    await desk.database.transact(lambda s: s.execute(loops))
    case_id = await desk.answered()
    await desk.check(case_id)
    told = await desk.read(case_id)
    assert (told["loop"], told["standard"]["loops"]) == ("micro", ["self", "small"])
    answer = await desk.post(case_id, "close", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "loop-not-allowed")
    assert answer.json()["data"] == {"loops": "self, small", "loop": "micro"}
    assert (await desk.case(case_id)).state == "checked"
    called = text("UPDATE grid_case SET level = 'subdistrict', loop = 'small' WHERE id = :id")
    await desk.database.transact(lambda s: s.execute(called, {"id": case_id}))
    assert (await desk.step(case_id, "close", {}))["state"] == "closed"


async def test_filing_calls_a_case_up_to_the_lowest_loop_of_its_standard(desk: Desk) -> None:
    loops = text("UPDATE standard SET loops = '{small,big}' WHERE code = 'found'")
    await desk.database.transact(lambda s: s.execute(loops))
    told = await desk.read(await desk.filed())
    assert (told["level"], told["loop"]) == ("subdistrict", "small")


async def test_nobody_closes_what_they_handled(desk: Desk) -> None:
    case_id = await desk.answered()
    await desk.check(case_id)
    answer = await desk.post(case_id, "close", {}, subject=HANDLER)
    assert (answer.status_code, answer.json()["code"]) == (403, "checked-by-handler")


async def test_the_inspector_cannot_close(desk: Desk) -> None:
    case_id = await desk.answered()
    await desk.check(case_id)
    answer = await desk.post(case_id, "close", {}, role=Role.INSPECTOR, subject=CHECKER)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")


async def test_the_duty_chief_has_it_checked_again(desk: Desk) -> None:
    case_id = await desk.answered()
    await desk.check(case_id)
    shown = await desk.step(case_id, "recheck", {"reason": "核查照片与现场不符"})
    assert (shown["state"], shown["queue"]) == ("checking", "to_check")


async def test_what_was_never_filed_is_refused_filing_and_not_closed(desk: Desk) -> None:
    accepted = await desk.report()
    await desk.step(accepted, "accept")
    body = {"reason_code": "policy", "reason": "已列入改造计划"}
    answer = await desk.post(accepted, "force-close", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")


async def test_force_closing_and_voiding_are_ends_with_a_reason(desk: Desk) -> None:
    forced = await desk.filed()
    shown = await desk.step(forced, "force-close", {"reason_code": "policy", "reason": "已列入改造计划"})
    assert (shown["state"], shown["ended_at"] is None) == ("force_closed", False)
    void = await desk.report()
    shown = await desk.step(void, "void", {"reason_code": "test", "reason": "测试数据"})
    assert shown["state"] == "voided"
    nothing = await desk.post(void, "reopen", {"reason": "再办"})
    assert nothing.json()["code"] == "illegal-transition"
    assert (await desk.step(forced, "reopen", {"reason": "再办"}))["state"] == "filed"


async def test_a_stopped_case_is_nobodys_to_check(desk: Desk) -> None:
    case_id = await desk.answered()
    await desk.assign_check(case_id)
    shown = await desk.step(case_id, "void", {"reason_code": "false-report", "reason": "误报"})
    assert shown["checker"] is None
