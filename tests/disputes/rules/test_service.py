"""Rules: loaded, changed at once, kept where a person changed them, told in full state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from libs.common.clocks import Limit, TimeUnit
from libs.common.db import Database
from libs.common.loading import data_folder
from libs.common.policy import Role
from services.disputes.bodies.domain import Tier
from services.disputes.main import SERVICE
from services.disputes.rules import service
from tests.disputes.factories import as_, outbox

RULES, TOPIC = "/disputes/v1/rules", "jiayuan.disputes.rule.v1"
BODY: dict[str, Any] = {
    "value": {"amount": 45, "unit": "calendar_days"},
    "source": "区司法局 2026 年第 3 号通知",
    "effective_from": "2026-11-23",
}


async def put(client: httpx.AsyncClient, body: Any, version: int | None = 1) -> httpx.Response:
    headers = as_(Role.ADMINISTRATOR, version=version)
    return await client.put(f"{RULES}/limit.township", json=body, headers=headers)


def file_of(folder: Path, effective_from: str) -> Path:
    """The file with another limit of the town."""
    file = yaml.safe_load((data_folder(SERVICE) / "rules.yaml").read_text("utf-8"))
    file["effective_from"] = effective_from
    next(rule for rule in file["rules"] if rule["key"] == "limit.township")["value"]["amount"] = 20
    (folder / "rules.yaml").write_text(json.dumps(file, ensure_ascii=False, default=str), "utf-8")
    return folder


async def test_everybody_reads_the_rules(client: httpx.AsyncClient) -> None:
    items = (await client.get(RULES, headers=as_(Role.MEDIATOR))).json()["items"]
    by_key = {item["key"]: item for item in items}
    assert len(by_key) == 7
    assert by_key["consent"]["assumption"]
    assert not by_key["limit.township"]["assumption"]


async def test_a_change_counts_at_once_and_is_told(client: httpx.AsyncClient, database: Database) -> None:
    answer = await put(client, BODY)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"'), answer.text
    rules = await database.read(service.rules)
    assert rules.limit(Tier.TOWNSHIP) == Limit(45, TimeUnit.CALENDAR_DAYS)
    told = (await outbox(database, TOPIC))[-1]
    assert (told.version, told.payload["key"], told.payload["value"]["amount"]) == (2, "limit.township", 45)


async def test_the_file_does_not_undo_a_change(
    client: httpx.AsyncClient, database: Database, tmp_path: Path
) -> None:
    again = await database.transact(lambda s: service.load(s, data_folder(SERVICE)))
    assert again == "rules: 7 read, 0 changed"
    assert (await put(client, BODY)).status_code == 200
    assert "0 changed" in await database.transact(lambda s: service.load(s, file_of(tmp_path, "2026-06-01")))
    assert "1 changed" in await database.transact(lambda s: service.load(s, file_of(tmp_path, "2026-11-24")))


@pytest.mark.parametrize(
    ("changes", "version", "told"),
    [
        ({"value": {"amount": 0, "unit": "calendar_days"}}, 1, "422 rule-value-invalid"),
        ({"effective_from": "2026-11-24"}, 1, "422 effective-date-ahead"),
        ({"effective_from": "2025-12-31"}, 1, "409 effective-date-not-later"),
        ({}, 5, "412 stale-version"),
    ],
)
async def test_what_stands_against_a_change(
    client: httpx.AsyncClient, changes: dict[str, Any], version: int, told: str
) -> None:
    answer = await put(client, BODY | changes, version)
    assert f"{answer.status_code} {answer.json()['code']}" == told


async def test_others_change_nothing_and_an_unknown_key_is_not_found(client: httpx.AsyncClient) -> None:
    headers = as_(Role.DISTRICT_MEDIATION, version=1)
    assert (await client.put(f"{RULES}/consent", json=BODY, headers=headers)).status_code == 403
    unknown = await client.put(f"{RULES}/chess", json=BODY, headers=as_(Role.ADMINISTRATOR, version=1))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "rule-unknown")


async def test_restating_bumps_nothing(database: Database) -> None:
    last = await database.transact(lambda s: service.restate_rules(s, 100, None))
    assert last is not None
    said = (await outbox(database, TOPIC))[7:]
    assert [event.version for event in said] == [1] * 7
