"""A case's task over its handover: every step of the sender is delivered twice and acts once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from libs.common.contracts import handover as said
from libs.common.db import Database
from libs.common.handover.domain import State as HandoverState
from libs.common.ids import new_id
from libs.common.media.models import MediaLink
from libs.common.policy import Role
from services.tasks.tasks.domain import State
from services.tasks.units.models import Unit
from tests.tasks.factories import TOWN, Clock, Dispatcher, as_, create_unit, outbox

TASKS = "/tasks/v1/tasks"
HOUR = timedelta(hours=1)


@pytest.fixture
def dispatcher(database: Database, clock: Clock) -> Dispatcher:
    return Dispatcher(database, clock)


@pytest.fixture
async def unit(database: Database) -> Unit:
    return await create_unit(database)


class Clerk:
    """The clerk of the unit, over HTTP."""

    def __init__(self, client: httpx.AsyncClient, unit: Unit, dispatcher: Dispatcher) -> None:
        self.client, self.unit, self.dispatcher = client, unit, dispatcher

    async def do(self, step: str, **body: Any) -> httpx.Response:
        task = await self.dispatcher.task()
        headers = as_(Role.UNIT_CLERK, unit_id=self.unit.id, version=task.version)
        return await self.client.post(f"{TASKS}/{task.id}/{step}", json=body, headers=headers)

    async def does(self, step: str, **body: Any) -> None:
        answer = await self.do(step, **body)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def clerk(client: httpx.AsyncClient, unit: Unit, dispatcher: Dispatcher) -> Clerk:
    return Clerk(client, unit, dispatcher)


async def types(database: Database, topic: str = "jiayuan.tasks.task.v1") -> list[str]:
    return [event.type.split(".")[4] for event in await outbox(database, topic)]


async def test_a_requested_case_becomes_a_task_of_the_unit(
    database: Database, dispatcher: Dispatcher, unit: Unit
) -> None:
    task = await dispatcher.request(unit.id)
    assert (task.state, task.origin, task.unit_id, task.version) == (State.ASSIGNED, "case", unit.id, 1)
    assert (task.subject_id, task.category, task.area) == (dispatcher.case_id, "0202", TOWN)
    assert task.number.startswith("T20261123-310101002-")
    (event,) = await outbox(database, "jiayuan.tasks.task.v1")
    assert event.payload["unit_id"] == str(unit.id)
    assert "王小明" not in str(event.payload)
    photos = await database.read(lambda s: s.scalars(select(MediaLink.hash)))
    assert list(photos) == ["b" * 64]


@pytest.mark.parametrize("known", [None, "unknown", "ended", "group"])
async def test_a_unit_that_cannot_be_given_work_is_returned_at_once(
    database: Database, dispatcher: Dispatcher, known: str | None
) -> None:
    unit_id = new_id() if known else None
    if known == "ended":
        unit_id = (await create_unit(database, "gone", valid_to=date(2020, 1, 1))).id
    if known == "group":
        unit_id = (await create_unit(database, "group", is_group=True)).id
    task = await dispatcher.request(unit_id)
    assert task.state == State.RETURNING
    assert (await dispatcher.handover()).state == HandoverState.RETURN_REQUESTED
    assert task.unit_id == (unit_id if known in ("ended", "group") else None)
    replies = await types(database, "jiayuan.tasks.handover-grid.v1")
    assert replies == ["return-asked"]


async def test_the_way_there_and_back_closes_on_the_grids_check(
    database: Database, dispatcher: Dispatcher, clerk: Clerk, clock: Clock
) -> None:
    await dispatcher.request(clerk.unit.id)
    await clerk.does("sign")
    await clerk.does("first-contact", contacted_at=clock.now.isoformat(), person="王某")
    await clerk.does("progress", note="已约施工", interim=True)
    await clerk.does("answer", outcome="solved", summary="已清理")
    assert (await dispatcher.handover()).state == HandoverState.ANSWERED
    task = await dispatcher.task()
    assert (task.state, task.on_time) == (State.DONE, True)
    await dispatcher.say(said.Accepted, on_time=True)
    task = await dispatcher.task()
    assert task.state == State.CLOSED
    assert task.ended_at is not None
    assert await types(database) == ["assigned", "signed", "contacted", "progressed", "answered", "closed"]
    replies = await types(database, "jiayuan.tasks.handover-grid.v1")
    assert replies == ["signed", "first-contact-made", "progressed", "answered"]


async def test_a_failed_check_is_rework_of_the_same_task_with_the_same_deadline(
    database: Database, dispatcher: Dispatcher, clerk: Clerk
) -> None:
    due = (await dispatcher.request(clerk.unit.id)).due_at
    await clerk.does("sign")
    await clerk.does("answer", outcome="solved", summary="已清理")
    await dispatcher.say(said.ReworkDemanded, reworks=1, due_at=due, note="未清理干净")
    task = await dispatcher.task()
    assert (task.state, task.reworks, task.due_at) == (State.WORKING, 1, due)
    refused = await clerk.do("return", reason="not-our-duty", note="不是我们的")
    assert (refused.status_code, refused.json()["code"]) == (409, "task-may-not-return")
    await clerk.does("answer", outcome="solved", summary="已再次清理")
    await dispatcher.say(said.Accepted, on_time=True)
    assert (await dispatcher.task()).state == State.CLOSED


async def test_a_designated_unit_cannot_return_again_and_its_signature_holds(
    dispatcher: Dispatcher, clerk: Clerk
) -> None:
    await dispatcher.request(clerk.unit.id)
    await clerk.does("sign")
    await clerk.does("return", reason="not-our-duty", note="属绿化部门")
    assert (await dispatcher.task()).state == State.RETURNING
    await dispatcher.say(said.Designated, note="指定处置")
    task = await dispatcher.task()
    assert (task.state, task.designated) == (State.SIGNED, True)
    assert (await dispatcher.handover()).state == HandoverState.SIGNED
    refused = await clerk.do("return", reason="not-our-duty", note="仍不是")
    assert refused.status_code == 409


async def test_a_return_that_is_agreed_to_ends_the_task(dispatcher: Dispatcher, clerk: Clerk) -> None:
    await dispatcher.request(clerk.unit.id)
    await clerk.does("return", reason="not-our-area", note="邻街道")
    await dispatcher.say(said.TakenBack, note="另派")
    task = await dispatcher.task()
    assert task.state == State.RETURNED
    assert task.ended_at is not None


async def test_urging_category_and_deadline_reach_the_clerk(
    dispatcher: Dispatcher, clerk: Clerk, clock: Clock
) -> None:
    await dispatcher.request(clerk.unit.id)
    await dispatcher.say(said.Urged, urges=1, note="居民再次来电")
    await dispatcher.say(said.Supplemented, note="在二楼", media=({"hash": "c" * 64},))
    later = clock.now + 20 * HOUR
    await dispatcher.say(said.Changed, category="0302", due_at=later, note="改派类别")
    task = await dispatcher.task()
    assert (task.urges, task.category, task.due_at) == (1, "0302", later)
    headers = as_(Role.UNIT_CLERK, unit_id=clerk.unit.id)
    inbox = (await clerk.client.get(f"{TASKS}/inbox", headers=headers)).json()
    assert [(item["urges"], item["due_at"]) for item in inbox["items"]] == [
        (1, later.isoformat().replace("+00:00", "Z"))
    ]


async def test_an_extension_is_granted_or_refused_by_the_sender(
    dispatcher: Dispatcher, clerk: Clerk, clock: Clock
) -> None:
    await dispatcher.request(clerk.unit.id)
    await clerk.does("sign")
    wanted = clock.now + 30 * HOUR
    await clerk.does("extension", until=wanted.isoformat(), reason="待料")
    again = await clerk.do("extension", until=wanted.isoformat(), reason="待料")
    assert (again.status_code, again.json()["code"]) == (409, "task-extension-state")
    await dispatcher.say(said.ExtensionRefused, note="理由不足")
    assert (await dispatcher.task()).extension_until is None
    await clerk.does("extension", until=wanted.isoformat(), reason="仍待料")
    await dispatcher.say(said.ExtensionGranted, due_at=wanted, extensions=1)
    task = await dispatcher.task()
    assert (task.due_at, task.extensions, task.extension_until) == (wanted, 1, None)


async def test_the_clock_follows_the_senders(dispatcher: Dispatcher, clerk: Clerk, clock: Clock) -> None:
    await dispatcher.request(clerk.unit.id)
    await dispatcher.say(said.Suspended, note="等待鉴定")
    assert (await dispatcher.task()).suspended_at == clock.now
    due = clock.now + 50 * HOUR
    await dispatcher.say(said.Resumed, due_at=due)
    task = await dispatcher.task()
    assert (task.suspended_at, task.due_at) == (None, due)


async def test_a_withdrawal_ends_the_task_even_when_an_answer_is_on_its_way(
    dispatcher: Dispatcher, clerk: Clerk
) -> None:
    await dispatcher.request(clerk.unit.id)
    await clerk.does("sign")
    await clerk.does("answer", outcome="solved", summary="已清理")
    await dispatcher.say(said.Withdrawn, note="案件作废", replies_to=1)
    task = await dispatcher.task()
    assert task.state == State.WITHDRAWN
    late = await clerk.do("progress", note="还在做")
    assert (late.status_code, late.json()["code"]) == (409, "illegal-transition")


async def test_what_comes_after_the_end_changes_nothing(dispatcher: Dispatcher, clerk: Clerk) -> None:
    await dispatcher.request(clerk.unit.id)
    await dispatcher.say(said.Withdrawn, note="重复")
    before = (await dispatcher.task()).version
    await dispatcher.say(said.Urged, urges=1)
    assert (await dispatcher.task()).version == before


async def test_what_the_sender_says_again_brings_a_task_that_fell_behind_into_line(
    database: Database, dispatcher: Dispatcher, clerk: Clerk, clock: Clock
) -> None:
    task = await dispatcher.request(clerk.unit.id)
    await clerk.does("sign")
    due = clock.now + 30 * HOUR
    whole = {
        "state": HandoverState.WITHDRAWN, "subject_type": "case", "subject_id": dispatcher.case_id,
        "subject_number": "G1", "unit_id": clerk.unit.id, "area": TOWN, "due_at": due, "urges": 2,
        "contents": {"title": "楼道堆物"}, "requested_at": task.created_at, "ended_at": clock.now,
        "signed_at": clock.now,
    }  # fmt: skip
    await dispatcher.say(said.Restated, **whole)
    task = await dispatcher.task()
    assert (task.state, task.due_at, task.urges, task.version) == (State.WITHDRAWN, due, 2, 3)
    assert (await types(database))[-1] == "realigned"


async def test_a_task_that_was_lost_is_made_again_from_what_the_sender_says(
    dispatcher: Dispatcher, clerk: Clerk, clock: Clock
) -> None:
    whole = {
        "state": HandoverState.SIGNED, "subject_type": "case", "subject_id": dispatcher.case_id,
        "subject_number": "G1", "unit_id": clerk.unit.id, "area": TOWN, "signed_at": clock.now,
        "contents": {"title": "楼道堆物"}, "requested_at": clock.now, "replies_to": 1,
    }  # fmt: skip
    await dispatcher.say(said.Restated, **whole)
    task = await dispatcher.task()
    assert (task.state, task.signed_at) == (State.SIGNED, clock.now)
    await clerk.does("answer", outcome="explained", summary="已解释")
    assert (await dispatcher.handover()).state == HandoverState.ANSWERED
