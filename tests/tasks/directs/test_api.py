"""Direct tasks over HTTP: entered, steered, verified by another than the doer, closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.policy import Role
from services.tasks.tasks.models import Task
from services.tasks.units.models import Unit
from tests.tasks.factories import (
    MONDAY,
    Clock,
    Dispatcher,
    as_,
    create_task,
    create_unit,
    outbox,
    stored,
)

TASKS = "/tasks/v1/tasks"
OFFICE = Role.SUPERVISION_OFFICE


def told(unit: Unit, **overrides: Any) -> dict[str, Any]:
    body = {"title": "楼道堆物专项整治", "description": "逐栋排查", "unit_id": str(unit.id)}
    return body | {"due_at": "2026-12-01T18:00:00+08:00"} | overrides


@pytest.fixture
async def unit(database: Database) -> Unit:
    return await create_unit(database)


class Desk:
    """The supervision office and the unit's clerk, at one task."""

    def __init__(self, client: httpx.AsyncClient, database: Database, unit: Unit, task: Task) -> None:
        self.client, self.database, self.unit, self.task = client, database, unit, task

    async def post(self, step: str, body: Any, headers: dict[str, str]) -> httpx.Response:
        return await self.client.post(f"{TASKS}/{self.task.id}/{step}", json=body, headers=headers)

    async def steer(self, step: str, *, subject: str = "supervisor-1", **body: Any) -> httpx.Response:
        version = (await stored(self.database, self.task.id)).version
        return await self.post(step, body, as_(OFFICE, subject=subject, version=version))

    async def steers(self, step: str, **body: Any) -> dict[str, Any]:
        answer = await self.steer(step, **body)
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def work(self, step: str, **body: Any) -> None:
        version = (await stored(self.database, self.task.id)).version
        headers = as_(Role.UNIT_CLERK, unit_id=self.unit.id, version=version)
        answer = await self.post(step, body, headers)
        assert answer.status_code == 200, answer.text

    async def work_to_done(self) -> None:
        await self.work("sign")
        await self.work("answer", outcome="solved", summary="已清理")


@pytest.fixture
async def desk(client: httpx.AsyncClient, database: Database, unit: Unit) -> Desk:
    return Desk(client, database, unit, await create_task(database, unit.id))


class TestEnter:
    async def test_is_stored_numbered_and_told(
        self, client: httpx.AsyncClient, database: Database, unit: Unit
    ) -> None:
        answer = await client.post(TASKS, json=told(unit), headers=as_(OFFICE))
        assert answer.status_code == 201, answer.text
        made = await stored(database, answer.json()["id"])
        assert (made.area, made.origin, made.number[:10]) == (unit.area, "direct", "T20261123-")
        event = (await outbox(database))[-1]
        assert event.type == "cn.jiayuan.tasks.task.assigned.v1"
        assert "楼道" not in str(event.payload)

    async def test_without_a_deadline_it_is_never_overdue(
        self, client: httpx.AsyncClient, database: Database, unit: Unit
    ) -> None:
        answer = await client.post(TASKS, json=told(unit, due_at=None), headers=as_(OFFICE))
        assert answer.json()["due_at"] is None

    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"due_at": "2026-11-01T00:00:00+08:00"}, 422, "task-deadline-not-later"),
            ({"unit_id": str(new_id())}, 404, "unit-not-found"),
            ({"area": "310107"}, 404, "not-found"),
            ({"area": "31010"}, 422, "area-code-invalid"),
        ],
    )
    async def test_what_cannot_be_is_refused_and_leaves_nothing(
        self, client: httpx.AsyncClient, database: Database, unit: Unit, change: Any, status: int, code: str
    ) -> None:
        answer = await client.post(TASKS, json=told(unit, **change), headers=as_(OFFICE))
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert await database.read(lambda s: s.scalar(select(func.count()).select_from(Task))) == 0

    async def test_a_unit_takes_part_once(self, client: httpx.AsyncClient, unit: Unit) -> None:
        body = told(unit, cooperating_unit_ids=[str(unit.id)])
        answer = await client.post(TASKS, json=body, headers=as_(OFFICE))
        assert (answer.status_code, answer.json()["code"]) == (422, "task-unit-twice")

    async def test_is_not_for_clerks(self, client: httpx.AsyncClient, unit: Unit) -> None:
        answer = await client.post(TASKS, json=told(unit), headers=as_(Role.UNIT_CLERK, unit_id=unit.id))
        assert answer.status_code == 403


class TestSteering:
    async def test_urging_shows_in_the_inbox(self, desk: Desk) -> None:
        assert (await desk.steers("urge"))["urges"] == 1
        await desk.work_to_done()
        refused = await desk.steer("urge")
        assert (refused.status_code, refused.json()["code"]) == (409, "task-not-with-unit")

    async def test_a_return_is_answered_by_designating_or_taking_back(
        self, client: httpx.AsyncClient, database: Database, unit: Unit, desk: Desk
    ) -> None:
        await desk.work("return", reason="not-our-duty", note="不属我们")
        assert (await desk.steers("designate", note="就由你们办"))["state"] == "assigned"
        other = Desk(client, database, unit, await create_task(database, unit.id))
        await other.work("return", reason="incomplete", note="缺地址")
        assert (await other.steers("take-back", note="另派"))["state"] == "returned"

    async def test_deadlines_and_extensions(self, desk: Desk) -> None:
        assert (await desk.steer("extension/refuse", note="x")).json()["code"] == "task-extension-state"
        later = (MONDAY + timedelta(days=9)).isoformat()
        await desk.work("sign")
        await desk.work("extension", until=later, reason="待料")
        made = await desk.steers("extension/grant", due_at=later, note="同意")
        assert (made["extensions"], made["extension_until"]) == (1, None)
        await desk.work("extension", until=(MONDAY + timedelta(days=12)).isoformat(), reason="仍待料")
        assert (await desk.steers("extension/refuse", note="不同意"))["extension_until"] is None
        made = await desk.steers("reschedule", due_at=(MONDAY + timedelta(days=5)).isoformat(), note="提前")
        assert made["due_at"] == "2026-11-28T02:00:00Z"

    async def test_a_pause_keeps_the_time_that_was_left(self, desk: Desk, clock: Clock) -> None:
        await desk.steers("suspend", note="等待鉴定")
        assert (await desk.steer("suspend", note="x")).json()["code"] == "task-clock-state"
        clock.tick(timedelta(hours=10))
        made = await desk.steers("resume")
        assert made["due_at"] == (MONDAY + timedelta(days=2, hours=10)).isoformat().replace("+00:00", "Z")
        assert (await desk.steer("resume")).status_code == 409

    async def test_a_withdrawn_task_has_ended(self, desk: Desk) -> None:
        assert (await desk.steers("withdraw", note="重复"))["state"] == "withdrawn"
        assert (await desk.steer("withdraw", note="x")).status_code == 409

    async def test_a_task_outside_the_area_does_not_exist(self, desk: Desk) -> None:
        headers = as_(OFFICE, areas=("310107",), version=1)
        answer = await desk.client.post(f"{TASKS}/{desk.task.id}/urge", json={}, headers=headers)
        assert answer.status_code == 404


class TestVerify:
    async def test_then_close(self, desk: Desk, database: Database) -> None:
        await desk.work_to_done()
        assert (await desk.steers("verify"))["state"] == "verified"
        assert (await desk.steers("close", note="销号"))["state"] == "closed"
        kinds = [event.type.split(".")[4] for event in await outbox(database, "jiayuan.tasks.task.v1")]
        assert kinds[-3:] == ["answered", "verified", "closed"]

    async def test_not_by_the_doer_nor_by_someone_of_the_unit(self, desk: Desk) -> None:
        await desk.work_to_done()
        doer = await desk.steer("verify", subject="unit_clerk-1")
        assert (doer.status_code, doer.json()["code"]) == (403, "task-own-work")
        headers = as_(OFFICE, unit_id=desk.unit.id, subject="colleague", version=3)
        colleague = await desk.post("verify", {}, headers)
        assert (colleague.status_code, colleague.json()["code"]) == (403, "task-own-work")

    async def test_a_failure_is_rework_with_the_same_deadline(self, desk: Desk) -> None:
        due = (await stored(desk.database, desk.task.id)).due_at
        await desk.work_to_done()
        made = await desk.steers("rework", note="未清理干净")
        assert (made["state"], made["reworks"]) == ("working", 1)
        assert (await stored(desk.database, desk.task.id)).due_at == due

    async def test_a_cases_task_is_grids(
        self, client: httpx.AsyncClient, database: Database, unit: Unit, clock: Clock
    ) -> None:
        task = await Dispatcher(database, clock).request(unit.id)
        case = Desk(client, database, unit, task)
        await case.work_to_done()
        for step in ("verify", "urge", "withdraw", "rework"):
            answer = await case.steer(step, note="x")
            assert (answer.status_code, answer.json()["code"]) == (409, "task-of-case"), step
