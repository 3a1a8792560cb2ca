"""The supervision office over HTTP: issue to a unit, or say why not; closed with the verified task."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from libs.common.db import Database
from libs.common.handover.domain import State as HandoverState
from libs.common.ids import new_id
from libs.common.policy import Role
from services.tasks.supervisions.domain import State
from services.tasks.units.models import Unit
from tests.tasks.factories import MONDAY, Clock, as_, create_unit, outbox, stored
from tests.tasks.supervisions.proposer import Proposer

SUPERVISIONS = "/tasks/v1/supervisions"
TASKS = "/tasks/v1/tasks"
OFFICE = Role.SUPERVISION_OFFICE
DUE = (MONDAY + timedelta(days=20)).isoformat()
NO = {"reason": "data-error", "note": "上月漏报，补报后已转绿"}


@pytest.fixture
def proposer(database: Database, clock: Clock) -> Proposer:
    return Proposer(database, clock)


@pytest.fixture
async def unit(database: Database) -> Unit:
    return await create_unit(database)


class Office:
    """The supervision office and the unit's clerk."""

    def __init__(self, client: httpx.AsyncClient, database: Database, proposer: Proposer) -> None:
        self.client, self.database, self.proposer = client, database, proposer

    async def decide(self, step: str, **body: Any) -> httpx.Response:
        row = await self.proposer.supervision()
        return await self.client.post(
            f"{SUPERVISIONS}/{row.id}/{step}", json=body, headers=as_(OFFICE, version=row.version)
        )

    async def decides(self, step: str, **body: Any) -> dict[str, Any]:
        answer = await self.decide(step, **body)
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def on_task(self, step: str, role: Role = OFFICE, **body: Any) -> None:
        row = await self.proposer.supervision()
        assert row.task_id is not None
        task = await stored(self.database, row.task_id)
        unit_id = task.unit_id if role is Role.UNIT_CLERK else None
        headers = as_(role, unit_id=unit_id, version=task.version)
        answer = await self.client.post(f"{TASKS}/{task.id}/{step}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text

    async def told(self) -> list[str]:
        sent = await outbox(self.database, "jiayuan.tasks.supervision.v1")
        return [event.type.split(".")[4] for event in sent]

    async def replies(self) -> list[str]:
        sent = await outbox(self.database, "jiayuan.tasks.handover-targets.v1")
        return [event.type.split(".")[4] for event in sent]


@pytest.fixture
def office(client: httpx.AsyncClient, database: Database, proposer: Proposer) -> Office:
    return Office(client, database, proposer)


class TestIssue:
    async def test_becomes_a_task_of_the_unit_and_closes_with_it(
        self, office: Office, proposer: Proposer, unit: Unit
    ) -> None:
        await proposer.propose(unit.id)
        made = await office.decides("issue", due_at=DUE)
        assert (made["state"], made["unit_id"]) == ("issued", str(unit.id))
        task = await stored(office.database, made["task_id"])
        assert (task.subject_type, task.subject_number) == ("supervision", made["number"])
        assert (task.unit_id, task.title, task.area) == (unit.id, "简易喷淋改造进度滞后", "310101")
        handover = await proposer.handover()
        assert handover.state == HandoverState.ANSWERED
        assert handover.answer is not None
        assert handover.answer["result"] == "issued"
        await office.on_task("sign", Role.UNIT_CLERK)
        await office.on_task("answer", Role.UNIT_CLERK, outcome="solved", summary="已完成改造")
        await office.on_task("verify")
        assert (await proposer.supervision()).state == State.ISSUED
        await office.on_task("close")
        row = await proposer.supervision()
        assert (row.state, row.on_time) == (State.CLOSED, True)
        assert await office.told() == ["proposed", "issued", "closed"]
        assert await office.replies() == ["signed", "answered"]
        closed = (await outbox(office.database, "jiayuan.tasks.supervision.v1"))[-1].payload
        assert (closed["task_id"], closed["on_time"]) == (made["task_id"], True)

    async def test_a_task_that_ended_undone_lays_it_before_the_office_again(
        self, office: Office, proposer: Proposer, unit: Unit, database: Database
    ) -> None:
        other = await create_unit(database, "310101.housing-bureau", area="310101")
        await proposer.propose(unit.id)
        first = await office.decides("issue", due_at=DUE)
        await office.on_task("return", Role.UNIT_CLERK, reason="not-our-duty", note="属房管局职责")
        await office.on_task("take-back", note="改由房管局承办")
        assert (await proposer.supervision()).state == State.PROPOSED
        again = await office.decides("issue", due_at=DUE, unit_id=str(other.id))
        assert (again["state"], again["unit_id"]) == ("issued", str(other.id))
        assert (await stored(database, again["task_id"])).replaces_id == (
            await stored(database, first["task_id"])
        ).id
        assert await office.told() == ["proposed", "issued", "proposed", "issued"]
        assert await office.replies() == ["signed", "answered"]

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"due_at": "2026-11-01T00:00:00+08:00"}, 422, "task-deadline-not-later"),
            ({"due_at": DUE}, 422, "supervision-unit-missing"),
            ({"due_at": DUE, "unit_id": str(new_id())}, 404, "unit-not-found"),
        ],
    )
    async def test_what_cannot_be_is_refused_and_changes_nothing(
        self, office: Office, proposer: Proposer, unit: Unit, body: Any, status: int, code: str
    ) -> None:
        await proposer.propose(unit.id if "unit" not in code else None)
        answer = await office.decide("issue", **body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert (await proposer.supervision()).version == 1
        assert await office.replies() == []


class TestNotIssue:
    async def test_answers_with_the_reason(self, office: Office, proposer: Proposer, unit: Unit) -> None:
        await proposer.propose(unit.id)
        made = await office.decides("not-issue", **NO)
        assert (made["state"], made["reason"]) == ("not_issued", "data-error")
        handover = await proposer.handover()
        assert handover.answer is not None
        assert (handover.answer["result"], handover.answer["summary"]) == ("not-issued", NO["note"])
        sent = (await outbox(office.database, "jiayuan.tasks.supervision.v1"))[-1]
        assert (sent.type.split(".")[4], sent.payload["reason_code"]) == ("not-issued", "data-error")
        assert NO["note"] not in str(sent.payload)

    async def test_is_decided_once(self, office: Office, proposer: Proposer, unit: Unit) -> None:
        await proposer.propose(unit.id)
        await office.decides("not-issue", **NO)
        again = await office.decide("issue", due_at=DUE)
        assert (again.status_code, again.json()["code"]) == (409, "illegal-transition")


class TestRead:
    async def test_the_proposals_wait_on_the_offices_list(
        self, office: Office, proposer: Proposer, unit: Unit
    ) -> None:
        row = await proposer.propose(unit.id)
        params: dict[str, str | bool] = {"state": "proposed", "area": "3101", "total": True}
        listed = await office.client.get(SUPERVISIONS, params=params, headers=as_(OFFICE))
        assert [item["number"] for item in listed.json()["items"]] == [row.number]
        read = await office.client.get(f"{SUPERVISIONS}/{row.id}", headers=as_(OFFICE))
        assert read.json()["allowed_actions"] == ["issue", "not_issue"]
        assert read.json()["details"] == {"light": "red"}
        await office.decides("issue", due_at=DUE)
        none = await office.client.get(SUPERVISIONS, params=params, headers=as_(OFFICE))
        assert none.json()["total"] == 0
        steps = await office.client.get(f"{SUPERVISIONS}/{row.id}/history", headers=as_(Role.LEADER))
        assert [step["action"] for step in steps.json()["items"]] == ["propose", "issue"]

    async def test_outside_the_area_there_is_none_and_a_clerk_has_no_list(
        self, office: Office, proposer: Proposer, unit: Unit
    ) -> None:
        row = await proposer.propose(unit.id)
        far = await office.client.get(f"{SUPERVISIONS}/{row.id}", headers=as_(OFFICE, areas=("310107",)))
        assert (far.status_code, far.json()["code"]) == (404, "supervision-not-found")
        listed = await office.client.get(SUPERVISIONS, headers=as_(OFFICE, areas=("310107",)))
        assert listed.json()["items"] == []
        clerk = await office.client.get(SUPERVISIONS, headers=as_(Role.UNIT_CLERK, unit_id=unit.id))
        assert clerk.status_code == 403
