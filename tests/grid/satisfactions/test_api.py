"""What reporters say of a closed case over HTTP, and what the duty chief makes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from libs.common.policy import Role
from tests.grid.factories import CHECKER, HANDLER, REPORTER, Desk, as_, outbox

TELLER = {"name": "张三丰", "phone": "13812341234"}
BAD = {"satisfaction": "dissatisfied", "comment": "仍有堆物，请回电13812341234"}
OWN: Any = {"role": Role.INSPECTOR, "subject": REPORTER}
OFFICER: Any = {"role": Role.HOTLINE_OFFICER}


async def closed(desk: Desk, letter: str = "b", **overrides: Any) -> UUID:
    """A case that the squad has handled and the duty chief has closed."""
    case_id = await desk.filed(**overrides)
    await finish(desk, case_id, letter)
    return case_id


async def finish(desk: Desk, case_id: UUID, letter: str = "b") -> None:
    await desk.step(case_id, "dispatch", {"squad": "网格处置一队"})
    await desk.step(case_id, "start")
    await desk.answer(case_id, letter)
    await desk.check(case_id)
    await desk.step(case_id, "close", {})


async def by_receipt(
    desk: Desk, number: str, tail: str = "1234", role: Role = Role.HOTLINE_OFFICER, **told: Any
) -> httpx.Response:
    body = {"receipt_number": number, "phone_tail": tail, "satisfaction": "satisfied", **told}
    return await desk.client.post("/grid/v1/ratings", json=body, headers=as_(role))


async def receipt_of(desk: Desk, case_id: UUID) -> str:
    return (await desk.case(case_id)).receipt_number


async def dissatisfied(desk: Desk, **asked: Any) -> list[str]:
    answer = await desk.client.get("/grid/v1/ratings", params=asked, headers=as_(Role.DUTY_CHIEF))
    assert answer.status_code == 200, answer.text
    return [item["case"]["id"] for item in answer.json()["items"]]


async def refused(desk: Desk, case_id: UUID, action: str, body: Any, **who: Any) -> tuple[int, str]:
    answer = await desk.post(case_id, action, body, **who)
    return answer.status_code, answer.json().get("code", "")


async def test_by_receipt_number_and_the_end_of_the_telephone(desk: Desk) -> None:
    case_id = await closed(desk, reporter=TELLER)
    number = await receipt_of(desk, case_id)
    for wrong in ((number, "4321"), ("M7Q-4H2K-9TXB-3RW", "1234"), ("no number", "1234")):
        answer = await by_receipt(desk, *wrong)
        assert (answer.status_code, answer.json()["code"]) == (404, "case-not-found")
    assert (await by_receipt(desk, number, role=Role.INSPECTOR)).status_code == 403
    case_number = (await desk.case(case_id)).number
    assert (await by_receipt(desk, case_number or "")).status_code == 404, "that one is no secret"
    answer = await by_receipt(desk, number, satisfaction="fairly_satisfied", comment="及时")
    assert answer.json()["satisfaction"] == "fairly_satisfied"
    assert set(answer.json()) == {"satisfaction", "rated_at"}
    again = await by_receipt(desk, number)
    assert (again.status_code, again.json()["code"]) == (409, "rated-already")
    assert (await desk.read(case_id))["satisfaction"] == "fairly_satisfied"
    told = (await outbox(desk.database))[-1]
    assert (told.verb, told.payload["satisfaction"], told.payload["via"]) == (
        "rated", "fairly_satisfied", "receipt",
    )  # fmt: skip
    assert "comment" not in told.payload


async def test_nobody_rates_what_is_not_theirs_or_what_they_handled(desk: Desk) -> None:
    case_id = await closed(desk)
    good = {"satisfaction": "satisfied"}
    other: Any = {"role": Role.INSPECTOR, "subject": CHECKER}
    for who in (other, {"role": Role.HOTLINE_OFFICER, "subject": HANDLER}):
        assert await refused(desk, case_id, "rate", good, **who) == (403, "rating-not-yours")
    assert (await desk.step(case_id, "rate", good, **OWN))["satisfaction"] == "satisfied"
    assert await refused(desk, case_id, "rate", good, **OFFICER) == (409, "rated-already")


async def test_only_after_the_end_and_within_the_days_of_the_rule(desk: Desk) -> None:
    handled, ended = await desk.handled(), await closed(desk, "c")
    assert await refused(desk, handled, "rate", BAD, **OWN) == (409, "illegal-transition")
    desk.clock.tick(timedelta(days=16))
    assert await refused(desk, ended, "rate", BAD, **OFFICER) == (409, "rated-too-late")
    assert await refused(desk, ended, "rate", {"satisfaction": "so_so"}, **OFFICER) == (
        422, "content-invalid",
    )  # fmt: skip


async def test_who_is_dissatisfied_waits_for_the_duty_chief(desk: Desk) -> None:
    kept, reopened = await closed(desk), await closed(desk, "c")
    for case_id in (kept, reopened):
        await desk.step(case_id, "rate", BAD, **OFFICER)
        desk.clock.tick()
    assert await dissatisfied(desk) == [str(kept), str(reopened)]
    assert await dissatisfied(desk, area="310101003") == []
    await desk.step(kept, "keep-closed", {"note": "经复核已清理"}, role=Role.DUTY_CHIEF)
    await desk.step(reopened, "reopen", {"reason": "反映人不满意"})
    assert await dissatisfied(desk) == []
    found = await refused(desk, kept, "keep-closed", {"note": "再次"}, role=Role.DUTY_CHIEF)
    assert found == (409, "nothing-dissatisfied")
    listed = await desk.client.get(f"/grid/v1/cases/{reopened}/ratings", headers=as_(Role.LEADER))
    (row,) = listed.json()["items"]
    assert (row["decision"], row["comment"], row["via"]) == (
        "reopened", "仍有堆物，请回电138****1234", "call_back",
    )  # fmt: skip
    assert (await desk.read(reopened))["satisfaction"] is None, "a new round is rated anew"
    await finish(desk, reopened, "d")
    await desk.step(reopened, "rate", {"satisfaction": None}, **OFFICER)
    assert await dissatisfied(desk) == []


async def test_reporters_of_merged_cases_have_the_progress_and_a_say(desk: Desk) -> None:
    tellers = [{"name": "李四", "phone": f"1391234000{n}"} for n in range(3)]
    first, second, main = [await desk.report(reporter=teller) for teller in tellers]
    await desk.step(first, "merge", {"into": str(second), "reason": "同一处"})
    await desk.step(second, "merge", {"into": str(main), "reason": "同一处"})
    for action, body in (("accept", None), ("file", {"standard": "found"})):
        await desk.step(main, action, body)
    number = await receipt_of(desk, first)
    path = f"/grid/v1/cases/by-number/{number}"
    seen = (await desk.client.get(path, headers=as_(Role.INSPECTOR, subject=REPORTER))).json()
    assert (seen["state"], seen["mine"], seen["merged_into"]) == ("merged", True, str(second))
    assert (seen["main"]["state"], seen["main"]["outcome"]) == ("filed", None)
    assert seen["main"]["number"] == (await desk.case(main)).number
    assert "receipt_number" not in seen["main"], "that one is another reporter's"
    early = await by_receipt(desk, number, "0000")
    assert early.json()["code"] == "illegal-transition"
    await finish(desk, main)
    seen = (await desk.client.get(path, headers=as_(Role.INSPECTOR))).json()
    assert (seen["main"]["state"], seen["main"]["outcome"]) == ("closed", "solved")
    assert (await by_receipt(desk, number, "0000", satisfaction="dissatisfied")).status_code == 200
    assert (await by_receipt(desk, await receipt_of(desk, main), "0002")).status_code == 200
    assert (await by_receipt(desk, await receipt_of(desk, second), "0002")).status_code == 404
    assert await dissatisfied(desk) == [str(main)]
    listed = await desk.client.get(f"/grid/v1/cases/{main}/ratings", headers=as_(Role.LEADER))
    assert [row["told_by"] for row in listed.json()["items"]] == [str(first), str(main)]
    assert (await desk.read(main))["main"] is None
