from __future__ import annotations

from datetime import date

import httpx

from libs.common.db import Database
from libs.common.policy import Role
from services.tasks.units.models import Unit
from tests.tasks.factories import TOWN, as_, create_task, create_unit, outbox

UNITS = "/tasks/v1/units"
ADMIN = Role.ADMINISTRATOR
NEW = {
    "code": "310101002.enforcement-team",
    "name_zh": "南京东路街道综合行政执法队",
    "name_en": "Integrated Enforcement Team",
    "kind": "enforcement-team",
    "area": TOWN,
    "source": "黄浦区编办",
    "settings": {"sign_off_required": True, "sections": ["一分队"]},
}


class TestRegister:
    async def test_a_unit_is_stored_and_its_full_state_is_published(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        answer = await client.post(UNITS, json=NEW, headers=as_(ADMIN))
        assert answer.status_code == 201, answer.text
        assert answer.headers["etag"] == '"1"'
        made = answer.json()
        stored = await database.read(lambda s: s.get(Unit, made["id"]))
        assert stored is not None
        assert stored.settings["sign_off_required"] is True
        (event,) = await outbox(database)
        assert event.type == "cn.jiayuan.tasks.unit.changed.v1"
        assert event.payload["code"] == NEW["code"]
        assert event.payload["settings"]["sections"] == ["一分队"]

    async def test_only_the_administrator_may(self, client: httpx.AsyncClient) -> None:
        answer = await client.post(UNITS, json=NEW, headers=as_(Role.UNIT_CLERK))
        assert answer.status_code == 403

    async def test_a_taken_code_and_an_unknown_link_are_refused(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        await create_unit(database)
        taken = await client.post(UNITS, json=NEW, headers=as_(ADMIN))
        assert (taken.status_code, taken.json()["code"]) == (409, "unit-code-taken")
        other = NEW | {"code": "other", "parent_id": "00000000-0000-7000-8000-000000000001"}
        unknown = await client.post(UNITS, json=other, headers=as_(ADMIN))
        assert (unknown.status_code, unknown.json()["code"]) == (422, "unit-link-unknown")


class TestChange:
    async def test_a_merged_unit_ends_with_a_successor(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        old, new = await create_unit(database, "old"), await create_unit(database, "new")
        body = {"valid_to": "2026-11-30", "successor_id": str(new.id)}
        answer = await client.patch(f"{UNITS}/{old.id}", json=body, headers=as_(ADMIN, version=1))
        assert answer.status_code == 200, answer.text
        assert answer.json()["version"] == 2
        event = (await outbox(database))[-1]
        assert (event.payload["valid_to"], event.payload["successor_id"]) == ("2026-11-30", str(new.id))

    async def test_a_merged_unit_keeps_its_running_tasks_and_is_given_no_more(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        old, new = await create_unit(database, "old"), await create_unit(database, "new")
        task = await create_task(database, old.id)
        renamed = await client.patch(
            f"{UNITS}/{old.id}", json={"name_zh": "原执法队"}, headers=as_(ADMIN, version=1)
        )
        body = {"valid_to": "2026-11-22", "successor_id": str(new.id)}
        merged = await client.patch(f"{UNITS}/{old.id}", json=body, headers=as_(ADMIN, version=2))
        assert (renamed.status_code, merged.status_code) == (200, 200)
        told = [event.payload for event in await outbox(database, "jiayuan.tasks.unit.v1")][-2:]
        assert [(state["name_zh"], state["successor_id"]) for state in told] == [
            ("原执法队", None),
            ("原执法队", str(new.id)),
        ]
        clerk = as_(Role.UNIT_CLERK, unit_id=old.id, version=task.version)
        signed = await client.post(f"/tasks/v1/tasks/{task.id}/sign", json={}, headers=clerk)
        assert (signed.status_code, signed.json()["unit_id"]) == (200, str(old.id))
        more = {"title": "新任务", "description": "内容", "unit_id": str(old.id)}
        refused = await client.post("/tasks/v1/tasks", json=more, headers=as_(Role.SUPERVISION_OFFICE))
        assert (refused.status_code, refused.json()["code"]) == (409, "unit-not-in-force")

    async def test_a_stale_version_is_412_and_none_is_428(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        unit = await create_unit(database)
        body = {"name_zh": "新名"}
        stale = await client.patch(f"{UNITS}/{unit.id}", json=body, headers=as_(ADMIN, version=7))
        none = await client.patch(f"{UNITS}/{unit.id}", json=body, headers=as_(ADMIN))
        assert (stale.status_code, none.status_code) == (412, 428)

    async def test_its_own_successor_is_refused(self, client: httpx.AsyncClient, database: Database) -> None:
        unit = await create_unit(database)
        body = {"successor_id": str(unit.id)}
        answer = await client.patch(f"{UNITS}/{unit.id}", json=body, headers=as_(ADMIN, version=1))
        assert (answer.status_code, answer.json()["code"]) == (422, "unit-points-to-itself")


class TestList:
    async def test_pages_by_code_inside_an_area_without_ended_units(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        for code in ("a", "b", "c"):
            await create_unit(database, code * 2)
        await create_unit(database, "ended", valid_to=date(2020, 1, 1))
        await create_unit(database, "far", area="310107")
        first = await client.get(UNITS, params={"area": "310101", "limit": 2}, headers=as_(Role.INSPECTOR))
        assert [item["code"] for item in first.json()["items"]] == ["aa", "bb"]
        params = {"area": "310101", "limit": 2, "after": first.json()["next"]}
        rest = await client.get(UNITS, params=params, headers=as_(Role.INSPECTOR))
        assert [item["code"] for item in rest.json()["items"]] == ["cc"]
        assert rest.json()["next"] is None

    async def test_finds_a_unit_by_an_alias_in_either_script(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        await create_unit(database, "found", aliases=("区绿化市容局",))
        await create_unit(database, "other")
        params: dict[str, str | bool] = {"q": "綠化市容", "total": True}
        answer = await client.get(UNITS, params=params, headers=as_(Role.DISPATCHER))
        assert [item["code"] for item in answer.json()["items"]] == ["found"]
        assert answer.json()["total"] == 1


class TestMembers:
    async def test_a_leader_names_a_deputy_in_the_own_unit_and_nobody_is_published(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        unit, foreign = await create_unit(database, "own"), await create_unit(database, "foreign")
        body = {"subject": "deputy-1", "name": "李四", "role": "deputy", "valid_to": "2027-01-31"}
        leader = as_(Role.UNIT_LEADER, unit_id=unit.id)
        answer = await client.post(f"{UNITS}/{unit.id}/members", json=body, headers=leader)
        assert answer.status_code == 201, answer.text
        elsewhere = await client.post(
            f"{UNITS}/{foreign.id}/members", json=body, headers=as_(Role.UNIT_LEADER, unit_id=unit.id)
        )
        assert elsewhere.status_code == 403
        event = (await outbox(database))[-1]
        assert "李四" not in str(event.payload)
        member = answer.json()["id"]
        ended = await client.post(
            f"{UNITS}/{unit.id}/members/{member}/end", headers=as_(Role.UNIT_LEADER, unit_id=unit.id)
        )
        assert ended.json()["valid_to"] == "2026-11-23"
        listed = await client.get(f"{UNITS}/{unit.id}/members", headers=as_(ADMIN))
        assert [item["subject"] for item in listed.json()["items"]] == ["deputy-1"]

    async def test_an_unknown_section_and_a_stranger_are_refused(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        unit = await create_unit(database)
        body = {"subject": "x", "name": "王五", "role": "handler", "section": "没有的科"}
        answer = await client.post(f"{UNITS}/{unit.id}/members", json=body, headers=as_(ADMIN))
        assert (answer.status_code, answer.json()["code"]) == (422, "section-unknown")
        path = f"{UNITS}/{unit.id}/members/{unit.id}/end"
        gone = await client.post(path, headers=as_(ADMIN))
        assert gone.status_code == 404
