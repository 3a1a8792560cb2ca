"""Direct tasks of measures: what they bring to targets, told when they are verified."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.ids import new_id, stable_id
from libs.common.policy import Actor, Principal, Role
from services.tasks.measures import service as measures
from services.tasks.measures.domain import Link
from services.tasks.measures.service import Linking
from services.tasks.measures.sources import measure_id
from services.tasks.units.models import Unit
from tests.tasks.factories import MONDAY, as_, create_unit, outbox, stored, upload
from tests.tasks.measures.factories import hear, load, target

TASKS = "/tasks/v1/tasks"
OFFICE = Role.SUPERVISION_OFFICE
OFFICER = Principal("officer-1", "officer-1", frozenset({Role.TARGET_OFFICER}), areas=("31",))
ACTOR = Actor("officer-1", Role.TARGET_OFFICER)
CHARGERS = str(stable_id("target", "KQ-T11"))


@pytest.fixture
async def unit(database: Database) -> Unit:
    return await create_unit(database)


async def enter(client: httpx.AsyncClient, unit: Unit, **more: Any) -> httpx.Response:
    body = {"title": "新增充电设施", "description": "逐点安装", "unit_id": str(unit.id)} | more
    return await client.post(TASKS, json=body, headers=as_(OFFICE))


async def verified(
    client: httpx.AsyncClient, database: Database, task_id: str, **said: Any
) -> dict[str, Any]:
    """The event's payload after the unit's answer and the office's verification."""
    photo = await upload(database, "unit_clerk-1", uuid4().hex * 2)
    for step, role, body in (
        ("sign", Role.UNIT_CLERK, {}),
        ("answer", Role.UNIT_CLERK, {"outcome": "solved", "summary": "已安装", "photos": [photo]}),
        ("verify", OFFICE, said),
    ):
        task = await stored(database, UUID(task_id))
        unit_id = task.unit_id if role is Role.UNIT_CLERK else None
        headers = as_(role, unit_id=unit_id, version=task.version)
        answer = await client.post(f"{TASKS}/{task_id}/{step}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
    event = (await outbox(database, "jiayuan.tasks.task.v1"))[-1]
    assert event.type == "cn.jiayuan.tasks.task.verified.v1"
    return event.payload


async def test_a_task_of_a_measure_takes_its_links_and_supports_where_nobody_said_how_much(
    client: httpx.AsyncClient, database: Database, unit: Unit
) -> None:
    await load(database)
    made = await enter(client, unit, measure_id=str(measure_id("SH-1.2")))
    assert made.status_code == 201, made.text
    told = await verified(client, database, made.json()["id"])
    assert told["measure_id"] == str(measure_id("SH-1.2"))
    assert [each["target_code"] for each in told["counts"]] == [
        "SH-T06", "SH-T07", "SH-T08", "SH-T10", "SH-T11", "SH-T50", "SH-T51",
    ]  # fmt: skip
    assert {(each["quantity"], each["unit"]) for each in told["counts"]} == {(None, None)}
    listed = await client.get(TASKS, params={"measure_id": str(measure_id("SH-1.2"))}, headers=as_(OFFICE))
    assert [item["id"] for item in listed.json()["items"]] == [made.json()["id"]]


async def test_the_same_eight_chargers_named_by_two_measures_have_one_lot(
    client: httpx.AsyncClient, database: Database, unit: Unit
) -> None:
    await load(database)
    eight = Linking(Link("KQ-T11", Decimal(8), "facility", "KQ-T11"), "现场清点", 1)

    async def link(session: AsyncSession) -> None:
        for code in ("KQ-G1.3", "KQ-C08"):
            await measures.set_link(session, measure_id(code), eight, viewer=OFFICER, actor=ACTOR, now=MONDAY)

    await database.transact(link)
    counted = []
    for code in ("KQ-G1.3", "KQ-C08"):
        made = await enter(client, unit, measure_id=str(measure_id(code)))
        told = await verified(client, database, made.json()["id"])
        counted += [each for each in told["counts"] if each["target_id"] == CHARGERS]
    assert [(each["quantity"], each["unit"], each["lot"]) for each in counted] == [
        ("8", "facility", "KQ-T11")
    ] * 2


async def test_the_verifier_says_how_much_was_really_done(
    client: httpx.AsyncClient, database: Database, unit: Unit
) -> None:
    planned = [{"target_code": "KQ-T11", "quantity": "8", "unit": "facility"}, {"target_code": "KQ-T12"}]
    made = await enter(client, unit, counts=planned)
    assert [each["quantity"] for each in made.json()["counts"]] == ["8", None]
    found = [{"target_code": "KQ-T11", "quantity": "7", "unit": "facility"}]
    told = await verified(client, database, made.json()["id"], counts=found)
    assert [each["quantity"] for each in told["counts"]] == ["7", None]
    assert told["evidence_count"] == 1
    assert (await stored(database, made.json()["id"])).counts[0]["quantity"] == "7"


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"measure_id": str(new_id())}, 404, "measure-not-found"),
        ({"counts": [{"target_code": "KQ-T11", "quantity": "8"}]}, 422, "measure-quantity-incomplete"),
        ({"counts": [{"target_code": "KQ-T11"}, {"target_code": "KQ-T11"}]}, 422, "measure-target-twice"),
        ({"counts": [{"target_code": "KQ-T99"}]}, 422, "measure-target-unknown"),
        ({"counts": [{"target_code": "KQ-T11", "quantity": "8", "unit": "m2"}]}, 422, "units-differ"),
    ],
)
async def test_what_cannot_count_is_refused(
    client: httpx.AsyncClient, database: Database, unit: Unit, more: Any, status: int, code: str
) -> None:
    await hear(database, target("KQ-T11", unit="facility", kind="count"))
    answer = await enter(client, unit, **more)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
