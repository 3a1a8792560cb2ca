"""Forms over HTTP: asked, answered, refused, kept, found, revised."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from libs.common.ids import new_id
from libs.common.policy import Role
from tests.grid.estates import bound
from tests.grid.factories import Desk, as_, outbox, report_body

ANSWERS = {"place": "corridor", "blocks_exit": "no", "things": ["paper"]}
TEXT = {"code": "note", "kind": "text", "zh": "说明", "en": "Note", "maximum": 20}
NEXT = {"questions": [TEXT], "source": "通知", "effective_from": "2026-11-24"}
PATH = "/grid/v1/categories/0202/form"


async def report(desk: Desk, answers: dict[str, Any], version: int = 1, **more: Any) -> httpx.Response:
    form = {"form_version": version, "answers": answers}
    body = report_body(**more) | {"form": form}
    return await desk.client.put(f"/grid/v1/cases/{new_id()}", json=body, headers=as_(Role.INSPECTOR))


async def answered(desk: Desk, case_id: UUID | str) -> list[dict[str, Any]]:
    answer = await desk.client.get(f"/grid/v1/cases/{case_id}/answers", headers=as_(Role.ACCEPTOR))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_answers_are_kept_with_the_case_and_found(desk: Desk) -> None:
    taken = await report(desk, ANSWERS)
    assert taken.status_code == 201, taken.text
    plain = await desk.report(description="无问卷")
    (given,) = await answered(desk, taken.json()["id"])
    assert {one["question"]["code"]: one["answer"] for one in given["answers"]} == ANSWERS
    assert (given["form_version"], given["current"]) == (1, True)
    assert await answered(desk, plain) == []
    found = await desk.client.get("/grid/v1/cases", params={"q": "未堵塞"}, headers=as_(Role.ACCEPTOR))
    assert [row["id"] for row in found.json()["items"]] == [taken.json()["id"]]


async def test_what_is_wrong_is_pointed_at_in_the_readers_language(desk: Desk) -> None:
    refused = await report(desk, ANSWERS | {"place": "roof"})
    assert (refused.status_code, refused.json()["code"]) == (422, "answer-invalid")
    assert "/form/answers/place" in refused.text
    missing = await report(desk, {"place": "corridor"})
    assert (missing.status_code, missing.json()["code"]) == (422, "answer-missing")
    assert (await report(desk, ANSWERS, version=9)).json()["code"] == "form-version-unknown"


async def test_a_new_version_reaches_the_pack_and_the_old_one_holds_for_a_phone_that_was_offline(
    desk: Desk,
) -> None:
    pack = await desk.client.get("/grid/v1/categories", headers=as_(Role.INSPECTOR))
    revised = await desk.client.put(PATH, json=NEXT, headers=as_(Role.ADMINISTRATOR, version=1))
    assert (revised.status_code, revised.json()["version"]) == (200, 2), revised.text
    (event,) = await outbox(desk.database, "jiayuan.grid.category.v1")
    assert event.payload["form"]["version"] == 1
    assert (await report(desk, {"note": "好"}, version=2)).status_code == 422
    found_at = desk.clock.now.isoformat()
    desk.clock.tick(timedelta(days=1))
    again = await desk.client.get(
        "/grid/v1/categories", headers=as_(Role.INSPECTOR) | {"if-none-match": pack.headers["etag"]}
    )
    forms = {row["code"]: row["form"] for row in again.json()["items"]}
    assert forms["0202"]["version"] == 2
    assert (await report(desk, ANSWERS, found_at=found_at)).status_code == 201
    late = await report(desk, ANSWERS, found_at=desk.clock.now.isoformat(), description="另一处")
    assert late.json()["code"] == "form-version-unknown"
    kept = await desk.client.get(f"{PATH}s", headers=as_(Role.INSPECTOR))
    assert [row["version"] for row in kept.json()["items"]] == [1, 2]


async def test_a_form_is_revised_by_the_office_from_its_version_and_later(desk: Desk) -> None:
    chief = await desk.client.put(PATH, json=NEXT, headers=as_(Role.DUTY_CHIEF, version=1))
    assert chief.status_code == 403
    office = as_(Role.ADMINISTRATOR, version=1)
    early = await desk.client.put(PATH, json=NEXT | {"effective_from": "2025-01-01"}, headers=office)
    assert (early.status_code, early.json()["code"]) == (409, "form-date-not-later")
    twice = await desk.client.put(PATH, json=NEXT | {"questions": [TEXT, TEXT]}, headers=office)
    assert (twice.status_code, twice.json()["code"]) == (422, "question-invalid")


async def test_a_correction_answers_anew_and_keeps_what_was_answered(desk: Desk) -> None:
    case_id = (await report(desk, ANSWERS)).json()["id"]
    form = {"form_version": 1, "answers": {"trapped": "no"}}
    body = {"category": "0205", "form": form, "reason": "类别写错"}
    done = await desk.client.post(
        f"/grid/v1/cases/{case_id}/correct", json=body, headers=as_(Role.INSPECTOR, version=1)
    )
    assert done.status_code == 200, done.text
    given = await answered(desk, case_id)
    assert [(row["category"], row["current"]) for row in given] == [("0202", False), ("0205", True)]


async def test_a_queue_of_a_device_is_told_which_form_is_wrong(desk: Desk) -> None:
    def queued(answers: dict[str, Any]) -> dict[str, Any]:
        body = report_body() | {"form": {"form_version": 1, "answers": answers}}
        return {"operation_id": str(new_id()), "action": "report", "body": body}

    items = [queued(ANSWERS), queued({"place": "corridor"})]
    answer = await desk.client.put("/grid/v1/operations", json={"items": items}, headers=as_(Role.INSPECTOR))
    good, bad = answer.json()["items"]
    assert (good["status"], bad["status"]) == (201, 422)
    assert bad["problem"]["code"] == "answer-missing"
    assert len(await answered(desk, items[0]["operation_id"])) == 1


async def test_what_people_wrote_is_shown_as_the_description_is(desk: Desk) -> None:
    estate = await desk.database.transact(
        lambda session: session.scalar(
            text("SELECT estate_id FROM estate_coverage ORDER BY area_code LIMIT 1")
        )
    )
    wrote = {"things": ["other"], "other_thing": "张三丰的木料，电话13812341234"}
    form = {"form_version": 1, "answers": ANSWERS | wrote}
    told: dict[str, Any] = {
        "channel": "12345", "source_number": "SH 7788", "place": {"estate_id": str(estate)},
        "reporter": {"name": "张三丰", "phone": "13812341234"}, "form": form,
    }  # fmt: skip
    case_id = await desk.report(**told)
    for headers, shown in (
        (as_(Role.ACCEPTOR), "张三丰的木料，电话138****1234"),
        (bound(Role.FIRM_MANAGER, estate), "***的木料，电话138****1234"),
    ):
        answer = await desk.client.get(f"/grid/v1/cases/{case_id}/answers", headers=headers)
        (given,) = answer.json()["items"]
        assert {one["question"]["code"]: one["answer"] for one in given["answers"]}["other_thing"] == shown
