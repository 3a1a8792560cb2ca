"""Objections over HTTP: once per ground, decided by another person by a limit, the case staying as it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from libs.common.policy import Role
from tests.grid.estates import bound, in_estate, two_estates
from tests.grid.factories import HANDLER, REPORTER, Desk, as_, outbox, upload

FIRM, MEMBER = Role.FIRM_MANAGER, Role.COMMITTEE_MEMBER
DISPUTED = {"ground": "attribution", "reason": "该楼道属相邻小区"}


async def ask(desk: Desk, case_id: UUID, headers: dict[str, str], **more: Any) -> httpx.Response:
    body = DISPUTED | more
    return await desk.client.post(f"/grid/v1/cases/{case_id}/objections", json=body, headers=headers)


async def decide(desk: Desk, row: Any, verb: str, subject: str | None = None) -> httpx.Response:
    headers = as_(Role.DUTY_CHIEF, subject=subject, version=row["version"])
    path = f"/grid/v1/objections/{row['id']}/{verb}"
    return await desk.client.post(path, json={"note": "经核对四至范围，情况属实"}, headers=headers)


async def waiting(desk: Desk, **asked: Any) -> list[dict[str, Any]]:
    answer = await desk.client.get("/grid/v1/objections", params=asked, headers=as_(Role.DUTY_CHIEF))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_what_is_upheld_is_told_beside_the_case_which_stays(desk: Desk) -> None:
    own, _ = await two_estates(desk)
    case_id = await in_estate(desk, own)
    before = await desk.case(case_id)
    photo = await upload(desk.database, "firm_manager-1", "d" * 64)
    row = (await ask(desk, case_id, bound(FIRM, own), photos=[photo])).json()
    assert (row["state"], row["late"], row["due_at"]) == ("asked", False, "2026-11-30T15:59:59.999999Z")
    (item,) = await waiting(desk)
    assert (item["case"]["id"], item["objection"]["photos"]) == (str(case_id), [photo])
    assert (await desk.read(case_id))["objection"] == "asked"
    desk.clock.tick(timedelta(days=8))
    assert (await waiting(desk, area=before.area))[0]["objection"]["late"] is True
    told = (await decide(desk, row, "uphold")).json()
    assert (told["state"], told["decided_by"]) == ("upheld", "duty_chief-1")
    assert await waiting(desk) == []
    again = await decide(desk, told, "refuse")
    assert (again.status_code, again.json()["code"]) == (409, "illegal-transition")
    shown = await desk.read(case_id)
    assert (shown["objection"], shown["state"], shown["version"]) == ("upheld", "handling", before.version)
    listed = await desk.client.get(f"/grid/v1/cases/{case_id}/objections", headers=bound(FIRM, own))
    (seen,) = listed.json()["items"]
    assert (seen["decided_by"], seen["decision"], seen["asked_by"]) == (
        None, "经核对四至范围，情况属实", "firm_manager-1",
    )  # fmt: skip
    events = await outbox(desk.database, "jiayuan.grid.objection.v1")
    assert [(one.verb, one.payload["state"]) for one in events] == [("asked", "asked"), ("decided", "upheld")]


async def test_once_per_ground_and_side_and_never_by_who_had_a_part(desk: Desk) -> None:
    own, other = await two_estates(desk)
    case_id = await in_estate(desk, own)
    row = (await ask(desk, case_id, bound(FIRM, own))).json()
    twice = await ask(desk, case_id, bound(FIRM, own))
    assert (twice.status_code, twice.json()["code"]) == (409, "objected-already")
    member = bound(MEMBER, own, until=desk.clock.now + timedelta(days=1))
    assert (await ask(desk, case_id, member)).status_code == 201
    assert (await ask(desk, case_id, bound(FIRM, own), ground="facts")).status_code == 201
    assert (await ask(desk, case_id, bound(FIRM, other))).status_code == 404
    for subject in ("firm_manager-1", REPORTER, HANDLER):
        refused = await decide(desk, row, "refuse", subject)
        assert (refused.status_code, refused.json()["code"]) == (403, "same-objector"), subject
    assert (await decide(desk, row, "refuse")).json()["state"] == "refused"


async def test_what_never_was_a_case_is_not_disputed(desk: Desk) -> None:
    own, _ = await two_estates(desk)
    case_id = await in_estate(desk, own)
    await desk.step(case_id, "void", {"reason_code": "other", "reason": "误报"}, subject="chief-2")
    refused = await ask(desk, case_id, bound(FIRM, own))
    assert (refused.status_code, refused.json()["code"]) == (409, "objection-no-case")
