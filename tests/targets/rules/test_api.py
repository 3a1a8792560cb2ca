from __future__ import annotations

import httpx

from libs.common.db import Database
from libs.common.policy import Role
from libs.common.tree import repository_root
from services.targets.rules import service
from services.targets.rules.domain import KEYS
from tests.targets.factories import as_, outbox

RULES = "/targets/v1/rules"
DATA = repository_root() / "services/targets/data"


async def test_rules_are_loaded_once_read_by_all_and_changed_by_the_administrator(
    client: httpx.AsyncClient, database: Database
) -> None:
    assert await database.transact(lambda s: service.load(s, DATA)) == "rules: 3 read, 3 changed"
    assert await database.transact(lambda s: service.load(s, DATA)) == "rules: 3 read, 0 changed"
    listed = (await client.get(RULES, headers=as_(Role.UNIT_CLERK))).json()["items"]
    assert {row["key"] for row in listed} == KEYS
    assert all(row["assumption"] for row in listed)
    body = {
        "value": {"green": "0.98", "yellow": "0.85", "near_days": 20},
        "source": "市联席会议办公室2026年第3号通知",
        "effective_from": "2026-11-20",
    }
    refused = await client.put(f"{RULES}/lights", json=body, headers=as_(Role.TARGET_OFFICER, version=1))
    assert refused.status_code == 403
    changed = await client.put(f"{RULES}/lights", json=body, headers=as_(Role.ADMINISTRATOR, version=1))
    assert (changed.status_code, changed.json()["assumption"]) == (200, False)
    rules = await database.read(service.rules)
    assert (str(rules.lights.green), rules.lights.near_days) == ("0.98", 20)
    last = (await outbox(database))[-1]
    assert last.type == "cn.jiayuan.targets.rule.changed.v1"
    assert last.payload["value"]["yellow"] == "0.85"
    assert await database.transact(lambda s: service.load(s, DATA)) == "rules: 3 read, 0 changed"


async def test_what_is_refused(client: httpx.AsyncClient, database: Database) -> None:
    await database.transact(lambda s: service.load(s, DATA))
    body = {"value": {"percent": "0"}, "source": "通知", "effective_from": "2026-11-20"}
    admin = as_(Role.ADMINISTRATOR, version=1)
    unknown = await client.put(f"{RULES}/weather", json=body, headers=admin)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "rule-unknown")
    ahead = await client.put(
        f"{RULES}/allocation_tolerance",
        json=body | {"effective_from": "2026-11-24"},
        headers=as_(Role.ADMINISTRATOR, version=1),
    )
    assert (ahead.status_code, ahead.json()["code"]) == (422, "effective-date-ahead")


async def test_restating_sends_current_state(database: Database) -> None:
    await database.transact(lambda s: service.load(s, DATA))
    assert await database.transact(lambda s: service.restate_rules(s, 10, None)) is not None
    assert [event.version for event in await outbox(database)] == [1] * 6
