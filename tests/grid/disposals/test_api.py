"""The own squad's work over HTTP."""

from __future__ import annotations

from libs.common.policy import Role
from tests.grid.factories import HANDLER, Desk


async def test_who_begins_has_it(desk: Desk) -> None:
    case_id = await desk.filed()
    await desk.step(case_id, "dispatch", {"squad": "网格处置一队"})
    shown = await desk.step(case_id, "start")
    assert (shown["state"], shown["handler"]) == ("handling", HANDLER)
    other = await desk.post(
        case_id, "answer", {"outcome": "solved", "summary": "已清理"}, subject="inspector-8"
    )
    assert (other.status_code, other.json()["code"]) == (403, "not-your-case")


async def test_a_named_handler_is_the_only_one_to_begin(desk: Desk) -> None:
    case_id = await desk.filed()
    await desk.step(case_id, "dispatch", {"squad": "网格处置一队", "handler": "inspector-8"})
    other = await desk.post(case_id, "start")
    assert (other.status_code, other.json()["code"]) == (403, "not-your-case")
    assert (await desk.step(case_id, "start", subject="inspector-8"))["state"] == "handling"


async def test_returned_before_work_began_and_not_after(desk: Desk) -> None:
    case_id = await desk.filed()
    await desk.step(case_id, "dispatch", {"squad": "网格处置一队"})
    body = {"reason_code": "not-our-duty", "reason": "属消防部门职责"}
    shown = await desk.step(case_id, "return", body)
    assert (shown["state"], shown["return_count"]) == ("returned", 1)
    await desk.step(case_id, "designate", {"reason": "职责清单明确"})
    again = await desk.post(case_id, "return", body)
    assert (again.status_code, again.json()["code"]) == (409, "designated-not-returnable")
    await desk.step(case_id, "start")
    assert (await desk.read(case_id))["designated"] is True


async def test_no_return_once_work_began(desk: Desk) -> None:
    case_id = await desk.handled()
    body = {"reason_code": "not-our-duty", "reason": "属消防部门职责"}
    answer = await desk.post(case_id, "return", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "started-not-returnable")


async def test_an_answer_needs_its_photos_and_progress_may_bring_them(desk: Desk) -> None:
    case_id = await desk.handled()
    body = {"outcome": "solved", "summary": "已清理"}
    answer = await desk.post(case_id, "answer", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "photos-missing")
    data = answer.json()["data"]
    assert (data["stage"], data["needed"], data["given"]) == ("after", 1, 0)
    photos = [await desk.photo(HANDLER, "b")]
    await desk.step(case_id, "progress", {"note": "清理中", "photos": photos})
    assert (await desk.step(case_id, "answer", body))["state"] == "checking"


async def test_the_reporter_does_not_handle_by_role_of_another(desk: Desk) -> None:
    case_id = await desk.filed()
    await desk.step(case_id, "dispatch", {"squad": "网格处置一队"})
    answer = await desk.post(case_id, "start", role=Role.ACCEPTOR)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
