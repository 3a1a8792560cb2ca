"""Revisions of standards over HTTP: dates, new standards, what is refused, two people at once."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from libs.common.db import Database
from libs.common.events.models import History
from libs.common.policy import Role
from services.grid.catalogue import service
from services.grid.catalogue.models import Standard
from tests.grid.catalogue.test_api import STANDARD
from tests.grid.factories import Desk, as_, outbox

TOPIC = "jiayuan.grid.category.v1"
CATEGORY = "/grid/v1/categories/0202"


async def revise(
    desk: Desk, standard: str = "found", version: int | None = 1, path: str = CATEGORY, **changes: Any
) -> httpx.Response:
    body = {name: value for name, value in (STANDARD | changes).items() if value is not ...}
    headers = as_(Role.ADMINISTRATOR, version=version)
    return await desk.client.put(f"{path}/standards/{standard}", json=body, headers=headers)


async def stored(database: Database) -> list[tuple[int, date, date | None]]:
    """Revisions of the standard with their dates."""
    query = (
        select(Standard.revision, Standard.effective_from, Standard.effective_to)
        .where(Standard.code == "found", Standard.condition_zh == "现场存在")
        .where(text("category_id = (SELECT id FROM category WHERE code = '0202')"))
        .order_by(Standard.revision)
    )
    return [(number, start, end) for number, start, end in await database.read(lambda s: s.execute(query))]


async def in_force(desk: Desk) -> int:
    """The revision that a filing today picks."""
    day = (desk.clock.now + timedelta(hours=8)).date()
    found = await desk.database.read(lambda s: service.standard_in_force(s, "0202", "found", day))
    return found.revision


async def test_a_revision_counts_from_its_day_on(desk: Desk) -> None:
    answer = await revise(desk, effective_from="2026-11-25")
    assert answer.status_code == 200, answer.text
    assert [s["revision"] for s in answer.json()["standards"]] == [1], "today it is not in force"
    assert await in_force(desk) == 1
    desk.clock.now += timedelta(days=2, hours=-10)  # the 25th, 00:00 in Shanghai
    desk.clock.now -= timedelta(microseconds=1)
    assert await in_force(desk) == 1
    desk.clock.tick(timedelta(microseconds=1))
    assert await in_force(desk) == 2
    read = await desk.client.get(CATEGORY, headers=as_(Role.ACCEPTOR))
    assert [s["revision"] for s in read.json()["standards"]] == [2]
    assert [row[1:] for row in await stored(desk.database)] == [
        (date(2026, 1, 1), date(2026, 11, 24)),
        (date(2026, 11, 25), None),
    ]


async def test_the_change_is_told_in_full_state_and_stands_in_the_history(
    desk: Desk, database: Database
) -> None:
    answer = await revise(desk, photos_after=2)
    (event,) = await outbox(database, TOPIC)
    shown = answer.json()
    assert event.payload["standards"] == shown["standards"]
    assert (event.version, event.payload["code"], str(event.aggregate_id)) == (2, "0202", shown["id"])
    query = select(History).where(History.aggregate_id == event.aggregate_id, History.version == 2)
    step = await database.read(lambda s: s.scalar(query))
    assert step is not None
    assert (step.action, step.actor, step.actor_role) == (
        "revise-standard", "administrator-1", "administrator",
    )  # fmt: skip
    assert (step.changed["standard"], step.changed["limit_amount"], step.changed["photos_after"]) == (
        "found", 2, 2,
    )  # fmt: skip


async def test_a_standard_can_be_added_and_filed_under(desk: Desk) -> None:
    answer = await revise(
        desk, "blocking", condition_zh="完全堵塞", limit_amount=2, limit_unit="urgent_hours"
    )
    assert [s["code"] for s in answer.json()["standards"]] == ["blocking", "found"]
    case_id = await desk.filed("0202", "blocking")
    case = await desk.case(case_id)
    assert (case.limit_amount, case.limit_unit) == (2, "urgent_hours")


@pytest.mark.parametrize(
    ("changes", "status", "code", "pointer"),
    [
        ({"limit_amount": 0}, 422, "content-invalid", "/limit_amount"),
        ({"limit_amount": 10_001}, 422, "content-invalid", "/limit_amount"),
        ({"limit_amount": "2"}, 422, "content-invalid", "/limit_amount"),
        ({"photos_after": True}, 422, "content-invalid", "/photos_after"),
        ({"effective_from": 1795399800}, 422, "content-invalid", "/effective_from"),
        ({"limit_amount": 1.5}, 422, "content-invalid", "/limit_amount"),
        ({"limit_unit": "moons"}, 422, "content-invalid", "/limit_unit"),
        ({"condition_zh": ""}, 422, "content-invalid", "/condition_zh"),
        ({"condition_en": ...}, 422, "content-invalid", "/condition_en"),
        ({"closing_zh": "x" * 201}, 422, "content-invalid", "/closing_zh"),
        ({"photos_after": 10}, 422, "content-invalid", "/photos_after"),
        ({"photos_before": -1}, 422, "content-invalid", "/photos_before"),
        ({"effective_from": "2026-02-30"}, 422, "content-invalid", "/effective_from"),
        ({"effective_from": "2026-01-01"}, 409, "effective-date-not-later", "/effective_from"),
        ({"revision": 7}, 422, "content-invalid", "/revision"),
        ({"severity": "huge"}, 422, "grade-unknown", "/severity"),
        ({"loops": ["self", "outer"]}, 422, "loop-unknown", "/loops/1"),
        ({"legal_item": ""}, 422, "content-invalid", "/legal_item"),
    ],
)
async def test_what_is_refused_changes_nothing(
    desk: Desk, changes: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    answer = await revise(desk, **changes)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert await outbox(desk.database, TOPIC) == []
    assert await stored(desk.database) == [(1, date(2026, 1, 1), None)]


async def test_a_revision_names_law_severity_and_loops(desk: Desk) -> None:
    told: dict[str, Any] = {"legal_item": "上海市消防条例", "severity": "serious", "loops": ["self", "micro"]}
    answer = await revise(desk, **told)
    (standard,) = answer.json()["standards"]
    assert {name: standard[name] for name in told} == told
    (event,) = await outbox(desk.database, TOPIC)
    assert event.payload["standards"][0]["loops"] == ["self", "micro"]
    later = await desk.read(await desk.filed())
    assert {name: later["standard"][name] for name in told} == told


async def test_version_category_and_names(desk: Desk) -> None:
    assert (await revise(desk, version=None)).status_code == 428
    assert (await revise(desk, version=2)).status_code == 412
    missing = await revise(desk, path="/grid/v1/categories/9999")
    assert (missing.status_code, missing.json()["code"]) == (404, "category-not-found")
    for standard in ("Found", "x", "a-b", "x" * 31):
        assert (await revise(desk, standard)).status_code == 422, standard
    for role in set(Role) - {Role.ADMINISTRATOR}:
        headers = as_(role, version=1)
        answer = await desk.client.put(f"{CATEGORY}/standards/found", json=STANDARD, headers=headers)
        assert answer.status_code == 403, role
    assert await outbox(desk.database, TOPIC) == []


async def test_of_two_at_once_the_second_must_read_again(desk: Desk) -> None:
    answers = await asyncio.gather(*(revise(desk, limit_amount=amount) for amount in (2, 3)))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert [row[0] for row in await stored(desk.database)] == [1, 2]
    assert len(await outbox(desk.database, TOPIC)) == 1


async def test_an_ended_category_takes_no_report_and_no_filing_and_is_still_named(desk: Desk) -> None:
    case_id = await desk.report()
    await desk.step(case_id, "accept")
    ended = text("UPDATE category SET valid_to = '2026-11-22' WHERE code = '0202'")
    await desk.database.transact(lambda s: s.execute(ended))
    answer = await desk.post(case_id, "file", {"standard": "found"})
    assert (answer.status_code, answer.json()["code"]) == (422, "category-unknown")
    other = await desk.step(case_id, "file", {"standard": "structure", "category": "0201"})
    assert (other["category"], other["standard"]["code"]) == ("0201", "structure")
    old = await desk.client.get(CATEGORY, headers=as_(Role.ACCEPTOR))
    assert (old.status_code, old.json()["valid_to"]) == (200, "2026-11-22")
