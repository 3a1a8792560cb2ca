"""What a unit says about a case, each message delivered twice, and what grid says back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from libs.common.contracts import handover as said
from libs.common.policy import Role
from tests.grid.factories import CHECKER, Desk, as_, at_unit, known_unit, outbox


async def test_the_story_there_and_back(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.sign()
    assert (await desk.case(unit.case_id)).state == "handling"
    await unit.say(said.FirstContactMade, contacted_at=desk.clock.now, person="张女士")
    await unit.say(said.Progressed, note="已约施工")
    desk.clock.tick(timedelta(hours=1))
    await unit.answer()
    shown = await desk.read(unit.case_id)
    assert (shown["state"], shown["on_time"], shown["queue"]) == ("checking", True, "to_check")
    assert [photo["stage"] for photo in shown["photos"]] == ["before", "after"]
    await desk.check(unit.case_id)
    await desk.step(unit.case_id, "close", {})
    handover = await unit.handover()
    assert (handover.state, handover.on_time) == ("accepted", True)
    told = [event.verb for event in await outbox(desk.database)]
    assert told[3:] == [
        "dispatched", "started", "progressed", "progressed", "answered",
        "check-assigned", "checked", "closed",
    ]  # fmt: skip
    assert (await outbox(desk.database, "jiayuan.grid.handover-tasks.v1"))[-1].verb == "accepted"


async def test_a_failed_check_is_rework_of_the_same_handover(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.sign()
    due_at = (await desk.case(unit.case_id)).due_at
    await unit.answer()
    shown = await desk.check(unit.case_id, passed=False)
    assert (shown["state"], shown["rework_count"], shown["queue"]) == ("handling", 1, "rework")
    handover = await unit.handover()
    assert (handover.state, handover.reworks, handover.due_at) == ("signed", 1, due_at)
    await unit.answer("d")
    await desk.check(unit.case_id)
    assert (await desk.step(unit.case_id, "close", {}))["state"] == "closed"
    assert handover.id == (await desk.case(unit.case_id)).handover_id


async def test_a_return_goes_to_the_dispatcher_who_sends_it_elsewhere(desk: Desk) -> None:
    unit = await at_unit(desk)
    before = await desk.case(unit.case_id)
    await unit.say(said.ReturnAsked, note="非本单位职责")
    shown = await desk.read(unit.case_id)
    assert (shown["state"], shown["queue"], shown["return_count"]) == ("returned", "returned", 1)
    assert "close" not in shown["allowed_actions"]
    assert {"dispatch", "designate", "send-back"} <= set(shown["allowed_actions"])
    other = await known_unit(desk.database)
    desk.clock.tick(timedelta(hours=2))
    await desk.step(unit.case_id, "dispatch", {"unit_id": str(other)})
    after = await desk.case(unit.case_id)
    assert (await unit.handover()).state == "returned"
    assert after.handover_id != unit.handover_id
    assert (after.due_at, after.clock_started_at) == (before.due_at, before.clock_started_at)
    requests = [
        e for e in await outbox(desk.database, "jiayuan.grid.handover-tasks.v1") if e.verb == "requested"
    ]
    assert requests[-1].payload["replaces_id"] == str(unit.handover_id)


async def test_a_designated_unit_goes_on_with_the_same_handover(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.say(said.ReturnAsked, note="非本单位职责")
    shown = await desk.step(unit.case_id, "designate", {"reason": "职责清单明确"})
    assert (shown["state"], shown["designated"], shown["handover_id"]) == (
        "dispatched", True, str(unit.handover_id),
    )  # fmt: skip
    await unit.sign()
    assert (await desk.case(unit.case_id)).state == "handling"
    rows = await desk.client.get(f"/grid/v1/cases/{unit.case_id}/dispatches", headers=_dispatcher())
    assert [(row["end"], row["designated_at"] is None) for row in rows.json()["items"]] == [(None, False)]


async def test_a_signature_given_before_the_return_holds_after_a_designation(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.sign()
    await unit.say(said.ReturnAsked, note="非本单位职责")
    await desk.step(unit.case_id, "designate", {"reason": "职责清单明确"})
    handover = await unit.handover()
    case = await desk.case(unit.case_id)
    assert {"signed": "handling", "requested": "dispatched"}[handover.state] == case.state


async def test_an_extension_is_asked_for_and_granted_by_two(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.sign()
    before = await desk.case(unit.case_id)
    assert before.due_at is not None
    await unit.say(said.ExtensionAsked, note="待料", until=before.due_at + timedelta(days=3))
    assert await desk.queue(reason="extension") == [(str(unit.case_id), "extension")]
    await desk.step(unit.case_id, "approve-deferral", {"note": "情况属实"})
    shown = await desk.step(unit.case_id, "grant-deferral", {})
    handover = await unit.handover()
    after = await desk.case(unit.case_id)
    assert after.due_at is not None
    assert after.due_at > before.due_at
    assert (handover.due_at, handover.extensions) == (after.due_at, 1)
    assert shown["extension_count"] == 1


async def test_an_extension_is_refused(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.sign()
    before = await desk.case(unit.case_id)
    assert before.due_at is not None
    await unit.say(said.ExtensionAsked, note="待料", until=before.due_at + timedelta(days=3))
    await desk.step(unit.case_id, "refuse-deferral", {"reason": "时限内可以完成"})
    assert (await unit.handover()).extension_until is None
    assert (await desk.case(unit.case_id)).due_at == before.due_at


async def test_an_extension_asked_too_late_is_refused_at_once(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.sign()
    due_at = (await desk.case(unit.case_id)).due_at
    assert due_at is not None
    desk.clock.now = due_at + timedelta(hours=1)
    await unit.say(said.ExtensionAsked, note="待料", until=due_at + timedelta(days=3))
    assert (await unit.handover()).extension_until is None
    assert (await desk.case(unit.case_id)).deferral is None


async def test_urging_and_supplements_reach_the_unit(desk: Desk) -> None:
    unit = await at_unit(desk)
    await desk.step(unit.case_id, "urge", {"note": "居民再次来电"})
    await desk.step(unit.case_id, "supplement", {"text": "又增一处"})
    told = await outbox(desk.database, "jiayuan.grid.handover-tasks.v1")
    assert [event.verb for event in told] == ["requested", "urged", "supplemented"]
    assert (await desk.case(unit.case_id)).urge_count == 1


async def test_an_answer_after_a_withdrawal_is_recorded_and_not_applied(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.sign()
    read = (await unit.handover()).version
    await desk.step(unit.case_id, "recall", {"reason": "派遣有误"})
    await unit.answer(read=read)
    case = await desk.case(unit.case_id)
    assert (case.state, case.unit_id, case.answered_at) == ("filed", None, None)
    assert (await unit.handover()).state == "withdrawn"


async def test_an_answer_that_crosses_a_suspension_is_work_done(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.sign()
    read = (await unit.handover()).version
    await suspended(desk, unit.case_id)
    desk.clock.tick(timedelta(hours=1))
    await unit.answer(read=read)
    assert (await desk.case(unit.case_id)).state == "checking"
    assert (await unit.handover()).suspended_at is None
    assert (await desk.check(unit.case_id, passed=False))["state"] == "handling"


async def suspended(desk: Desk, case_id: UUID) -> None:
    """Suspend the case by two approvals."""
    until = (desk.clock.now + timedelta(days=30)).isoformat()
    await desk.step(case_id, "ask-suspension", {"reason": "列入计划", "until": until})
    await desk.step(case_id, "approve-deferral", {})
    await desk.step(case_id, "grant-deferral", {})


async def test_a_return_that_crosses_a_suspension_stays_a_question(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.sign()
    read = (await unit.handover()).version
    await suspended(desk, unit.case_id)
    await unit.say(said.ReturnAsked, note="非本单位职责", read=read)
    shown = await desk.read(unit.case_id)
    assert (shown["state"], shown["queue"]) == ("returned", "returned")
    assert (await unit.handover()).suspended_at is None
    assert (await desk.step(unit.case_id, "designate", {"reason": "职责明确"}))["designated"] is True


async def test_an_extension_that_crosses_a_suspension_is_refused_at_once(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.sign()
    read = (await unit.handover()).version
    await suspended(desk, unit.case_id)
    await unit.say(said.ExtensionAsked, note="待料", until=desk.clock.now + timedelta(days=9), read=read)
    assert (await unit.handover()).extension_until is None
    assert (await desk.case(unit.case_id)).state == "suspended"


async def test_an_extension_asked_before_the_return_lapses_with_a_designation(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.sign()
    await unit.say(said.ExtensionAsked, note="待料", until=desk.clock.now + timedelta(days=9))
    await unit.say(said.ReturnAsked, note="非本单位职责")
    assert (await desk.case(unit.case_id)).deferral is None
    await desk.step(unit.case_id, "designate", {"reason": "职责明确"})
    assert (await unit.handover()).extension_until is None
    assert (await desk.case(unit.case_id)).deferral is None


async def test_a_change_of_the_standard_reaches_the_unit(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.sign()
    shown = await desk.step(
        unit.case_id, "change-standard", {"standard": "vehicle", "reason": "现场为车辆占用"}
    )
    handover = await unit.handover()
    assert handover.due_at is not None
    assert shown["standard"]["code"] == "vehicle"
    assert shown["due_at"] == handover.due_at.isoformat().replace("+00:00", "Z")


async def test_force_closing_withdraws_the_handover(desk: Desk) -> None:
    unit = await at_unit(desk)
    body = {"reason_code": "policy", "reason": "已列入改造计划"}
    assert (await desk.step(unit.case_id, "force-close", body))["state"] == "force_closed"
    assert (await unit.handover()).state == "withdrawn"


async def test_voiding_a_returned_case_ends_its_handover(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.say(said.ReturnAsked, note="非本单位职责")
    body = {"reason_code": "false-report", "reason": "误报"}
    assert (await desk.step(unit.case_id, "void", body))["state"] == "voided"
    assert (await unit.handover()).state == "returned"


async def test_reopening_is_a_new_handover_with_its_own_limit(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.sign()
    await unit.answer()
    await desk.check(unit.case_id)
    await desk.step(unit.case_id, "close", {})
    desk.clock.tick(timedelta(days=20))
    shown = await desk.step(unit.case_id, "reopen", {"reason": "问题复发"})
    assert (shown["state"], shown["round"], shown["due_at"]) == ("filed", 2, None)
    again = await known_unit(desk.database)
    await desk.step(unit.case_id, "dispatch", {"unit_id": str(again)})
    rows = (await desk.client.get(f"/grid/v1/cases/{unit.case_id}/dispatches", headers=_dispatcher())).json()[
        "items"
    ]
    assert [(row["round"], row["on_time"], row["end"]) for row in rows] == [
        (1, True, "closed"), (2, None, None),
    ]  # fmt: skip


async def test_the_units_own_people_cannot_check_or_close(desk: Desk) -> None:
    unit = await at_unit(desk)
    await unit.sign()
    await unit.answer()
    await desk.assign_check(unit.case_id)
    case = await desk.case(unit.case_id)
    body = {"passed": True, "note": "已查看"}
    answer = await desk.post(unit.case_id, "check", body, subject=CHECKER, unit_id=case.unit_id)
    assert (answer.status_code, answer.json()["code"]) == (403, "checked-by-handler")
    refused = await desk.post(unit.case_id, "assign-check", {"inspector": "clerk-1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "handler-as-checker")


async def test_the_squads_routes_refuse_a_units_case(desk: Desk) -> None:
    unit = await at_unit(desk)
    answer = await desk.post(unit.case_id, "start")
    assert (answer.status_code, answer.json()["code"]) == (409, "handled-by-unit")


def _dispatcher() -> dict[str, str]:
    return as_(Role.DISPATCHER)
