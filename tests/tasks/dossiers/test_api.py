from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from libs.common.contracts.handover import Contents, Person
from libs.common.db import Database
from libs.common.events.models import History
from libs.common.handover.jobs import mark_timed_out_handovers
from libs.common.ids import new_id
from libs.common.media.links import Record
from libs.common.policy import Principal, Role
from services.tasks.main import may_read
from services.tasks.tasks import service as tasks
from services.tasks.tasks.domain import Origin
from services.tasks.units.models import Unit
from tests.tasks.factories import (
    MONDAY,
    TOWN,
    Clock,
    Dispatcher,
    as_,
    create_task,
    create_unit,
    outbox,
    stored,
)

TASKS = "/tasks/v1/tasks"


@pytest.fixture
async def unit(database: Database) -> Unit:
    return await create_unit(database)


async def listed(
    client: httpx.AsyncClient, headers: dict[str, str], path: str = "", **params: Any
) -> list[str]:
    answer = await client.get(TASKS + path, params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


class TestLists:
    async def test_a_clerk_sees_the_own_units_a_leader_the_own_areas(
        self, client: httpx.AsyncClient, database: Database, unit: Unit
    ) -> None:
        far = await create_unit(database, "far", area="310107005")
        await create_task(database, unit.id, title="近")
        await database.transact(
            lambda s: tasks.create(
                s,
                tasks.TaskDraft(Origin.DIRECT, "远", "310107005", far.id),
                tasks.By(tasks.TASKS, MONDAY),
            )
        )
        assert await listed(client, as_(Role.UNIT_CLERK, unit_id=unit.id, areas=("31",))) == ["近"]
        assert await listed(client, as_(Role.LEADER, areas=("310107",))) == ["远"]
        assert await listed(client, as_(Role.LEADER, areas=("31",))) == ["远", "近"]
        assert await listed(client, as_(Role.LEADER, areas=("31",)), area="310101") == ["近"]
        assert await listed(client, as_(Role.UNIT_CLERK, areas=("31",))) == []

    async def test_the_inbox_is_by_deadline_without_one_last_and_pages_hold(
        self, client: httpx.AsyncClient, database: Database, unit: Unit
    ) -> None:
        for title, hours in (("三", None), ("二", 48), ("一", 24)):
            due = MONDAY + timedelta(hours=hours) if hours else None
            await create_task(database, unit.id, title=title, due_at=due)
        clerk = as_(Role.UNIT_CLERK, unit_id=unit.id)
        assert await listed(client, clerk, "/inbox") == ["一", "二", "三"]
        first = (await client.get(f"{TASKS}/inbox", params={"limit": 2, "total": True}, headers=clerk)).json()
        assert first["total"] == 3
        assert await listed(client, clerk, "/inbox", after=first["next"]) == ["三"]
        stranger = await client.get(f"{TASKS}/inbox", headers=as_(Role.LEADER))
        assert stranger.status_code == 404

    async def test_named_shapes_and_search(
        self, client: httpx.AsyncClient, database: Database, unit: Unit, clock: Clock
    ) -> None:
        soon = await create_task(database, unit.id, title="加装电梯纠纷", due_at=MONDAY + timedelta(hours=1))
        await create_task(database, unit.id, title="楼道堆物")
        clerk = as_(Role.UNIT_CLERK, unit_id=unit.id, subject="clerk-1")
        assert await listed(client, clerk, q="電梯") == ["加装电梯纠纷"]
        assert await listed(client, clerk, q=soon.number) == ["加装电梯纠纷"]
        assert await listed(client, clerk, due_before="2026-11-23T12:00:00Z") == ["加装电梯纠纷"]
        assert await listed(client, clerk, show="overdue") == []
        clock.tick(timedelta(hours=2))
        assert await listed(client, clerk, show="overdue") == ["加装电梯纠纷"]
        assert await listed(client, clerk, show="mine") == []
        assert len(await listed(client, clerk, show="open", state="assigned", unit_id=str(unit.id))) == 2
        assert await listed(client, clerk, area="310107") == []

    async def test_a_task_of_an_unknown_unit_stands_on_a_list(
        self, client: httpx.AsyncClient, database: Database, clock: Clock
    ) -> None:
        await Dispatcher(database, clock).request(None)
        assert await listed(client, as_(Role.DISPATCHER), show="unit-unknown") == ["楼道堆物"]


class TestWaits:
    async def test_a_wait_that_ran_out_is_on_the_units_list_and_ends_nothing(
        self, client: httpx.AsyncClient, database: Database, unit: Unit, clock: Clock
    ) -> None:
        task = await Dispatcher(database, clock).request(unit.id)
        clerk = as_(Role.UNIT_CLERK, unit_id=unit.id)
        assert (await client.get(f"{TASKS}/timed-out", headers=clerk)).json()["items"] == []
        later = clock.tick(timedelta(hours=5))
        await database.transact(lambda s: mark_timed_out_handovers(s, later))
        (wait,) = (await client.get(f"{TASKS}/timed-out", headers=clerk)).json()["items"]
        assert (wait["task_id"], wait["waiting_for"]) == (str(task.id), "sign")
        detail = (await client.get(f"{TASKS}/{task.id}", headers=clerk)).json()
        assert detail["allowed_actions"] == ["sign", "return", "designate", "withdraw"]
        assert (await client.get(f"{TASKS}/timed-out", headers=as_(Role.LEADER))).status_code == 404


class TestJoint:
    async def test_the_lead_sees_the_other_units_tasks(
        self, client: httpx.AsyncClient, database: Database, unit: Unit, clock: Clock
    ) -> None:
        other = await create_unit(database, "other")
        joint = new_id()
        lead = await Dispatcher(database, clock).request(unit.id, joint_id=joint, lead=True)
        part = await Dispatcher(database, clock).request(other.id, joint_id=joint, lead=False)
        alone = await create_task(database, unit.id)
        clerk = as_(Role.UNIT_CLERK, unit_id=unit.id)
        answer = await client.get(f"{TASKS}/{lead.id}/joint", headers=clerk)
        assert [(item["id"], item["lead"]) for item in answer.json()["items"]] == [(str(part.id), False)]
        assert (await client.get(f"{TASKS}/{alone.id}/joint", headers=clerk)).json() == {"items": []}

    async def test_who_had_it_alone_at_first_is_joined_by_its_handover(
        self, client: httpx.AsyncClient, database: Database, unit: Unit, clock: Clock
    ) -> None:
        other = await create_unit(database, "other")
        first = await Dispatcher(database, clock).request(unit.id)
        later = await Dispatcher(database, clock).request(other.id, joint_id=first.handover_id, lead=False)
        for mine, theirs, owner in ((first, later, unit), (later, first, other)):
            clerk = as_(Role.UNIT_CLERK, unit_id=owner.id)
            answer = await client.get(f"{TASKS}/{mine.id}/joint", headers=clerk)
            assert [item["id"] for item in answer.json()["items"]] == [str(theirs.id)]


class TestPersonalData:
    async def test_is_masked_until_the_handler_gives_a_reason(
        self, client: httpx.AsyncClient, database: Database, unit: Unit, clock: Clock
    ) -> None:
        task = await Dispatcher(database, clock).request(unit.id)
        clerk = as_(Role.UNIT_CLERK, unit_id=unit.id, subject="clerk-1")
        shown = await client.get(f"{TASKS}/{task.id}", headers=clerk)
        assert shown.json()["contents"]["reporter"]["phone"] == "138****1234"
        for secret in ("13800001234", "王小明", "501室"):
            assert secret not in shown.text
        access = new_id()
        path = f"{TASKS}/{task.id}/accesses/{access}"
        body = {"reason": "电话约定上门时间"}
        early = await client.put(path, json=body, headers=clerk)
        assert (early.status_code, early.json()["code"]) == (403, "task-handler-only")
        await self._assign(client, database, task.id, clerk)
        for _ in range(2):
            full = await client.put(path, json=body, headers=clerk)
            assert full.json()["contents"]["reporter"] == {
                "name": "王小明", "phone": "13800001234", "role": None, "unit_id": None,
            }  # fmt: skip
        (event,) = await outbox(database, "jiayuan.tasks.access.v1")
        assert "13800001234" not in str(event.payload)
        told = await database.read(lambda s: s.scalar(select(History).where(History.aggregate_id == access)))
        assert told is not None
        assert (told.actor, told.note) == ("clerk-1", "电话约定上门时间")
        other = await create_task(database, unit.id)
        await self._assign(client, database, other.id, clerk)
        taken = await client.put(f"{TASKS}/{other.id}/accesses/{access}", json=body, headers=clerk)
        assert taken.status_code == 404

    async def _assign(
        self, client: httpx.AsyncClient, database: Database, task_id: Any, clerk: dict[str, str]
    ) -> None:
        for step, body in (("sign", None), ("staff", {"assignee": "clerk-1"})):
            headers = clerk | {
                "idempotency-key": str(new_id()),
                "if-match": f'"{(await stored(database, task_id)).version}"',
            }
            done = await client.post(f"{TASKS}/{task_id}/{step}", json=body, headers=headers)
            assert done.status_code == 200, done.text

    async def test_numbers_in_what_people_wrote_are_masked(
        self, client: httpx.AsyncClient, database: Database, unit: Unit
    ) -> None:
        task = await create_task(database, unit.id)
        clerk = as_(Role.UNIT_CLERK, unit_id=unit.id, version=1)
        body = {"reason": "incomplete", "note": "请联系 13800001234 补充"}
        answer = await client.post(f"{TASKS}/{task.id}/return", json=body, headers=clerk)
        assert answer.status_code == 200, answer.text
        shown = await client.get(f"{TASKS}/{task.id}/history", headers=clerk)
        assert shown.json()["items"][-1]["note"] == "请联系 138****1234 补充"

    async def test_one_reading_has_one_id(
        self, client: httpx.AsyncClient, database: Database, unit: Unit, clock: Clock
    ) -> None:
        clerk = as_(Role.UNIT_CLERK, unit_id=unit.id, subject="clerk-1")
        access = new_id()
        statuses = []
        for _ in range(2):
            task = await Dispatcher(database, clock).request(unit.id)
            await self._assign(client, database, task.id, clerk)
            path = f"{TASKS}/{task.id}/accesses/{access}"
            statuses.append((await client.put(path, json={"reason": "联系"}, headers=clerk)).status_code)
        assert statuses == [200, 409]

    async def test_a_withheld_reporter_is_nowhere(
        self, client: httpx.AsyncClient, database: Database, unit: Unit, clock: Clock
    ) -> None:
        contents = Contents(title="物业乱收费", parties=(Person(name="某物业", role="respondent"),))
        dispatcher = Dispatcher(database, clock)
        task = await dispatcher.request(unit.id, contents=contents, reporter_withheld=True)
        clerk = as_(Role.UNIT_CLERK, unit_id=unit.id)
        shown = (await client.get(f"{TASKS}/{task.id}", headers=clerk)).json()
        assert shown["contents"]["reporter"] is None
        assert shown["contents"]["parties"][0]["name"] == "某**"


async def test_photos_are_seen_through_their_task(database: Database, unit: Unit) -> None:
    task = await create_task(database, unit.id)
    clerk = Principal("c", "c", frozenset({Role.UNIT_CLERK}), unit_id=unit.id)
    stranger = Principal("s", "s", frozenset({Role.UNIT_CLERK}), unit_id=new_id())
    seen = await database.read(lambda s: may_read(s, clerk, Record("task", task.id), MONDAY))
    unseen = await database.read(lambda s: may_read(s, stranger, Record("task", task.id), MONDAY))
    other = await database.read(lambda s: may_read(s, clerk, Record("unit", task.id), MONDAY))
    assert (seen, unseen, other) == (True, False, False)
    assert task.area == TOWN
