from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.policy import Role
from services.targets.plans.models import Plan
from tests.targets.factories import Clock, as_, create_plan, outbox, steps_of

PLANS = "/targets/v1/plans"
OFFICER = Role.TARGET_OFFICER
PUTUO = ("310107",)
NEW: dict[str, Any] = {
    "code": "pt-2027",
    "title_zh": "普陀区住宅小区治理2027年工作计划",
    "title_en": "Putuo district plan for residential estates 2027",
    "level": "district",
    "area": "310107",
    "period_from": "2027-01-01",
    "period_to": "2027-12-31",
    "sources": ["普陀区住宅小区治理2027年工作计划"],
}


class TestEnter:
    async def test_a_plan_is_a_draft_that_is_stored_and_told(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        key = new_id()
        answer = await client.put(f"{PLANS}/{key}", json=NEW, headers=as_(OFFICER, areas=PUTUO))
        assert answer.status_code == 201, answer.text
        assert answer.headers["etag"] == '"1"'
        assert (answer.json()["state"], answer.json()["origin"]) == ("draft", "entered")
        stored = await database.read(lambda s: s.get(Plan, key))
        assert stored is not None
        assert stored.period_to == date(2027, 12, 31)
        (event,) = await outbox(database)
        assert event.type == "cn.jiayuan.targets.plan.changed.v1"
        assert (event.payload["code"], event.payload["state"]) == ("pt-2027", "draft")

    async def test_the_same_again_is_the_same_plan_and_another_is_refused(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        path = f"{PLANS}/{new_id()}"
        headers = as_(OFFICER, areas=PUTUO)
        assert (await client.put(path, json=NEW, headers=headers)).status_code == 201
        assert (await client.put(path, json=NEW, headers=headers)).status_code == 200
        other = await client.put(path, json=NEW | {"title_en": "Other"}, headers=headers)
        assert (other.status_code, other.json()["code"]) == (409, "plan-exists")
        taken = await client.put(f"{PLANS}/{new_id()}", json=NEW, headers=headers)
        assert (taken.status_code, taken.json()["code"]) == (409, "plan-code-taken")
        assert len(await outbox(database)) == 1

    @pytest.mark.parametrize(
        "change, code",
        [
            ({"period_to": "2026-12-31"}, "period-inverted"),
            ({"parent_id": str(new_id())}, "parent-plan-invalid"),
            ({"area": "310100000"}, "area-code-invalid"),
        ],
    )
    async def test_what_is_refused(
        self, client: httpx.AsyncClient, change: dict[str, Any], code: str
    ) -> None:
        answer = await client.put(f"{PLANS}/{new_id()}", json=NEW | change, headers=as_(OFFICER))
        assert (answer.status_code, answer.json()["code"]) == (422, code)

    async def test_an_officer_enters_plans_of_the_own_area_and_nobody_else_does(
        self, client: httpx.AsyncClient
    ) -> None:
        path = f"{PLANS}/{new_id()}"
        elsewhere = await client.put(path, json=NEW, headers=as_(OFFICER, areas=("310101",)))
        assert elsewhere.status_code == 404
        clerk = await client.put(path, json=NEW, headers=as_(Role.UNIT_CLERK, areas=PUTUO))
        assert clerk.status_code == 403


class TestLife:
    async def test_from_draft_to_concluded(
        self, client: httpx.AsyncClient, database: Database, clock: Clock
    ) -> None:
        plan = await create_plan(database, in_force=False)
        path = f"{PLANS}/{plan.id}"
        begun = await client.post(
            f"{path}/put-in-force", json={"note": "经审议通过"}, headers=as_(OFFICER, version=1)
        )
        assert (begun.status_code, begun.json()["state"]) == (200, "in_force")
        assert begun.json()["in_force_at"]
        clock.tick(timedelta(days=400))
        ended = await client.post(f"{path}/conclude", json={}, headers=as_(OFFICER, version=2))
        assert (ended.status_code, ended.json()["state"]) == (200, "concluded")
        again = await client.post(f"{path}/conclude", json={}, headers=as_(OFFICER, version=3))
        assert (again.status_code, again.json()["code"]) == (409, "illegal-transition")
        assert await steps_of(database, plan.id) == ["enter", "put-in-force", "conclude"]
        assert [event.payload["state"] for event in await outbox(database)] == [
            "draft", "in_force", "concluded",
        ]  # fmt: skip
        history = await client.get(f"{path}/history", headers=as_(OFFICER))
        assert [step["note"] for step in history.json()["items"]] == [None, "经审议通过", None]

    async def test_a_concluded_plan_is_not_changed(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        plan = await create_plan(database)
        path = f"{PLANS}/{plan.id}"
        await client.post(f"{path}/conclude", json={}, headers=as_(OFFICER, version=2))
        answer = await client.patch(path, json={"title_en": "New"}, headers=as_(OFFICER, version=3))
        assert (answer.status_code, answer.json()["code"]) == (409, "plan-concluded")

    async def test_a_change_needs_the_version_that_was_read(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        plan = await create_plan(database)
        path = f"{PLANS}/{plan.id}"
        body = {"period_to": None, "doc_no": "沪府办发〔2026〕1号"}
        stale = await client.patch(path, json=body, headers=as_(OFFICER, version=1))
        none = await client.patch(path, json=body, headers=as_(OFFICER))
        assert (stale.status_code, none.status_code) == (412, 428)
        changed = await client.patch(path, json=body, headers=as_(OFFICER, version=2))
        assert (changed.json()["period_to"], changed.json()["version"]) == (None, 3)
        elsewhere = as_(OFFICER, areas=PUTUO, version=3)
        assert (await client.patch(path, json=body, headers=elsewhere)).status_code == 404


class TestRead:
    async def test_a_draft_is_seen_where_it_is_written(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        draft = await create_plan(database, "draft-1", in_force=False)
        await create_plan(database, "open-1")
        for headers, seen in (
            (as_(OFFICER), ["draft-1", "open-1"]),
            (as_(OFFICER, areas=PUTUO), ["open-1"]),
            (as_(Role.UNIT_CLERK), ["open-1"]),
            (as_(Role.COMMITTEE_MEMBER, areas=()), ["open-1"]),
        ):
            listed = await client.get(f"{PLANS}?total=true", headers=headers)
            assert [plan["code"] for plan in listed.json()["items"]] == seen
            assert listed.json()["total"] == len(seen)
            one = await client.get(f"{PLANS}/{draft.id}", headers=headers)
            assert one.status_code == (200 if "draft-1" in seen else 404)

    async def test_the_list_is_narrowed_and_paged(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        for number in range(3):
            await create_plan(database, f"plan-{number}")
        await create_plan(database, "pt-1", area="310107", title_zh="普陀区满意物业行动计划")
        for query, codes in (
            ("area=310107", ["pt-1"]),
            ("q=满意物业", ["pt-1"]),
            ("state=concluded", []),
            ("level=city&limit=2", ["plan-0", "plan-1"]),
            ("demonstration=true", []),
        ):
            listed = await client.get(f"{PLANS}?{query}", headers=as_(OFFICER))
            assert [plan["code"] for plan in listed.json()["items"]] == codes, query
        first = await client.get(f"{PLANS}?limit=2", headers=as_(OFFICER))
        rest = await client.get(f"{PLANS}?limit=2&after={first.json()['next']}", headers=as_(OFFICER))
        assert [plan["code"] for plan in rest.json()["items"]] == ["plan-2", "pt-1"]
