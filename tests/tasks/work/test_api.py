"""The unit's steps over HTTP, on a direct task."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from libs.common.contracts.tasks import UnitSettings
from libs.common.db import Database
from libs.common.policy import Role
from services.tasks.tasks.domain import State
from services.tasks.tasks.models import Task
from services.tasks.units.domain import MemberRole
from services.tasks.units.models import Unit
from tests.tasks.factories import (
    Clock,
    as_,
    create_member,
    create_task,
    create_unit,
    outbox,
    stored,
    upload,
)

TASKS = "/tasks/v1/tasks"
ANSWER = {"outcome": "solved", "summary": "已清理"}


class Bench:
    """A unit with its clerk and one task."""

    def __init__(self, client: httpx.AsyncClient, database: Database, unit: Unit, task: Task) -> None:
        self.client, self.database, self.unit, self.task = client, database, unit, task

    async def do(
        self,
        step: str,
        body: dict[str, Any] | None = None,
        *,
        role: Role = Role.UNIT_CLERK,
        subject: str = "clerk-1",
    ) -> httpx.Response:
        version = (await stored(self.database, self.task.id)).version
        headers = as_(role, unit_id=self.unit.id, subject=subject, version=version)
        return await self.client.post(f"{TASKS}/{self.task.id}/{step}", json=body, headers=headers)

    async def does(self, step: str, body: dict[str, Any] | None = None, **who: Any) -> dict[str, Any]:
        answer = await self.do(step, body, **who)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def refuses(self, step: str, body: dict[str, Any] | None = None, **who: Any) -> tuple[int, str]:
        answer = await self.do(step, body, **who)
        return answer.status_code, answer.json()["code"]

    async def history(self) -> list[dict[str, Any]]:
        headers = as_(Role.UNIT_CLERK, unit_id=self.unit.id)
        answer = await self.client.get(f"{TASKS}/{self.task.id}/history", headers=headers)
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


async def bench_of(client: httpx.AsyncClient, database: Database, **settings: Any) -> Bench:
    unit = await create_unit(database, settings=UnitSettings(**settings))
    return Bench(client, database, unit, await create_task(database, unit.id))


@pytest.fixture
async def bench(client: httpx.AsyncClient, database: Database) -> Bench:
    return await bench_of(client, database)


@pytest.fixture
async def formal(client: httpx.AsyncClient, database: Database) -> Bench:
    """A unit whose answers leave with the leader's sign-off."""
    return await bench_of(client, database, sign_off_required=True, sections=("一分队",))


class TestSign:
    async def test_is_stored_recorded_and_told(self, bench: Bench, database: Database, clock: Clock) -> None:
        told = await bench.does("sign")
        assert (told["state"], told["version"]) == ("signed", 2)
        assert (await stored(database, bench.task.id)).signed_at == clock.now
        event = (await outbox(database))[-1]
        assert event.type == "cn.jiayuan.tasks.task.signed.v1"
        assert (event.version, event.payload["status"]) == (2, "signed")
        step = (await bench.history())[-1]
        assert (step["action"], step["from_state"], step["to_state"]) == ("sign", "assigned", "signed")
        assert (step["actor"], step["actor_role"]) == ("clerk-1", "unit_clerk")

    async def test_twice_is_a_conflict_that_names_what_is_allowed(self, bench: Bench) -> None:
        await bench.does("sign")
        answer = await bench.do("sign")
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal-transition")

    async def test_a_foreign_units_task_does_not_exist(self, bench: Bench, database: Database) -> None:
        other = await create_unit(database, "other")
        headers = as_(Role.UNIT_CLERK, unit_id=other.id, version=1)
        answer = await bench.client.post(f"{TASKS}/{bench.task.id}/sign", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "task-not-found")
        looked = await bench.client.get(
            f"{TASKS}/{bench.task.id}", headers=as_(Role.UNIT_CLERK, unit_id=other.id)
        )
        assert looked.status_code == 404

    async def test_needs_the_version_that_was_read_and_a_key(self, bench: Bench) -> None:
        path = f"{TASKS}/{bench.task.id}/sign"
        clerk = as_(Role.UNIT_CLERK, unit_id=bench.unit.id)
        assert (await bench.client.post(path, headers=clerk)).status_code == 428
        stale = as_(Role.UNIT_CLERK, unit_id=bench.unit.id, version=9)
        assert (await bench.client.post(path, headers=stale)).status_code == 412
        keyless = as_(Role.UNIT_CLERK, unit_id=bench.unit.id, version=1)
        del keyless["idempotency-key"]
        assert (await bench.client.post(path, headers=keyless)).status_code == 400

    async def test_a_repeat_gets_the_first_answer(self, bench: Bench, database: Database) -> None:
        headers = as_(Role.UNIT_CLERK, unit_id=bench.unit.id, version=1, key="same")
        first = await bench.client.post(f"{TASKS}/{bench.task.id}/sign", headers=headers)
        second = await bench.client.post(f"{TASKS}/{bench.task.id}/sign", headers=headers)
        assert (first.status_code, second.status_code) == (200, 200)
        assert first.content == second.content
        assert (await stored(database, bench.task.id)).version == 2

    @pytest.mark.parametrize("role", [Role.UNIT_LEADER, Role.DISPATCHER, Role.INSPECTOR])
    async def test_is_the_clerks(self, bench: Bench, role: Role) -> None:
        assert (await bench.refuses("sign", role=role))[0] == 403


class TestStaff:
    async def test_a_member_is_assigned_and_taken_off(self, formal: Bench, database: Database) -> None:
        await create_member(database, formal.unit.id, "handler-1", MemberRole.HANDLER)
        await formal.does("sign")
        told = await formal.does("staff", {"section": "一分队", "assignee": "handler-1"})
        assert (told["state"], told["section"], told["assignee"]) == ("working", "一分队", "handler-1")
        refused = await formal.refuses("return", {"reason": "not-our-duty", "note": "x"})
        assert refused == (409, "task-person-assigned")
        assert (await formal.does("staff", {"section": None, "assignee": None}))["assignee"] is None
        told = await formal.does("return", {"reason": "not-our-duty", "note": "属绿化部门"})
        assert (told["state"], told["return_reason"]) == ("returning", "not-our-duty")

    async def test_a_stranger_and_an_unknown_section_are_refused_the_clerk_is_not(
        self, formal: Bench
    ) -> None:
        await formal.does("sign")
        assert await formal.refuses("staff", {"assignee": "stranger"}) == (422, "task-person-not-member")
        assert await formal.refuses("staff", {"section": "没有"}) == (422, "section-unknown")
        assert (await formal.does("staff", {"assignee": "clerk-1"}))["assignee"] == "clerk-1"


class TestContactAndProgress:
    async def test_why_there_was_no_contact_is_enough_nothing_is_not(self, bench: Bench) -> None:
        await bench.does("sign")
        assert (await bench.refuses("first-contact", {}))[0] == 422
        told = await bench.does("first-contact", {"note": "电话无人接听"})
        assert (told["state"], told["contacted_at"]) == ("working", None)

    async def test_progress_with_a_photo_that_was_uploaded(self, bench: Bench, database: Database) -> None:
        await bench.does("sign")
        unknown = await bench.refuses("progress", {"note": "x", "photos": ["c" * 64]})
        assert unknown == (422, "media-unknown")
        photo = await upload(database, "clerk-1")
        await bench.does("progress", {"note": "已到场", "photos": [photo]})
        headers = as_(Role.UNIT_CLERK, unit_id=bench.unit.id)
        detail = (await bench.client.get(f"{TASKS}/{bench.task.id}", headers=headers)).json()
        assert [(item["hash"], item["purpose"]) for item in detail["photos"]] == [(photo, "evidence")]
        assert (await bench.history())[-1]["note"] == "已到场"
        assert "已到场" not in str((await outbox(database))[-1].payload)


class TestExtension:
    async def test_must_lie_beyond_the_deadline_in_force(self, bench: Bench) -> None:
        await bench.does("sign")
        body = {"until": "2026-11-24T00:00:00+08:00", "reason": "待料"}
        assert await bench.refuses("extension", body) == (422, "task-deadline-not-later")
        for until in ("1999-12-31T23:59:59Z", "2126-01-01T00:00:00Z", "2026-12-24T00:00:00"):
            assert (await bench.do("extension", body | {"until": until})).status_code == 422
        told = await bench.does("extension", body | {"until": "2026-12-24T00:00:00+08:00"})
        assert told["extension_until"] == "2026-12-23T16:00:00Z"


class TestAnswer:
    async def test_stops_the_clock_with_its_photos(
        self, bench: Bench, database: Database, clock: Clock
    ) -> None:
        photo = await upload(database, "clerk-1")
        await bench.does("sign")
        told = await bench.does("answer", ANSWER | {"photos": [photo]})
        assert (told["state"], told["on_time"]) == ("done", True)
        event = (await outbox(database))[-1]
        assert event.type == "cn.jiayuan.tasks.task.answered.v1"
        assert (event.payload["outcome"], event.payload["evidence_count"]) == ("solved", 1)
        assert (await stored(database, bench.task.id)).answered_at == clock.now

    async def test_of_a_unit_with_sign_off_leaves_through_its_leader(
        self, formal: Bench, database: Database
    ) -> None:
        await formal.does("sign")
        assert await formal.refuses("answer", ANSWER) == (409, "task-sign-off-required")
        assert (await formal.does("submit", ANSWER))["state"] == "awaiting_sign_off"
        assert await formal.refuses("approve") == (403, "task-may-not-sign-off")
        leader: dict[str, Any] = {"role": Role.UNIT_LEADER, "subject": "leader-1"}
        waiting = await formal.client.get(
            f"{TASKS}/sign-offs", headers=as_(Role.UNIT_LEADER, unit_id=formal.unit.id)
        )
        assert [item["id"] for item in waiting.json()["items"]] == [str(formal.task.id)]
        assert (await formal.does("send-back", {"note": "请补充照片"}, **leader))["state"] == "working"
        await formal.does("submit", ANSWER)
        assert (await formal.does("approve", **leader))["state"] == "done"
        assert (await stored(database, formal.task.id)).answer_by == "clerk-1"

    async def test_a_named_deputy_signs_off_in_the_leaders_place(
        self, formal: Bench, database: Database
    ) -> None:
        await create_member(database, formal.unit.id, "deputy-1", MemberRole.DEPUTY)
        await formal.does("sign")
        await formal.does("submit", ANSWER)
        assert (await formal.does("approve", subject="deputy-1"))["state"] == State.DONE

    async def test_a_deputy_signs_off_no_longer_than_until_the_last_day(
        self, formal: Bench, database: Database
    ) -> None:
        path = f"/tasks/v1/units/{formal.unit.id}/members"
        leader = as_(Role.UNIT_LEADER, unit_id=formal.unit.id)
        named = {"subject": "deputy-1", "name": "李四", "role": "deputy", "valid_from": "2026-11-01"}
        wrong = await formal.client.post(path, json=named | {"valid_to": "2026-10-01"}, headers=leader)
        assert (wrong.status_code, wrong.json()["code"]) == (422, "dates-inverted")
        for day in ("2026-11-22", "2026-11-23"):  # yesterday, today
            headers = as_(Role.UNIT_LEADER, unit_id=formal.unit.id)
            made = await formal.client.post(path, json=named | {"valid_to": day}, headers=headers)
            assert made.status_code == 201, made.text
            if day == "2026-11-22":
                await formal.does("sign")
                await formal.does("submit", ANSWER)
                refused = await formal.refuses("approve", subject="deputy-1")
                assert refused == (403, "task-may-not-sign-off")
        assert (await formal.does("approve", subject="deputy-1"))["state"] == State.DONE

    async def test_who_alone_could_sign_off_may_sign_off_their_own(
        self, formal: Bench, database: Database
    ) -> None:
        await create_member(database, formal.unit.id, "clerk-1", MemberRole.LEADER)
        await formal.does("sign")
        await formal.does("submit", ANSWER)
        await create_member(database, formal.unit.id, "deputy-1", MemberRole.DEPUTY)
        assert await formal.refuses("approve") == (403, "task-may-not-sign-off")
        await formal.does("send-back", {"note": "重拟"}, subject="deputy-1")
        path = f"/tasks/v1/units/{formal.unit.id}/members"
        people = (await formal.client.get(path, headers=as_(Role.ADMINISTRATOR))).json()["items"]
        (deputy,) = [each["id"] for each in people if each["role"] == "deputy"]
        formal_leader = as_(Role.UNIT_LEADER, unit_id=formal.unit.id)
        await formal.client.post(f"{path}/{deputy}/end", headers=formal_leader)
        await formal.does("submit", ANSWER)
        assert await formal.refuses("approve") == (403, "task-may-not-sign-off")  # today is the last day

    async def test_bad_input_is_refused(self, bench: Bench) -> None:
        await bench.does("sign")
        for body in ({"outcome": "maybe", "summary": "x"}, ANSWER | {"photos": ["x"]}, ANSWER | {"more": 1}):
            assert (await bench.do("answer", body)).status_code == 422
        assert (await bench.do("answer", {"outcome": "solved", "summary": "坏\u0000"})).status_code == 422
