from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from libs.common.db import Database
from libs.common.ids import new_id, stable_id
from libs.common.policy import Role
from services.targets.plans.domain import PlanAction
from services.targets.plans.models import Plan
from services.targets.plans.service import step
from services.targets.targets import service
from services.targets.targets.domain import Kind
from tests.targets.factories import as_, by, create_plan, create_target, outbox, steps_of, stored

TARGETS = "/targets/v1/targets"
OFFICER = Role.TARGET_OFFICER
TOPIC = "jiayuan.targets.target.v1"


def new(plan: Plan, **overrides: Any) -> dict[str, Any]:
    """A body for a new target of the plan."""
    values: dict[str, Any] = {
        "code": "T-NEW",
        "plan_id": str(plan.id),
        "title_zh": "老旧小区综合修缮改造面积",
        "title_en": "Old estates repaired",
        "level": "city",
        "area": "31",
        "kind": "sum",
        "wanted": {"value": "5.9017", "comparator": "reach", "unit": "wan_m2"},
        "start": "2026-01-01",
        "deadline": "2026-12-31",
        "milestones": [{"name_zh": "过半", "name_en": "Half", "by": "2026-06-30", "value": "3"}],
        "responsible": [{"name": "市房管局", "role": "lead", "unit_id": str(stable_id("unit", "x"))}],
    }
    return values | overrides


class TestEnter:
    async def test_a_target_is_stored_exactly_and_told(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        plan = await create_plan(database)
        key = new_id()
        answer = await client.put(f"{TARGETS}/{key}", json=new(plan), headers=as_(OFFICER))
        assert answer.status_code == 201, answer.text
        told = answer.json()
        assert (told["value"], told["base_value"], told["base_unit"]) == ("5.9017", "59017", "m2")
        assert told["milestones"][0]["value"] == "3"
        assert (await stored(database, key)).base_value == Decimal(59017)
        (event,) = await outbox(database, TOPIC)
        assert (event.payload["base_value"], event.payload["deadline"]) == ("59017", "2026-12-31")
        assert event.payload["responsible"][0]["role"] == "lead"
        same = await client.put(f"{TARGETS}/{key}", json=new(plan), headers=as_(OFFICER))
        assert same.status_code == 200
        other = await client.put(f"{TARGETS}/{key}", json=new(plan, title_en="x"), headers=as_(OFFICER))
        assert other.json()["code"] == "target-exists"
        taken = await client.put(f"{TARGETS}/{new_id()}", json=new(plan), headers=as_(OFFICER))
        assert taken.json()["code"] == "target-code-taken"
        assert len(await outbox(database, TOPIC)) == 1

    @pytest.mark.parametrize(
        "change, code",
        [
            ({"wanted": {"value": "1", "unit": "wan_m2"}}, "value-not-fitting"),
            ({"deadline": "2025-01-01"}, "dates-inverted"),
            ({"relation": "part_of"}, "relation-impossible"),
            ({"parent_id": str(new_id()), "relation": "part_of"}, "relation-impossible"),
        ],
    )
    async def test_what_is_refused(
        self, client: httpx.AsyncClient, database: Database, change: dict[str, Any], code: str
    ) -> None:
        plan = await create_plan(database)
        answer = await client.put(f"{TARGETS}/{new_id()}", json=new(plan, **change), headers=as_(OFFICER))
        assert (answer.status_code, answer.json()["code"]) == (422, code)

    @pytest.mark.parametrize(
        "wanted",
        [
            {"value": 5.9, "comparator": "reach", "unit": "wan_m2"},
            {"value": "0.1234567", "comparator": "reach", "unit": "wan_m2"},
            {"value": "-1", "comparator": "reach", "unit": "wan_m2"},
            {"value": "NaN", "comparator": "reach", "unit": "wan_m2"},
            {"value": "1", "comparator": "reach", "unit": "mu"},
        ],
    )
    async def test_a_figure_that_is_not_exact_is_refused(
        self, client: httpx.AsyncClient, database: Database, wanted: dict[str, Any]
    ) -> None:
        plan = await create_plan(database)
        answer = await client.put(
            f"{TARGETS}/{new_id()}", json=new(plan, wanted=wanted), headers=as_(OFFICER)
        )
        assert answer.status_code == 422, answer.text

    async def test_only_in_the_own_area_and_not_in_a_concluded_plan(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        plan = await create_plan(database)
        path = f"{TARGETS}/{new_id()}"
        elsewhere = await client.put(path, json=new(plan), headers=as_(OFFICER, areas=("310107",)))
        assert elsewhere.status_code == 404
        await database.transact(lambda s: step(s, plan.id, PlanAction.CONCLUDE, None, by()))
        late = await client.put(path, json=new(plan), headers=as_(OFFICER))
        assert late.json()["code"] == "plan-concluded"


class TestChange:
    async def test_what_was_written_changes_and_the_history_says_from_what(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        plan = await create_plan(database)
        target = await create_target(database, plan)
        parent = await create_target(database, plan, "T-0")
        body = {
            "title_zh": "雨污混接改造小区",
            "note": None,
            "rhythm": "quarter",
            "parent_id": str(parent.id),
            "relation": "part_of",
            "responsible": [{"name": "区水务局"}],
        }
        path = f"{TARGETS}/{target.id}"
        answer = await client.patch(path, json=body, headers=as_(OFFICER, version=1))
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert (told["relation"], told["relation_basis"], told["rhythm"]) == ("part_of", "stated", "quarter")
        below = await client.get(f"{TARGETS}/{parent.id}/children", headers=as_(Role.UNIT_CLERK))
        assert [each["code"] for each in below.json()["items"]] == ["T-1"]
        history = await client.get(f"{path}/history", headers=as_(OFFICER))
        changed = history.json()["items"][-1]["changed"]
        assert changed["title_zh"] == {"from": "小区雨污分流改造", "to": "雨污混接改造小区"}
        ring = await client.patch(
            f"{TARGETS}/{parent.id}",
            json={"parent_id": str(target.id), "relation": "supports"},
            headers=as_(OFFICER, version=1),
        )
        assert ring.json()["code"] == "relation-impossible"

    async def test_a_revised_value_counts_from_its_day_and_the_former_stays(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        plan = await create_plan(database)
        target = await create_target(database, plan)
        path = f"{TARGETS}/{target.id}"
        body = {
            "wanted": {"value": "200", "comparator": "reach", "unit": "estate"},
            "deadline": "2026-12-31",
            "effective_from": "2026-07-01",
            "reason": "年中动态调整",
        }
        answer = await client.post(f"{path}/revise", json=body, headers=as_(OFFICER, version=1))
        assert (answer.status_code, answer.json()["value"]) == (200, "200")
        earlier = await client.post(
            f"{path}/revise",
            json=body | {"effective_from": "2026-06-30"},
            headers=as_(OFFICER, version=2),
        )
        assert (earlier.status_code, earlier.json()["code"]) == (409, "effective-date-not-later")
        values = (await client.get(f"{path}/values", headers=as_(Role.LEADER))).json()["items"]
        assert [(each["value"], each["effective_from"]) for each in values] == [
            ("160", None),
            ("200", "2026-07-01"),
        ]
        rows = (await database.read(lambda s: service.values_of(s, [target.id])))[target.id]
        on = [service.value_on(rows, day).value for day in (date(2026, 6, 30), date(2026, 7, 1))]
        assert on == [Decimal(160), Decimal(200)]
        assert await steps_of(database, target.id) == ["enter", "revise"]

    async def test_a_clerk_changes_nothing(self, client: httpx.AsyncClient, database: Database) -> None:
        target = await create_target(database, await create_plan(database))
        headers = as_(Role.UNIT_CLERK, version=1)
        answer = await client.patch(f"{TARGETS}/{target.id}", json={"note": "x"}, headers=headers)
        assert answer.status_code == 403


class TestList:
    async def test_by_plan_area_kind_theme_and_title(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        city = await create_plan(database)
        putuo = await create_plan(database, "pt", area="310107", level="district")
        draft = await create_plan(database, "draft", in_force=False)
        await create_target(database, city, "A-1", theme="clean")
        await create_target(database, city, "A-2", kind=Kind.QUALITATIVE, title_zh="物业服务质价相符")
        await create_target(database, putuo, "P-1")
        hidden = await create_target(database, draft, "X-1")
        for query, codes in (
            ("", ["A-1", "A-2", "P-1"]),
            (f"plan={city.id}", ["A-1", "A-2"]),
            ("area=310107", ["P-1"]),
            ("kind=qualitative", ["A-2"]),
            ("theme=clean", ["A-1"]),
            ("q=质价相符", ["A-2"]),
            ("q=雨污", ["A-1", "P-1"]),
        ):
            listed = await client.get(f"{TARGETS}?{query}", headers=as_(Role.UNIT_CLERK))
            assert [each["code"] for each in listed.json()["items"]] == codes, query
        gone = await client.get(f"{TARGETS}/{hidden.id}", headers=as_(Role.UNIT_CLERK))
        assert gone.json()["code"] == "target-not-found"
        assert (await client.get(f"{TARGETS}/{hidden.id}", headers=as_(OFFICER))).status_code == 200
        first = await client.get(f"{TARGETS}?limit=2&total=true", headers=as_(OFFICER))
        assert first.json()["total"] == 4
        rest = await client.get(f"{TARGETS}?limit=2&after={first.json()['next']}", headers=as_(OFFICER))
        assert [each["code"] for each in rest.json()["items"]] == ["P-1", "X-1"]
