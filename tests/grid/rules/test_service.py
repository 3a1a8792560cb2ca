"""Rules: loaded, changed at once, kept where a person changed them, told in full state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import yaml
from sqlalchemy import select

from libs.common.db import Database
from libs.common.events.models import History
from libs.common.loading import data_folder
from libs.common.policy import Role
from services.grid.main import SERVICE
from services.grid.rules import service
from tests.grid.factories import Desk, as_, outbox

RULES, TOPIC = "/grid/v1/rules", "jiayuan.grid.rule.v1"
BODY: dict[str, Any] = {
    "value": {"minutes": 5}, "source": "区城运中心 2026 年第 3 号通知", "effective_from": "2026-11-23",
}  # fmt: skip


async def put(desk: Desk, body: Any, key: str = "claim", version: int | None = 1) -> httpx.Response:
    headers = as_(Role.ADMINISTRATOR, version=version)
    return await desk.client.put(f"{RULES}/{key}", json=body, headers=headers)


def write(folder: Path, effective_from: str, key: str, value: dict[str, Any]) -> Path:
    """The file of rules with one value changed."""
    file = yaml.safe_load((data_folder(SERVICE) / "rules.yaml").read_text("utf-8"))
    file["effective_from"] = effective_from
    next(rule for rule in file["rules"] if rule["key"] == key)["value"] = value
    (folder / "rules.yaml").write_text(json.dumps(file, ensure_ascii=False, default=str), "utf-8")
    return folder


async def test_a_change_is_stored_told_and_its_former_value_kept(desk: Desk, database: Database) -> None:
    answer = await put(desk, BODY)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    (event,) = await outbox(database, TOPIC)
    assert (event.version, event.payload["key"], event.payload["value"]) == (2, "claim", {"minutes": 5})
    assert (event.payload["effective_from"], event.payload["assumption"]) == ("2026-11-23", False)
    rules = await database.read(service.rules)
    assert rules.claim.minutes == 5
    query = select(History).where(History.aggregate_id == event.aggregate_id, History.version == 2)
    step = await database.read(lambda s: s.scalar(query))
    assert step is not None
    assert (step.action, step.actor) == ("change-rule", "administrator-1")
    assert step.changed == {"from": {"minutes": 30}, "to": {"minutes": 5}}


async def test_what_a_case_was_given_stays(desk: Desk) -> None:
    before = await desk.report()
    value = {"amount": 2, "unit": "natural_hours"}
    assert (await put(desk, BODY | {"value": value}, "stage.accept")).status_code == 200
    after = await desk.report()
    due = [(await desk.case(case_id)).step_due_at for case_id in (before, after)]
    hours = [(at - desk.clock.now).total_seconds() / 3600 for at in due if at]
    assert hours == [1, 2]


@pytest.mark.parametrize(
    ("changes", "status", "code", "pointer"),
    [
        ({"value": {"minutes": 0}}, 422, "rule-value-invalid", "/value/minutes"),
        ({"value": {}}, 422, "rule-value-invalid", "/value/minutes"),
        ({"value": 7}, 422, "content-invalid", "/value"),
        ({"source": ""}, 422, "content-invalid", "/source"),
        ({"source": None}, 422, "content-invalid", "/source"),
        ({"effective_from": "soon"}, 422, "content-invalid", "/effective_from"),
        ({"effective_from": "2026-11-24"}, 422, "effective-date-ahead", "/effective_from"),
        ({"effective_from": "2025-12-31"}, 409, "effective-date-not-later", "/effective_from"),
        ({"key": "report"}, 422, "content-invalid", "/key"),
    ],
)
async def test_what_is_refused_leaves_the_rule_as_it_was(
    desk: Desk, changes: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    answer = await put(desk, BODY | changes)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert await outbox(desk.database, TOPIC) == []
    assert (await desk.database.read(service.rules)).claim.minutes == 30


async def test_routing_to_a_level_that_does_not_exist(desk: Desk) -> None:
    levels = {"self_handled": "information_point", "squad": "workstation", "subdistrict_unit": "subdistrict"}
    answer = await put(desk, BODY | {"value": {**levels, "district_unit": "moon"}}, "routing")
    assert (answer.status_code, answer.json()["code"]) == (422, "rule-value-invalid")
    assert await outbox(desk.database, TOPIC) == []
    assert (await desk.database.read(service.rules)).routing.district_unit == "district"


async def test_version_role_and_key(desk: Desk) -> None:
    assert (await put(desk, BODY, version=None)).status_code == 428
    assert (await put(desk, BODY, version=2)).status_code == 412
    assert (await put(desk, BODY, key="nothing")).status_code == 404
    assert (await put(desk, BODY, key="CLAIM")).status_code == 422
    for role in (Role.DUTY_CHIEF, Role.SYSTEM, Role.LEADER):
        headers = as_(role, version=1)
        answer = await desk.client.put(f"{RULES}/claim", json=BODY, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
    assert await outbox(desk.database, TOPIC) == []


async def test_a_newer_file_counts_unless_a_person_changed_it_since(desk: Desk, tmp_path: Path) -> None:
    database = desk.database
    newer = write(tmp_path, "2026-06-01", "claim", {"minutes": 45})
    said = await database.transact(lambda s: service.load_rules(s, newer))
    assert said.endswith(", 1 changed")
    assert (await database.read(service.rules)).claim.minutes == 45
    assert (await put(desk, BODY, version=2)).status_code == 200
    older = write(tmp_path, "2026-07-01", "claim", {"minutes": 60})
    assert (await database.transact(lambda s: service.load_rules(s, older))).endswith(", 0 changed")
    assert (await database.read(service.rules)).claim.minutes == 5
    latest = write(tmp_path, "2026-12-01", "claim", {"minutes": 60})
    assert (await database.transact(lambda s: service.load_rules(s, latest))).endswith(", 1 changed")
    assert [event.version for event in await outbox(database, TOPIC)] == [2, 3, 4]


async def test_restating_says_each_rule_once_and_bumps_nothing(desk: Desk) -> None:
    rows = await desk.database.read(service.all_rules)
    last: UUID | None = None
    while True:
        last = await restate(desk.database, last)
        if last is None:
            break
    told = await outbox(desk.database, TOPIC)
    assert {event.payload["key"]: event.payload["value"] for event in told} == {
        row.key: row.value for row in rows
    }
    assert {event.version for event in told} == {1}
    assert len(told) == len(rows)


async def restate(database: Database, after: UUID | None) -> UUID | None:
    """The next seven rules said again."""
    return await database.transact(lambda session: service.restate_rules(session, 7, after))
