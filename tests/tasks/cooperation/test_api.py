from __future__ import annotations

from typing import Any

import httpx

from libs.common.db import Database
from libs.common.policy import Role
from services.tasks.tasks.models import Task
from services.tasks.units.models import Unit
from tests.tasks.factories import as_, create_task, create_unit, outbox, stored

TASKS = "/tasks/v1/tasks"


class Team:
    """A lead, a responsible and a cooperating unit."""

    def __init__(self, client: httpx.AsyncClient, database: Database, units: list[Unit], task: Task) -> None:
        self.client, self.database, self.task = client, database, task
        self.lead, self.responsible, self.cooperating = units

    async def post(self, step: str, body: Any, *roles: Role, **who: Any) -> httpx.Response:
        version = (await stored(self.database, self.task.id)).version
        headers = as_(*roles, version=version, **who)
        return await self.client.post(f"{TASKS}/{self.task.id}/{step}", json=body, headers=headers)

    async def lines(self) -> list[dict[str, Any]]:
        headers = as_(Role.UNIT_CLERK, unit_id=self.lead.id)
        answer = await self.client.get(f"{TASKS}/{self.task.id}/lines", headers=headers)
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


async def team(client: httpx.AsyncClient, database: Database) -> Team:
    units = [await create_unit(database, code) for code in ("lead", "responsible", "cooperating")]
    task = await create_task(
        database,
        units[0].id,
        responsible_unit_ids=(units[1].id,),
        cooperating_unit_ids=(units[2].id,),
    )
    return Team(client, database, units, task)


async def inbox(client: httpx.AsyncClient, unit: Unit) -> list[str]:
    answer = await client.get(f"{TASKS}/inbox", headers=as_(Role.UNIT_CLERK, unit_id=unit.id))
    return [item["id"] for item in answer.json()["items"]]


async def test_each_unit_beside_the_lead_has_its_own_line_and_its_inbox_until_it_has_fed_back(
    client: httpx.AsyncClient, database: Database
) -> None:
    made = await team(client, database)
    assert [(line["role"], line["feedback"]) for line in await made.lines()] == [
        ("responsible", None),
        ("cooperating", None),
    ]
    assert await inbox(client, made.cooperating) == [str(made.task.id)]
    body = {"note": "已配合清运"}
    answer = await made.post("feedback", body, Role.UNIT_CLERK, unit_id=made.cooperating.id)
    assert answer.status_code == 200, answer.text
    assert answer.json()["owing_ids"] == [str(made.responsible.id)]
    assert await inbox(client, made.cooperating) == []
    assert await inbox(client, made.lead) == [str(made.task.id)]
    assert [line["feedback"] for line in await made.lines()] == [None, "已配合清运"]
    event = (await outbox(database))[-1]
    assert event.type == "cn.jiayuan.tasks.task.cooperated.v1"
    assert event.payload["cooperating_unit_id"] == str(made.cooperating.id)


async def test_the_lead_and_the_assigner_chase_a_partner_does_not(
    client: httpx.AsyncClient, database: Database
) -> None:
    made = await team(client, database)
    body = {"unit_id": str(made.responsible.id), "note": "请尽快反馈"}
    by_lead = await made.post("chase", body, Role.UNIT_CLERK, unit_id=made.lead.id)
    by_office = await made.post("chase", body, Role.SUPERVISION_OFFICE)
    by_partner = await made.post("chase", body, Role.UNIT_CLERK, unit_id=made.cooperating.id)
    assert [answer.status_code for answer in (by_lead, by_office, by_partner)] == [200, 200, 404]
    assert (await made.lines())[0]["chases"] == 2


async def test_a_partner_may_read_but_not_work(client: httpx.AsyncClient, database: Database) -> None:
    made = await team(client, database)
    partner = as_(Role.UNIT_CLERK, unit_id=made.cooperating.id)
    assert (await client.get(f"{TASKS}/{made.task.id}", headers=partner)).status_code == 200
    assert (await made.post("sign", None, Role.UNIT_CLERK, unit_id=made.cooperating.id)).status_code == 404


async def test_the_lead_has_no_line_and_an_ended_task_takes_no_feedback(
    client: httpx.AsyncClient, database: Database
) -> None:
    made = await team(client, database)
    lead = await made.post("feedback", {"note": "x"}, Role.UNIT_CLERK, unit_id=made.lead.id)
    assert (lead.status_code, lead.json()["code"]) == (404, "task-line-not-found")
    await made.post("withdraw", {"note": "重复"}, Role.SUPERVISION_OFFICE)
    late = await made.post("feedback", {"note": "x"}, Role.UNIT_CLERK, unit_id=made.cooperating.id)
    assert (late.status_code, late.json()["code"]) == (409, "task-ended")
