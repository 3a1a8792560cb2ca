"""The one queue through a case's whole life, claims at the same moment, and the inspector's list."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.db import Database
from libs.common.policy import Role
from services.grid.cases import service as cases
from tests.grid.crowd import walks
from tests.grid.factories import CHECKER, ELSEWHERE, HANDLER, Desk, as_, outbox
from tests.support.statements import statements

QUEUE, CHECKS = "/grid/v1/queue", "/grid/v1/checks"


def claim_path(case_id: UUID) -> str:
    return f"/grid/v1/cases/{case_id}/claim"


async def shown(desk: Desk, path: str, *, subject: str | None = None, **asked: str) -> dict[str, Any]:
    role = Role.INSPECTOR if path == CHECKS else Role.ACCEPTOR
    answer = await desk.client.get(path, params=asked, headers=as_(role, subject=subject))
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def reason(desk: Desk, case_id: UUID) -> str | None:
    return dict(await desk.queue()).get(str(case_id))


class TestWhatWaits:
    async def test_from_report_to_close(self, desk: Desk) -> None:
        case_id = await desk.report()
        assert await reason(desk, case_id) == "to_accept"
        await desk.step(case_id, "accept")
        assert await reason(desk, case_id) == "to_file"
        await desk.step(case_id, "file", {"standard": "found"})
        assert await reason(desk, case_id) == "to_dispatch"
        await desk.step(case_id, "dispatch", {"squad": "网格处置一队"})
        assert await reason(desk, case_id) is None
        await desk.step(case_id, "start")
        await desk.answer(case_id)
        assert await reason(desk, case_id) == "to_check"
        await desk.assign_check(case_id)
        assert await reason(desk, case_id) is None
        await desk.step(case_id, "check", {"passed": True, "note": "已清理"})
        assert await reason(desk, case_id) == "to_close"
        await desk.step(case_id, "close", {})
        assert await desk.queue() == []

    async def test_what_comes_back_to_the_centre(self, desk: Desk) -> None:
        returned = await desk.filed()
        await desk.step(returned, "dispatch", {"squad": "网格处置一队"})
        await desk.step(returned, "return", {"reason_code": "not-our-duty", "reason": "不属本队职责"})
        assert await reason(desk, returned) == "returned"
        reworked = await desk.answered()
        await desk.check(reworked, passed=False)
        assert await reason(desk, reworked) == "rework"
        late = await desk.handled()
        asked = await desk.handled()
        await desk.step(asked, "ask-extension", {"reason": "待料"})
        assert await reason(desk, asked) == "extension"
        due = (await desk.case(late)).due_at
        assert due is not None
        desk.clock.now = due + timedelta(seconds=1)
        await desk.database.transact(lambda s: cases.mark_overdue(s, desk.clock.now))
        assert await reason(desk, late) == "overdue"
        assert await reason(desk, asked) == "extension", "what is asked for presses more"

    async def test_a_verification_waits_for_the_inspector(self, desk: Desk) -> None:
        case_id = await desk.report(channel="12345", photos=[])
        await desk.step(case_id, "request-verification", {"inspector": CHECKER})
        assert await reason(desk, case_id) is None
        await desk.step(case_id, "verify", {"confirmed": True, "note": "属实"})
        assert await reason(desk, case_id) == "to_accept"

    async def test_only_reasons_asked_for_and_only_the_callers_area(self, desk: Desk) -> None:
        case_id = await desk.report()
        filed = await desk.filed()
        assert await desk.queue(reason="to_dispatch") == [(str(filed), "to_dispatch")]
        assert len(await desk.queue(reason=["to_dispatch", "to_accept"])) == 2
        for areas, count in (
            (("310101002001",), 2), (("31",), 2), (("310101002002",), 0), ((ELSEWHERE,), 0), ((), 0),
        ):  # fmt: skip
            answer = await desk.client.get(QUEUE, headers=as_(Role.DISPATCHER, areas=areas))
            assert len(answer.json()["items"]) == count, areas
        assert str(case_id) in dict(await desk.queue(area="310101002"))

    @pytest.mark.parametrize("role", [Role.INSPECTOR, Role.LEADER, Role.UNIT_CLERK, Role.ADMINISTRATOR])
    async def test_others_have_no_queue(self, desk: Desk, role: Role) -> None:
        case_id = await desk.report()
        assert (await desk.client.get(QUEUE, headers=as_(role))).status_code == 403
        assert (await desk.client.post(claim_path(case_id), headers=as_(role))).status_code == 403

    async def test_pages_stay_whole_while_others_work(self, desk: Desk) -> None:
        expected = []
        for _ in range(5):
            expected.append(str(await desk.report()))
            desk.clock.tick()
        seen: list[str] = []
        after: dict[str, str] = {}
        for turn in range(3):
            page = await shown(desk, QUEUE, limit="2", **after)
            seen += [item["id"] for item in page["items"]]
            after = {"after": page["next"]}
            if turn == 0:  # one that was shown is taken off, a later one comes in
                await desk.step(UUID(expected[0]), "reject", {"reason_code": "other", "reason": "重复"})
                desk.clock.tick()
                expected.append(str(await desk.report()))
        assert seen == expected

    @pytest.mark.parametrize(
        "asked", [{"reason": "boredom"}, {"area": "31010"}, {"limit": "0"}, {"after": "x"}]
    )
    async def test_what_has_no_meaning(self, desk: Desk, asked: dict[str, str]) -> None:
        answer = await desk.client.get(QUEUE, params=asked, headers=as_(Role.DISPATCHER))
        assert answer.status_code in (400, 422)
        assert answer.headers["content-type"] == "application/problem+json"


class TestClaims:
    async def test_of_many_at_once_one_has_it(self, desk: Desk) -> None:
        case_id = await desk.report()
        people = [f"acceptor-{n}" for n in range(8)]
        answers = await asyncio.gather(
            *(
                desk.client.post(claim_path(case_id), headers=as_(Role.ACCEPTOR, subject=person))
                for person in people
            )
        )
        (winner,) = (p for p, answer in zip(people, answers, strict=True) if answer.status_code == 200)
        refused = [answer for answer in answers if answer.status_code != 200]
        assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(409, "case-claimed")}
        assert {answer.json()["data"]["holder"] for answer in refused} == {winner}
        case = await desk.case(case_id)
        assert (case.claimed_by, case.claimed_until) == (winner, desk.clock.now + timedelta(minutes=30))
        assert (case.version, len(await outbox(desk.database))) == (1, 1), "a claim is no step of the case"

    async def test_of_two_steps_at_once_one_counts(self, desk: Desk) -> None:
        case_id = await desk.report()
        answers = await asyncio.gather(
            *(desk.post(case_id, "accept", subject=f"acceptor-{n}", version=1) for n in range(2))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        assert [event.verb for event in await outbox(desk.database)] == ["reported", "accepted"]

    async def test_it_ends_at_its_moment_and_its_holder_may_prolong_it(self, desk: Desk) -> None:
        case_id = await desk.report()
        await desk.step(case_id, "claim", role=Role.ACCEPTOR, subject="first")
        desk.clock.tick(timedelta(minutes=20))
        prolonged = await desk.step(case_id, "claim", role=Role.ACCEPTOR, subject="first")
        until = datetime.fromisoformat(prolonged["claimed_until"])
        assert until == desk.clock.now + timedelta(minutes=30)
        desk.clock.now = until - timedelta(microseconds=1)
        assert (await desk.post(case_id, "claim", role=Role.ACCEPTOR, subject="second")).status_code == 409
        assert (await desk.post(case_id, "accept", subject="second")).status_code == 409
        desk.clock.now = until
        assert (await desk.step(case_id, "claim", role=Role.ACCEPTOR, subject="second"))[
            "claimed_by"
        ] == "second"
        late = await desk.post(case_id, "accept", subject="first")
        assert (late.status_code, late.json()["code"]) == (409, "case-claimed")

    async def test_after_its_end_nobody_need_release_it(self, desk: Desk) -> None:
        case_id = await desk.report()
        await desk.step(case_id, "claim", role=Role.ACCEPTOR, subject="first")
        desk.clock.tick(timedelta(minutes=30))
        assert (await desk.step(case_id, "accept", subject="second"))["claimed_by"] is None

    async def test_a_repeat_is_the_first_answer(self, desk: Desk) -> None:
        case_id = await desk.report()
        headers = as_(Role.ACCEPTOR, key="once")
        first = await desk.client.post(claim_path(case_id), headers=headers)
        desk.clock.tick()
        again = await desk.client.post(claim_path(case_id), headers=headers)
        assert (again.status_code, again.content) == (200, first.content)
        assert (await desk.case(case_id)).claimed_until == desk.clock.now + timedelta(minutes=29)

    async def test_how_long_is_a_rule(self, desk: Desk) -> None:
        body = {"value": {"minutes": 5}, "source": "区城运中心通知", "effective_from": "2026-11-23"}
        changed = await desk.client.put(
            "/grid/v1/rules/claim", json=body, headers=as_(Role.ADMINISTRATOR, version=1)
        )
        assert changed.status_code == 200, changed.text
        case_id = await desk.report()
        await desk.step(case_id, "claim", role=Role.ACCEPTOR)
        assert (await desk.case(case_id)).claimed_until == desk.clock.now + timedelta(minutes=5)


class TestInspectorsList:
    async def test_what_is_to_be_verified_and_checked_by_deadline(self, desk: Desk) -> None:
        check = await desk.answered()
        desk.clock.tick()
        verify = await desk.report(channel="12345", photos=[])
        await desk.step(verify, "request-verification", {"inspector": CHECKER})
        await desk.assign_check(check)
        rows = (await shown(desk, CHECKS, subject=CHECKER))["items"]
        assert [(row["check"]["kind"], row["case"]["id"]) for row in rows] == [
            ("verify", str(verify)),  # within four working hours
            ("check", str(check)),  # within a working day
        ]
        due = [row["check"]["due_at"] for row in rows]
        assert due == sorted(due)
        assert rows[0]["case"]["allowed_actions"] == ["supplement", "verify"]
        assert (await shown(desk, CHECKS, subject=HANDLER))["items"] == []
        await desk.step(verify, "verify", {"confirmed": False, "note": "未发现"})
        (left,) = (await shown(desk, CHECKS, subject=CHECKER))["items"]
        assert left["case"]["id"] == str(check)

    async def test_assigned_again_it_moves(self, desk: Desk) -> None:
        case_id = await desk.answered()
        await desk.assign_check(case_id)
        await desk.step(case_id, "assign-check", {"inspector": "inspector-4"})
        assert (await shown(desk, CHECKS, subject=CHECKER))["items"] == []
        (row,) = (await shown(desk, CHECKS, subject="inspector-4"))["items"]
        assert row["case"]["id"] == str(case_id)
        late = await desk.post(case_id, "check", {"passed": True, "note": "已清理"})
        assert (late.status_code, late.json()["code"]) == (403, "not-assigned-to-you")

    async def test_it_pages_and_uses_its_index(self, desk: Desk, database: Database) -> None:
        expected = []
        for _ in range(3):
            case_id = await desk.report(channel="12345", photos=[])
            await desk.step(case_id, "request-verification", {"inspector": CHECKER})
            expected.append(str(case_id))
            desk.clock.tick()
        await database.transact(lambda s: s.execute(text(_MANY), {"now": desk.clock.now}))
        await database.transact(lambda s: s.execute(text("ANALYZE case_check")))
        async with statements(database) as asked:
            first = await shown(desk, CHECKS, subject=CHECKER, limit="2")
            rest = await shown(desk, CHECKS, subject=CHECKER, limit="2", after=first["next"])
        assert [row["case"]["id"] for row in first["items"] + rest["items"]] == expected
        assert rest["next"] is None
        assert await walks(database, asked, "case_check") == []


# Done checks of many inspectors, all of one case.
_MANY = """
INSERT INTO case_check (id, case_id, kind, round, rework, inspector, assigned_by, assigned_at, due_at,
    done_at)
SELECT uuidv7(), (SELECT id FROM grid_case LIMIT 1), 'check', 1, 0, 'inspector-' || n % 20, 'dispatcher-1',
    CAST(:now AS timestamptz), CAST(:now AS timestamptz), CAST(:now AS timestamptz)
FROM generate_series(1, 4000) AS n
"""
