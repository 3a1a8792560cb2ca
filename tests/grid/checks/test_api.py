"""Verifying before acceptance and checking after the answer, over HTTP."""

from __future__ import annotations

from libs.common.policy import Role
from tests.grid.factories import CHECKER, HANDLER, Desk, as_


async def test_a_hotline_report_is_verified_before_acceptance(desk: Desk) -> None:
    case_id = await desk.report(channel="12345")
    early = await desk.post(case_id, "accept")
    assert (early.status_code, early.json()["code"]) == (409, "verification-missing")
    await desk.step(case_id, "request-verification", {"inspector": HANDLER})
    shown = await desk.step(case_id, "request-verification", {"inspector": CHECKER})
    assert (shown["state"], shown["checker"], shown["queue"]) == ("verifying", CHECKER, None)
    former = await desk.post(case_id, "verify", {"confirmed": True, "note": "属实"}, subject=HANDLER)
    assert (former.status_code, former.json()["code"]) == (403, "not-assigned-to-you")
    photos = [await desk.photo(CHECKER, "d")]
    shown = await desk.step(case_id, "verify", {"confirmed": True, "note": "属实", "photos": photos})
    assert (shown["state"], shown["verification"]) == ("reported", "confirmed")
    assert (await desk.step(case_id, "accept"))["state"] == "accepted"


async def test_a_refuted_report_can_only_be_rejected(desk: Desk) -> None:
    case_id = await desk.report(channel="12345")
    await desk.step(case_id, "request-verification", {"inspector": CHECKER})
    await desk.step(case_id, "verify", {"confirmed": False, "note": "现场未见"})
    assert (await desk.post(case_id, "accept")).json()["code"] == "verification-missing"
    body = {"reason_code": "no-such-problem", "reason": "现场未见该问题"}
    assert (await desk.step(case_id, "reject", body))["state"] == "rejected"


async def test_the_inspectors_list_by_deadline(desk: Desk) -> None:
    verify = await desk.report(channel="12345")
    await desk.step(verify, "request-verification", {"inspector": CHECKER})
    check = await desk.answered()
    await desk.assign_check(check)
    headers = as_(Role.INSPECTOR, subject=CHECKER)
    first = (await desk.client.get("/grid/v1/checks", params={"limit": 1}, headers=headers)).json()
    assert [(row["check"]["kind"], row["case"]["id"]) for row in first["items"]] == [("verify", str(verify))]
    assert first["items"][0]["check"]["due_at"] is not None
    assert "verify" in first["items"][0]["case"]["allowed_actions"]
    rest = (await desk.client.get("/grid/v1/checks", params={"after": first["next"]}, headers=headers)).json()
    assert [(row["check"]["kind"], row["case"]["id"]) for row in rest["items"]] == [("check", str(check))]
    assert rest["next"] is None
    await desk.step(check, "check", {"passed": True, "mode": "online", "note": "照片清晰"})
    left = (await desk.client.get("/grid/v1/checks", headers=headers)).json()
    assert len(left["items"]) == 1


async def test_nobody_checks_what_they_handled(desk: Desk) -> None:
    case_id = await desk.answered()
    refused = await desk.post(case_id, "assign-check", {"inspector": HANDLER})
    assert (refused.status_code, refused.json()["code"]) == (409, "handler-as-checker")
    await desk.assign_check(case_id)
    other = await desk.post(case_id, "check", {"passed": True, "note": "已查看"}, subject=HANDLER)
    assert (other.status_code, other.json()["code"]) == (403, "not-assigned-to-you")


async def test_a_failed_check_is_rework_with_new_photos_and_no_fresh_clock(desk: Desk) -> None:
    case_id = await desk.answered()
    due_at = (await desk.case(case_id)).due_at
    shown = await desk.check(case_id, passed=False)
    assert (shown["state"], shown["rework_count"], shown["queue"]) == ("handling", 1, "rework")
    assert (await desk.case(case_id)).due_at == due_at
    old = {"outcome": "solved", "summary": "已清理", "photos": [await desk.photo(HANDLER, "b")]}
    again = await desk.post(case_id, "answer", old)
    assert (again.status_code, again.json()["code"]) == (422, "photos-missing")
    await desk.answer(case_id, "c")
    shown = await desk.check(case_id)
    assert shown["state"] == "checked"
    listed = await desk.client.get(f"/grid/v1/cases/{case_id}/checks", headers=as_(Role.DISPATCHER))
    assert [(row["rework"], row["good"]) for row in listed.json()["items"]] == [(0, False), (1, True)]


async def test_a_withdrawn_report_is_nobodys_to_verify(desk: Desk) -> None:
    case_id = await desk.report(channel="12345")
    await desk.step(case_id, "request-verification", {"inspector": CHECKER})
    await desk.step(
        case_id, "withdraw", {"reason": "来电人撤回"}, role=Role.HOTLINE_OFFICER, subject="hotline_officer-1"
    )
    headers = as_(Role.INSPECTOR, subject=CHECKER)
    assert (await desk.client.get("/grid/v1/checks", headers=headers)).json()["items"] == []
