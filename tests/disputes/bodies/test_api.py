"""Mediation bodies over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.policy import Role
from tests.disputes.factories import CENTRE, STUDIO, TOWN, as_, create_bodies, outbox

BODIES, TOPIC = "/disputes/v1/bodies", "jiayuan.disputes.body.v1"
BODY: dict[str, Any] = {
    "code": "310107005.social-org-1",
    "name_zh": "曹杨新村街道和谐调解服务中心",
    "name_en": "Harmony Mediation Service, Caoyang",
    "kind": "social_org",
    "tier": "township",
    "area": TOWN,
    "committee_code": "310107005.people-mediation",
    "committee_zh": "曹杨新村街道人民调解委员会",
    "committee_en": "People's Mediation Committee, Caoyang",
    "number_word": "曹杨新村街道人调",
    "source": "区司法局 2026 年第 12 号",
}


async def test_bodies_are_listed_by_area_and_tier(client: httpx.AsyncClient, database: Database) -> None:
    await create_bodies(database)
    headers = as_(Role.MEDIATOR)

    async def codes(**params: Any) -> list[str]:
        answer = await client.get(BODIES, params=params, headers=headers)
        assert answer.status_code == 200, answer.text
        return [item["code"] for item in answer.json()["items"]]

    assert await codes() == ["310107.committee", "310107005.centre", "310107005001.studio"]
    assert await codes(area=TOWN) == ["310107005.centre", "310107005001.studio"]
    assert await codes(tier="district") == ["310107.committee"]
    assert await codes(kind="social_org") == []
    assert await codes(q="工作室") == ["310107005001.studio"]
    first = (await client.get(BODIES, params={"limit": 2, "total": True}, headers=headers)).json()
    assert (len(first["items"]), first["total"]) == (2, 3)
    assert await codes(limit=2, after=first["next"]) == ["310107005001.studio"]


async def test_one_body_names_its_committee(client: httpx.AsyncClient, database: Database) -> None:
    await create_bodies(database)
    one = await client.get(f"{BODIES}/{STUDIO}", headers=as_(Role.LEADER))
    assert (one.headers["etag"], one.json()["committee_code"]) == ('"1"', "310107005001.people-mediation")
    missing = await client.get(f"{BODIES}/{new_id()}", headers=as_(Role.LEADER))
    assert (missing.status_code, missing.json()["code"]) == (404, "body-not-found")


async def test_a_social_organisation_is_registered_and_told(
    client: httpx.AsyncClient, database: Database
) -> None:
    answer = await client.post(BODIES, json=BODY, headers=as_(Role.ADMINISTRATOR))
    assert answer.status_code == 201, answer.text
    (told,) = await outbox(database, TOPIC)
    assert (str(told.aggregate_id), told.version) == (answer.json()["id"], 1)
    assert (told.payload["kind"], told.payload["origin"]) == ("social_org", "entered")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"code": "310107005.centre"}, "409 body-code-taken"),
        ({"kind": "centre"}, "409 body-default-taken"),
        ({"kind": "studio"}, "422 body-kind-unfit"),
        ({"area": "310107"}, "422 body-level-unfit"),
        ({"area": "31010700"}, "422 content-invalid"),
        ({"valid_from": "2026-02-01", "valid_to": "2026-01-01"}, "422 dates-inverted"),
        ({"more": 1}, "422 content-invalid"),
    ],
)
async def test_what_stands_against_a_registration(
    client: httpx.AsyncClient, database: Database, changes: dict[str, Any], told: str
) -> None:
    await create_bodies(database)
    answer = await client.post(BODIES, json=BODY | changes, headers=as_(Role.ADMINISTRATOR))
    assert f"{answer.status_code} {answer.json()['code']}" == told
    assert len(await outbox(database, TOPIC)) == 3


async def test_a_body_is_renamed_ended_and_followed(client: httpx.AsyncClient, database: Database) -> None:
    await create_bodies(database)
    path = f"{BODIES}/{CENTRE}"
    renamed = await client.patch(
        path, json={"name_zh": "曹杨新村街道联合调解中心"}, headers=as_(Role.ADMINISTRATOR, version=1)
    )
    assert (renamed.json()["name_zh"], renamed.headers["etag"]) == ("曹杨新村街道联合调解中心", '"2"')
    stale = await client.patch(path, json={"name_zh": "甲"}, headers=as_(Role.ADMINISTRATOR, version=1))
    assert stale.status_code == 412
    ended = await client.patch(
        path, json={"valid_to": "2026-10-31"}, headers=as_(Role.ADMINISTRATOR, version=2)
    )
    assert ended.json()["valid_to"] == "2026-10-31"
    listed = await client.get(BODIES, params={"tier": "township"}, headers=as_(Role.LEADER))
    assert listed.json()["items"] == []
    both = await client.get(BODIES, params={"tier": "township", "ended": True}, headers=as_(Role.LEADER))
    assert len(both.json()["items"]) == 1
    follower = await client.post(BODIES, json=BODY | {"kind": "centre"}, headers=as_(Role.ADMINISTRATOR))
    assert follower.status_code == 201, follower.text
    assert [event.version for event in await outbox(database, TOPIC)][-3:] == [2, 3, 1]


async def test_only_the_administrator_writes(client: httpx.AsyncClient) -> None:
    answer = await client.post(BODIES, json=BODY, headers=as_(Role.DISTRICT_MEDIATION))
    assert answer.status_code == 403
