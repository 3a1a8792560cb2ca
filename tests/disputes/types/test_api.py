"""Dispute types over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from libs.common.db import Database
from libs.common.policy import Role
from tests.disputes.factories import as_, outbox

TYPES, TOPIC = "/disputes/v1/types", "jiayuan.disputes.type.v1"
BODY: dict[str, Any] = {
    "name_zh": "停车位纠纷", "name_en": "Parking places", "group": "common-space",
    "source": "区司法局 2026 年第 3 号通知", "effective_from": "2026-12-01",
}  # fmt: skip


async def test_everybody_reads_the_types_of_a_day(client: httpx.AsyncClient) -> None:
    headers = as_(Role.MEDIATOR)
    everything = (await client.get(TYPES, headers=headers)).json()["items"]
    today = (await client.get(TYPES, params={"on": "2026-11-23"}, headers=headers)).json()["items"]
    before = (await client.get(TYPES, params={"on": "2025-11-23"}, headers=headers)).json()["items"]
    assert (len(everything), today, before) == (25, everything, [])
    one = await client.get(f"{TYPES}/parking", headers=headers)
    assert one.headers["etag"] == '"1"'
    assert [v["name_zh"] for v in one.json()["versions"]] == ["停车纠纷"]
    missing = await client.get(f"{TYPES}/chess", headers=headers)
    assert (missing.status_code, missing.json()["code"]) == (404, "dispute-type-not-found")


async def test_a_revision_follows_and_is_told(client: httpx.AsyncClient, database: Database) -> None:
    headers = as_(Role.ADMINISTRATOR, version=1)
    answer = await client.put(f"{TYPES}/parking", json=BODY, headers=headers)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"'), answer.text
    spans = [(v["revision"], v["effective_from"], v["effective_to"]) for v in answer.json()["versions"]]
    assert spans == [(1, "2026-01-01", "2026-11-30"), (2, "2026-12-01", None)]
    told = (await outbox(database, TOPIC))[-1]
    assert (told.version, len(told.payload["versions"])) == (2, 2)
    again = await client.put(f"{TYPES}/parking", json=BODY, headers=as_(Role.ADMINISTRATOR, version=2))
    assert (again.status_code, again.json()["code"]) == (409, "effective-date-not-later")


async def test_a_new_type_is_entered_and_ended(client: httpx.AsyncClient, database: Database) -> None:
    body = BODY | {"code": "roof-garden"}
    made = await client.post(TYPES, json=body, headers=as_(Role.ADMINISTRATOR))
    assert (made.status_code, made.json()["versions"][0]["basis"]) == (201, "entered"), made.text
    taken = await client.post(TYPES, json=body, headers=as_(Role.ADMINISTRATOR))
    assert (taken.status_code, taken.json()["code"]) == (409, "dispute-type-code-taken")
    path, day = f"{TYPES}/roof-garden/end", {"last_day": "2026-12-31"}
    ended = await client.post(path, json=day, headers=as_(Role.ADMINISTRATOR, version=1))
    assert ended.json()["versions"][0]["effective_to"] == "2026-12-31"
    twice = await client.post(path, json=day, headers=as_(Role.ADMINISTRATOR, version=2))
    assert (twice.status_code, twice.json()["code"]) == (409, "dispute-type-ended")
    assert [e.version for e in await outbox(database, TOPIC) if e.payload["code"] == "roof-garden"] == [1, 2]


@pytest.mark.parametrize(
    ("role", "version", "status"),
    [(Role.CENTRE_COORDINATOR, 1, 403), (Role.ADMINISTRATOR, 7, 412), (Role.ADMINISTRATOR, None, 428)],
)
async def test_who_revises_and_from_which_version(
    client: httpx.AsyncClient, role: Role, version: int | None, status: int
) -> None:
    answer = await client.put(f"{TYPES}/parking", json=BODY, headers=as_(role, version=version))
    assert answer.status_code == status
