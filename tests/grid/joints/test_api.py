"""Several units have a case at once: each its own handover, limit and verdict; one check for all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from libs.common.contracts import handover as said
from libs.common.handover.jobs import JOBS as HANDOVER_JOBS
from libs.common.jobs import run_once
from libs.common.policy import Role
from services.grid.dispatches.jobs import JOBS
from tests.grid.factories import CHECKER, Desk, Unit, as_, known_unit, outbox

HANDOVERS = "jiayuan.grid.handover-tasks.v1"


async def parts(desk: Desk, case_id: UUID) -> list[dict[str, Any]]:
    answer = await desk.client.get(f"/grid/v1/cases/{case_id}/dispatches", headers=as_(Role.DISPATCHER))
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["items"]
    return rows


async def jointly(desk: Desk, beside: int = 1, **limit: Any) -> list[Unit]:
    """A case with a lead and units beside it, each able to reply; the lead first."""
    units = [await known_unit(desk.database) for _ in range(beside + 1)]
    case_id = await desk.filed("0201", "structure")
    partners = [{"unit_id": str(each), "note": "到场配合", **limit} for each in units[1:]]
    body = {"unit_id": str(units[0]), "partners": partners}
    await desk.step(case_id, "dispatch-jointly", body)
    return [Unit(desk, case_id, UUID(row["handover_id"])) for row in await parts(desk, case_id)]


async def unit_of(desk: Desk, unit: Unit) -> str:
    return str((await unit.handover()).unit_id)


async def test_one_handover_each_under_one_joint_id_and_one_lead(desk: Desk) -> None:
    lead, first, second = await jointly(desk, 2)
    rows = await parts(desk, lead.case_id)
    assert [row["lead"] for row in rows] == [True, False, False]
    assert len({row["joint_id"] for row in rows}) == 1
    told = [sent.payload for sent in await outbox(desk.database, HANDOVERS) if sent.verb == "requested"]
    assert [(one["lead"], one["joint_id"] == rows[0]["joint_id"]) for one in told] == [
        (True, True), (False, True), (False, True),
    ]  # fmt: skip
    assert told[1]["note"] == "到场配合"
    for unit in (first, lead, second):
        await unit.sign()
    assert (await desk.case(lead.case_id)).state == "handling"
    await lead.answer("1")
    await first.answer("2")
    case = await desk.case(lead.case_id)
    assert (case.state, case.answered_at, case.outcome) == ("handling", None, "solved")
    desk.clock.tick(timedelta(minutes=5))
    await second.answer("3")
    shown = await desk.read(lead.case_id)
    assert (shown["state"], shown["queue"], shown["on_time"]) == ("checking", "to_check", True)
    assert datetime.fromisoformat(shown["answered_at"]) == desk.clock.now
    await desk.check(lead.case_id)
    assert (await desk.step(lead.case_id, "close", {}))["state"] == "closed"
    assert [row["end"] for row in await parts(desk, lead.case_id)] == ["closed"] * 3
    assert [(await unit.handover()).state for unit in (lead, first, second)] == ["accepted"] * 3


async def test_each_has_its_own_limit_and_verdict(desk: Desk) -> None:
    early = (desk.clock.now + timedelta(hours=1)).isoformat()
    lead, beside = await jointly(desk, due_at=early)
    await lead.sign()
    await beside.sign()
    await lead.answer("1")
    desk.clock.tick(timedelta(minutes=61))
    await beside.answer("2")
    rows = await parts(desk, lead.case_id)
    assert [row["on_time"] for row in rows] == [True, False]
    assert (await desk.case(lead.case_id)).on_time is True


async def test_a_return_beside_the_lead_stops_nobody_and_waits_for_the_dispatcher(desk: Desk) -> None:
    lead, first, second = await jointly(desk, 2)
    await lead.sign()
    await first.say(said.ReturnAsked, note="非本所管辖")
    shown = await desk.read(lead.case_id)
    assert (shown["state"], shown["queue"], shown["return_count"]) == ("handling", "joint_returned", 0)
    row = (await parts(desk, lead.case_id))[1]
    assert (row["reason"], row["end"], row["returned_at"] is None) == ("非本所管辖", None, False)
    await second.sign()
    await second.answer("2")
    await lead.answer("1")
    assert (await desk.case(lead.case_id)).state == "handling"  # the return is no answer
    body = {"unit_id": await unit_of(desk, first), "reason": "同意退出"}
    shown = await desk.step(lead.case_id, "release-partner", body)
    assert (shown["state"], shown["queue"]) == ("checking", "to_check")
    assert (await first.handover()).state == "returned"
    verbs = [sent.verb for sent in await outbox(desk.database)]
    assert verbs[-2:] == ["cooperated", "answered"]


async def test_a_designated_partner_goes_on_and_may_not_return_again(desk: Desk) -> None:
    lead, beside = await jointly(desk)
    await beside.say(said.ReturnAsked, note="非本所管辖")
    body = {"unit_id": await unit_of(desk, beside), "reason": "须到场"}
    shown = await desk.step(lead.case_id, "designate-partner", body)
    assert (shown["queue"], shown["joint_returned_at"]) == (None, None)
    assert (await beside.handover()).designated
    await beside.sign()
    await beside.answer("2")
    answer = await desk.post(lead.case_id, "designate-partner", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "part-answered")


async def test_the_lead_returns_and_the_others_go_on_under_the_next_lead(desk: Desk) -> None:
    lead, beside = await jointly(desk)
    joint_id = (await parts(desk, lead.case_id))[0]["joint_id"]
    await lead.say(said.ReturnAsked, note="非本单位职责")
    await beside.sign()
    await beside.answer("2")
    assert (await desk.case(lead.case_id)).state == "returned"
    taken = {"unit_id": await unit_of(desk, beside)}
    answer = await desk.post(lead.case_id, "dispatch", taken)
    assert (answer.status_code, answer.json()["code"]) == (409, "unit-has-it")
    other = await known_unit(desk.database)
    shown = await desk.step(lead.case_id, "dispatch", {"unit_id": str(other)})
    row = next(each for each in await parts(desk, lead.case_id) if each["unit_id"] == str(other))
    assert (row["joint_id"], row["lead"]) == (joint_id, True)
    following = Unit(desk, lead.case_id, UUID(shown["handover_id"]))
    await following.sign()
    await following.answer("3")
    assert (await desk.case(lead.case_id)).state == "checking"


async def test_rework_touches_the_one_that_is_named(desk: Desk) -> None:
    lead, beside = await jointly(desk)
    for letter, unit in zip("12", (lead, beside), strict=True):
        await unit.sign()
        await unit.answer(letter)
    await desk.assign_check(lead.case_id)
    named = [await unit_of(desk, beside)]
    failed = {"passed": False, "note": "秩序未恢复", "unit_ids": named}
    wrong = await desk.post(lead.case_id, "check", failed | {"unit_ids": [str(lead.case_id)]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unit-not-in-case")
    shown = await desk.step(lead.case_id, "check", failed)
    assert (shown["state"], shown["rework_count"], shown["outcome"]) == ("handling", 1, "solved")
    assert [(await unit.handover()).state for unit in (lead, beside)] == ["answered", "signed"]
    await desk.step(lead.case_id, "urge", {"note": "请尽快"})
    assert [(await unit.handover()).urges for unit in (lead, beside)] == [0, 1]
    await beside.answer("3")
    assert (await desk.case(lead.case_id)).state == "checking"
    assert CHECKER not in (await desk.case(lead.case_id)).handlers


async def test_what_happens_to_the_case_reaches_everybody(desk: Desk) -> None:
    lead, beside = await jointly(desk)
    for unit in (lead, beside):
        await unit.sign()
    await desk.step(lead.case_id, "supplement", {"text": "又有一处", "photos": []})
    until = (desk.clock.now + timedelta(days=30)).isoformat()
    await desk.step(lead.case_id, "ask-suspension", {"reason": "列入计划", "until": until})
    await desk.step(lead.case_id, "approve-deferral", {}, subject="dispatcher-2")
    await desk.step(lead.case_id, "grant-deferral", {})
    assert all([(await unit.handover()).suspended_at for unit in (lead, beside)])
    desk.clock.tick(timedelta(days=2))
    await desk.step(lead.case_id, "resume", {})
    due = (await desk.case(lead.case_id)).due_at
    assert [(await unit.handover()).due_at for unit in (lead, beside)] == [due, due]
    await beside.say(said.ExtensionAsked, note="待设备", until=desk.clock.now + timedelta(days=9))
    assert (await desk.read(lead.case_id))["queue"] == "extension"
    await desk.step(lead.case_id, "approve-deferral", {}, subject="dispatcher-2")
    await desk.step(lead.case_id, "grant-deferral", {})
    later = (await desk.case(lead.case_id)).due_at
    handovers = [await unit.handover() for unit in (lead, beside)]
    assert [each.due_at for each in handovers] == [later, later]
    assert [each.extensions for each in handovers] == [0, 1]
    await desk.step(lead.case_id, "void", {"reason_code": "other", "reason": "误报"})
    assert [(await unit.handover()).state for unit in (lead, beside)] == ["withdrawn"] * 2
    assert (await desk.case(lead.case_id)).joint_returned_at is None


async def test_what_a_unit_asked_for_lapses_with_its_part(desk: Desk) -> None:
    lead, first, second = await jointly(desk, 2)
    for unit in (lead, first, second):
        await unit.sign()
    for unit, leave in ((first, "release"), (second, "answer")):
        await unit.say(said.ExtensionAsked, note="待设备", until=desk.clock.now + timedelta(days=9))
        assert (await desk.case(lead.case_id)).deferral == "extension:requested"
        if leave == "release":
            body = {"unit_id": await unit_of(desk, unit), "reason": "无需配合"}
            await desk.step(lead.case_id, "release-partner", body)
        else:
            await unit.answer("2")
        assert (await desk.case(lead.case_id)).deferral is None
    await lead.say(said.ExtensionAsked, note="待料", until=desk.clock.now + timedelta(days=9))
    await desk.step(lead.case_id, "refuse-deferral", {"reason": "时间足够"})
    assert not (await lead.handover()).extension_until


async def test_nobody_of_a_unit_that_has_it_checks_it(desk: Desk) -> None:
    lead, beside = await jointly(desk)
    for letter, unit in zip("12", (lead, beside), strict=True):
        await unit.sign()
        await unit.answer(letter)
    await desk.assign_check(lead.case_id)
    unit_id = UUID(await unit_of(desk, beside))
    done = {"passed": True, "note": "已完成"}
    answer = await desk.post(lead.case_id, "check", done, unit_id=unit_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "handler-as-checker")


async def test_a_unit_that_does_not_sign_in_time_is_on_the_list(desk: Desk) -> None:
    lead, beside = await jointly(desk)
    await lead.sign()
    later = desk.clock.tick(timedelta(days=5))
    await run_once(desk.database, "grid", HANDOVER_JOBS[0], now=later)
    await run_once(desk.database, "grid", JOBS[0], now=later)
    assert (await desk.case(lead.case_id)).unsigned_at == later
    await beside.sign()
    assert (await desk.case(lead.case_id)).unsigned_at is None


async def test_a_unit_joins_later_and_the_squad_may_lead(desk: Desk) -> None:
    case_id = await desk.handled()
    police = await known_unit(desk.database)
    body = {"unit_id": str(police), "note": "请到场维持秩序"}
    await desk.step(case_id, "add-partner", body)
    again = await desk.post(case_id, "add-partner", body)
    assert (again.status_code, again.json()["code"]) == (409, "unit-has-it")
    lead, part = await parts(desk, case_id)
    assert (lead["lead"], lead["squad"], part["joint_id"]) == (True, "网格处置一队", lead["id"])
    assert (await desk.answer(case_id))["state"] == "handling"
    unit = Unit(desk, case_id, UUID(part["handover_id"]))
    await unit.sign()
    await unit.answer("2")
    assert (await desk.case(case_id)).state == "checking"


async def test_what_does_not_fit_is_refused(desk: Desk) -> None:
    case_id = await desk.filed("0201", "structure")
    one, two = str(await known_unit(desk.database)), str(await known_unit(desk.database))
    late = (desk.clock.now + timedelta(days=90)).isoformat()
    for partners, code in (
        ([{"unit_id": one}], "partners-wrong"),
        ([{"unit_id": two}, {"unit_id": two}], "partners-wrong"),
        ([{"unit_id": str(case_id)}], "unit-unknown"),
        ([{"unit_id": two, "due_at": late}], "part-limit-wrong"),
    ):
        body = {"unit_id": one, "partners": partners}
        answer = await desk.post(case_id, "dispatch-jointly", body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await desk.case(case_id)).state == "filed"
    await desk.step(case_id, "dispatch", {"unit_id": one})
    answer = await desk.post(case_id, "release-partner", {"unit_id": two, "reason": "无"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unit-not-in-case")
    await desk.step(case_id, "recall", {"reason": "另派"})
    answer = await desk.post(case_id, "add-partner", {"unit_id": two})
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")
