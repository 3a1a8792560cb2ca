"""Reading cases over HTTP: scope, numbers, history, and the reporter in full."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from libs.common.db import Database
from libs.common.events.models import History
from libs.common.ids import new_id
from libs.common.policy import Role
from services.grid.cases import service as cases
from tests.grid.factories import CHECKER, ELSEWHERE, HANDLER, Desk, as_, outbox

CASES = "/grid/v1/cases"
ACCESSES = "jiayuan.grid.access.v1"
TELLER = {"name": "张三丰", "phone": "13812341234"}


async def listed(desk: Desk, *areas: str, role: Role = Role.LEADER, **asked: Any) -> list[UUID]:
    """The ids of a list, in order."""
    subject = asked.pop("subject", None)
    headers = as_(role, areas=areas or ("310101",), subject=subject)
    answer = await desk.client.get(CASES, params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return [UUID(item["id"]) for item in answer.json()["items"]]


class TestScope:
    @pytest.mark.parametrize(
        ("areas", "sees"),
        [
            (("310101002001",), True),
            (("310101002",), True),
            (("310101",), True),
            (("3101",), True),
            (("31",), True),
            ((ELSEWHERE, "310101002001"), True),
            (("310101002002",), False),
            (("310101002001001",), False),
            (("310101003",), False),
            ((ELSEWHERE,), False),
            (("32",), False),
            ((), False),
        ],
    )
    async def test_own_wider_sibling_narrower_none(
        self, desk: Desk, areas: tuple[str, ...], sees: bool
    ) -> None:
        case_id = await desk.report(channel="12345", reporter=TELLER, photos=[])
        case = await desk.case(case_id)
        headers = as_(Role.ACCEPTOR, areas=areas)
        for path in ("", "/history", "/dispatches", "/checks", "/possible-duplicates"):
            answer = await desk.client.get(f"{CASES}/{case_id}{path}", headers=headers)
            assert answer.status_code == (200 if sees else 404), path
        by_number = await desk.client.get(f"{CASES}/by-number/{case.receipt_number}", headers=headers)
        assert by_number.status_code == (200 if sees else 404)
        reveal = {"purpose": "accept", "reason": "电话核对"}
        revealed = await desk.client.post(f"{CASES}/{case_id}/reporter", json=reveal, headers=headers)
        assert revealed.status_code == (200 if sees else 404)
        for asked in ({}, {"area": "310101"}, {"area": "310101002001"}, {"q": "堆放"}, {"open": "true"}):
            items = await desk.client.get(CASES, params=asked, headers=headers)
            total = await desk.client.get(CASES, params={**asked, "total": "true"}, headers=headers)
            assert len(items.json()["items"]) == total.json()["total"] == int(sees), asked
        assert len(await outbox(desk.database, ACCESSES)) == int(sees)

    async def test_the_area_asked_for_narrows_and_never_widens(self, desk: Desk) -> None:
        case_id = await desk.report()
        assert await listed(desk, "310101", area="310101002001") == [case_id]
        assert await listed(desk, "310101", area="310101002002") == []
        assert await listed(desk, "310101003", area="310101") == []
        assert await listed(desk, "310101002001", area="31") == [case_id]

    @pytest.mark.parametrize("role", [Role.UNIT_CLERK, Role.MEDIATOR, Role.ADMINISTRATOR])
    async def test_others_read_no_cases(self, desk: Desk, role: Role) -> None:
        case_id = await desk.report()
        for path in (CASES, f"{CASES}/{case_id}", f"{CASES}/{case_id}/history"):
            answer = await desk.client.get(path, headers=as_(role))
            assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")


class TestReading:
    async def test_a_case_has_an_etag_and_is_read_once(self, desk: Desk) -> None:
        case_id = await desk.report()
        headers = as_(Role.LEADER)
        first = await desk.client.get(f"{CASES}/{case_id}", headers=headers)
        assert first.headers["etag"] == '"1"'
        again = await desk.client.get(f"{CASES}/{case_id}", headers=headers | {"if-none-match": '"1"'})
        assert (again.status_code, again.content) == (304, b"")
        await desk.step(case_id, "accept")
        changed = await desk.client.get(f"{CASES}/{case_id}", headers=headers | {"if-none-match": '"1"'})
        assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')

    async def test_by_either_number_however_it_is_written(self, desk: Desk) -> None:
        case_id = await desk.report()
        await desk.step(case_id, "accept")
        case = await desk.case(case_id)
        assert case.number is not None
        for written in (
            case.receipt_number, case.receipt_number.lower(), case.receipt_number.replace("-", ""),
            case.number, case.number.lower(), case.number.replace("-", ""),
        ):  # fmt: skip
            answer = await desk.client.get(f"{CASES}/by-number/{written}", headers=as_(Role.LEADER))
            assert (answer.status_code, answer.json().get("id")) == (200, str(case_id)), written
        for written in ("M", case.number[:-1], "G20261123-310101002-999999", "' OR 1=1", "编号"):
            answer = await desk.client.get(f"{CASES}/by-number/{written}", headers=as_(Role.LEADER))
            assert (answer.status_code, answer.json()["code"]) == (404, "case-not-found"), written

    async def test_history_tells_every_step_in_order(self, desk: Desk) -> None:
        case_id = await desk.handled()
        answer = await desk.client.get(f"{CASES}/{case_id}/history", headers=as_(Role.LEADER))
        steps = answer.json()["items"]
        assert [step["action"] for step in steps] == ["report", "accept", "file", "dispatch", "start"]
        assert [step["version"] for step in steps] == [1, 2, 3, 4, 5]
        assert [step["actor_role"] for step in steps] == [
            "inspector", "acceptor", "duty_chief", "dispatcher", "inspector",
        ]  # fmt: skip
        assert [step["from_state"] for step in steps][1:] == [step["to_state"] for step in steps][:-1]

    async def test_persons_are_masked_in_every_answer(self, desk: Desk) -> None:
        case_id = await desk.report(
            channel="12345", reporter=TELLER, photos=[],
            description="3号楼堆物，请回电13812341234，身份证310101199001011234",
        )  # fmt: skip
        note = {"text": "居民手机13812341234，固话02158123456"}
        said = await desk.step(case_id, "supplement", note, role=Role.HOTLINE_OFFICER)
        texts = [str(said)]
        for path in ("", "/history", "/checks", "/dispatches"):
            texts.append((await desk.client.get(f"{CASES}/{case_id}{path}", headers=as_(Role.ACCEPTOR))).text)
        texts.append((await desk.client.get(CASES, headers=as_(Role.LEADER))).text)
        texts.append((await desk.client.get("/grid/v1/queue", headers=as_(Role.ACCEPTOR))).text)
        texts.append(str(await outbox(desk.database)))
        for secret in ("张三丰", "13812341234", "310101199001011234", "02158123456", "202室"):
            assert not [shown for shown in texts if secret in shown], secret


class TestReveal:
    BODY = {"purpose": "accept", "reason": "电话核对地址"}

    async def reveal(
        self, client: httpx.AsyncClient, case_id: UUID, headers: dict[str, str], **body: Any
    ) -> httpx.Response:
        return await client.post(f"{CASES}/{case_id}/reporter", json=self.BODY | body, headers=headers)

    async def test_in_full_with_an_event_and_the_reason_in_the_history(
        self, desk: Desk, database: Database
    ) -> None:
        case_id = await desk.report(
            channel="12345", reporter=TELLER | {"secret": True}, photos=[], description="请回电13812341234"
        )
        headers = as_(Role.ACCEPTOR, subject="acceptor-7", key="once")
        answer = await self.reveal(desk.client, case_id, headers)
        assert answer.status_code == 200, answer.text
        shown = answer.json()
        assert (shown["name"], shown["phone"], shown["secret"]) == (*TELLER.values(), True)
        assert shown["address"] == "福建中路100弄3号202室"
        assert shown["description"] == "请回电13812341234"
        again = await self.reveal(desk.client, case_id, headers)
        assert again.content == answer.content
        (told,) = await outbox(database, ACCESSES)
        assert told.verb == "granted"
        assert told.payload["subject_id"] == str(case_id)
        assert told.payload["purpose"] == "accept"
        assert "13812341234" not in str(told)
        assert "电话" not in str(told)
        query = select(History).where(History.aggregate_id == told.aggregate_id)
        step = await database.read(lambda s: s.scalar(query))
        assert step is not None
        assert (step.action, step.note, step.actor) == ("reveal", self.BODY["reason"], "acceptor-7")
        assert (await desk.case(case_id)).version == 1, "reading is no step of the case"

    async def test_each_reading_is_told(self, desk: Desk) -> None:
        case_id = await desk.report(channel="12345", reporter=TELLER, photos=[])
        for _ in range(2):
            assert (await self.reveal(desk.client, case_id, as_(Role.ACCEPTOR))).status_code == 200
        told = await outbox(desk.database, ACCESSES)
        assert len({event.aggregate_id for event in told}) == 2

    async def test_not_without_need_role_or_reason(self, desk: Desk) -> None:
        case_id = await desk.report(channel="12345", reporter=TELLER, photos=[])
        for headers, body, status, code in (
            (as_(Role.INSPECTOR, subject=CHECKER), {"purpose": "verify"}, 403, "reporter-not-needed"),
            (as_(Role.INSPECTOR, subject=HANDLER), {"purpose": "handle"}, 403, "reporter-not-needed"),
            (as_(Role.ACCEPTOR), {"purpose": "call-back"}, 403, "reporter-not-needed"),
            (as_(Role.DISPATCHER), {}, 403, "not-permitted"),
            (as_(Role.LEADER), {}, 403, "not-permitted"),
            (as_(Role.ADMINISTRATOR), {}, 403, "not-permitted"),
            (as_(Role.ACCEPTOR), {"reason": " "}, 422, "content-invalid"),
            (as_(Role.ACCEPTOR), {"purpose": "curiosity"}, 422, "content-invalid"),
        ):
            answer = await self.reveal(desk.client, case_id, headers, **body)
            assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        assert await outbox(desk.database, ACCESSES) == []

    async def test_a_case_without_a_reporter_and_one_that_does_not_exist(self, desk: Desk) -> None:
        case_id = await desk.report()
        none = await self.reveal(desk.client, case_id, as_(Role.ACCEPTOR))
        assert (none.status_code, none.json()["code"]) == (404, "reporter-missing")
        missing = await self.reveal(desk.client, new_id(), as_(Role.ACCEPTOR))
        assert (missing.status_code, missing.json()["code"]) == (404, "case-not-found")
        assert await outbox(desk.database, ACCESSES) == []

    async def test_when_the_step_is_done_the_need_is_over(self, desk: Desk) -> None:
        case_id = await desk.report(channel="12345", reporter=TELLER, photos=[])
        await desk.step(case_id, "request-verification", {"inspector": CHECKER})
        checker = Role.INSPECTOR
        verify = {"purpose": "verify"}
        seen = await self.reveal(desk.client, case_id, as_(checker, subject=CHECKER), **verify)
        assert seen.status_code == 200
        other = await self.reveal(desk.client, case_id, as_(checker, subject=HANDLER), **verify)
        assert other.status_code == 403
        await desk.step(case_id, "verify", {"confirmed": True, "note": "属实"})
        after = await self.reveal(desk.client, case_id, as_(checker, subject=CHECKER), **verify)
        assert after.status_code == 403


async def restate(database: Database, after: UUID | None) -> UUID | None:
    """One case said again."""
    return await database.transact(lambda session: cases.restate_cases(session, 1, after))


async def test_cases_are_restated_as_they_stand_and_nothing_changes(desk: Desk) -> None:
    case_id, other = await desk.filed(), await desk.report()
    before = await desk.read(case_id)
    for behind, last in ((None, case_id), (case_id, other), (other, None)):
        assert await restate(desk.database, behind) == last
    told = (await outbox(desk.database))[-2:]
    assert [(event.verb, event.version) for event in told] == [("restated", 3), ("restated", 1)]
    assert told[0].payload["state"] == "filed"
    assert told[0].payload["number"] == before["number"]
    assert await desk.read(case_id) == before
