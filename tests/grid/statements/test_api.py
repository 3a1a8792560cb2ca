"""Statements over HTTP: said for the own estate, read in the dossier, taken as a basis, moving no case."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import httpx

from libs.common.media import Record
from libs.common.policy import Principal, Role
from services.grid.main import may_read
from services.grid.statements import service
from tests.grid.estates import bound, in_estate, two_estates
from tests.grid.factories import HANDLER, Desk, as_, outbox, upload

FIRM, MEMBER = Role.FIRM_MANAGER, Role.COMMITTEE_MEMBER
SAID = {"text": "已劝导住户清理，联系电话13812341234", "done_at": "2026-11-23T09:30:00+08:00"}


async def say(desk: Desk, case_id: UUID, headers: dict[str, str], **more: Any) -> httpx.Response:
    return await desk.client.post(f"/grid/v1/cases/{case_id}/statements", json=SAID | more, headers=headers)


async def take(desk: Desk, said: Any, *roles: Role, subject: str | None = None) -> httpx.Response:
    headers = as_(*roles, subject=subject, version=said["version"])
    return await desk.client.post(
        f"/grid/v1/statements/{said['id']}/take", json={"note": "照片属实"}, headers=headers
    )


async def listed(desk: Desk, case_id: UUID, headers: dict[str, str]) -> httpx.Response:
    return await desk.client.get(f"/grid/v1/cases/{case_id}/statements", headers=headers)


async def seen_by(desk: Desk, statement: UUID, *estates: UUID) -> list[bool]:
    """Whether the photos of the statement are seen by the firm of each estate."""
    record, now = Record(service.RECORD, statement), desk.clock.now
    firms = [Principal("f", "f", frozenset({FIRM}), estates=(estate,)) for estate in estates]
    return [
        await desk.database.read(partial(may_read, viewer=firm, record=record, now=now)) for firm in firms
    ]


async def test_what_the_firm_says_is_read_and_taken_and_moves_nothing(desk: Desk) -> None:
    own, other = await two_estates(desk)
    case_id = await in_estate(desk, own)
    before = await desk.case(case_id)
    photo = await upload(desk.database, "firm_manager-1", "c" * 64)
    answer = await say(desk, case_id, bound(FIRM, own), photos=[photo])
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert (said["said_by"], said["text"][-11:]) == ("firm_manager-1", "138****1234")
    assert await seen_by(desk, UUID(said["id"]), own, other) == [True, False]
    shown = await desk.read(case_id)
    assert (shown["statements"], shown["state"], shown["version"]) == (1, "handling", before.version)
    refused = await take(desk, said, Role.INSPECTOR, subject="inspector-9")
    assert (refused.status_code, refused.json()["code"]) == (403, "statement-not-handler")
    taken = await take(desk, said, Role.INSPECTOR, subject=HANDLER)
    assert (taken.json()["taken_by"], taken.json()["version"]) == (HANDLER, 2)
    stale = await take(desk, said, Role.DISPATCHER)
    assert stale.status_code == 412
    again = await take(desk, taken.json(), Role.DISPATCHER)
    assert (again.status_code, again.json()["code"]) == (409, "statement-taken")
    assert (await desk.case(case_id)).version == before.version, "no case moves by it"
    told = await outbox(desk.database, "jiayuan.grid.statement.v1")
    assert [(one.verb, one.payload["taken"]) for one in told] == [("made", False), ("taken", True)]
    assert "text" not in told[0].payload


async def test_firm_and_committee_see_no_person_of_the_other_side(desk: Desk) -> None:
    own, _ = await two_estates(desk)
    case_id = await in_estate(desk, own)
    said = (await say(desk, case_id, bound(FIRM, own))).json()
    await take(desk, said, Role.DISPATCHER)
    until = desk.clock.now + timedelta(days=1)
    (row,) = (await listed(desk, case_id, bound(MEMBER, own, until=until))).json()["items"]
    assert (row["said_by"], row["taken_by"], row["taken_note"]) == (None, None, None)
    assert row["taken_at"] is not None
    (inside,) = (await listed(desk, case_id, as_(Role.LEADER))).json()["items"]
    assert (inside["said_by"], inside["taken_by"]) == ("firm_manager-1", "dispatcher-1")


async def test_another_estates_case_is_not_there(desk: Desk) -> None:
    own, other = await two_estates(desk)
    case_id = await in_estate(desk, other)
    now = desk.clock.now
    ended = bound(MEMBER, other, until=now)
    coming = bound(MEMBER, other, since=now + timedelta(seconds=1), until=now + timedelta(days=9))
    for headers in (bound(FIRM, own), bound(FIRM, own, areas=["31"]), ended, coming):
        assert (await say(desk, case_id, headers)).status_code == 404
        assert (await listed(desk, case_id, headers)).status_code == 404


async def test_nothing_is_said_of_the_future_or_of_what_has_ended(desk: Desk) -> None:
    own, _ = await two_estates(desk)
    case_id = await in_estate(desk, own)
    future = await say(desk, case_id, bound(FIRM, own), done_at="2026-11-23T10:00:01+08:00")
    assert (future.status_code, future.json()["code"]) == (422, "done-time-implausible")
    await desk.step(case_id, "void", {"reason_code": "other", "reason": "误报"}, subject="chief-2")
    ended = await say(desk, case_id, bound(FIRM, own))
    assert (ended.status_code, ended.json()["code"]) == (409, "statement-too-late")
