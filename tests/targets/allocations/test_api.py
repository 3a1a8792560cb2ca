from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.policy import Role
from services.targets.allocations import service
from services.targets.allocations.domain import Share
from services.targets.plans.domain import PlanAction
from services.targets.plans.service import step
from services.targets.targets.domain import Kind
from services.targets.targets.models import Target
from tests.targets.factories import allocate, as_, by, create_plan, create_target, create_unit, outbox, stored

OFFICER = Role.TARGET_OFFICER
TOPIC = "jiayuan.targets.allocation.v1"


def path(target: Target) -> str:
    """Where its shares are."""
    return f"/targets/v1/targets/{target.id}/allocations"


async def area_target(database: Database) -> Target:
    """100 万㎡ over the city."""
    plan = await create_plan(database)
    return await create_target(database, plan, kind=Kind.SUM, value=Decimal(100), unit="wan_m2")


class TestAllocate:
    async def test_shares_and_reserve_add_up_in_either_unit(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        target = await area_target(database)
        putuo, town = await create_unit(database), await create_unit(database, "310115136.housing-office")
        body = {
            "items": [
                {"unit_id": str(putuo), "area": "310107", "share": "90", "unit": "wan_m2"},
                {"unit_id": str(town), "area": "310115136", "share": "59017", "unit": "m2"},
            ],
            "reserve": "4.0983",
        }
        answer = await client.put(path(target), json=body, headers=as_(OFFICER, version=1))
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert (told["total"], told["balance"], told["reserve"]) == ("100", "even", "4.0983")
        assert [each["base_share"] for each in told["items"]] == ["900000", "59017"]
        assert told["items"][0]["unit_name"] == "普陀区房屋管理局"
        assert (await stored(database, target.id)).reserve == Decimal("4.0983")
        sent = await outbox(database, TOPIC)
        assert sorted(event.payload["base_share"] for event in sent) == ["59017", "900000"]
        stale = await client.put(path(target), json=body, headers=as_(OFFICER, version=1))
        assert stale.status_code == 412
        again = await client.put(path(target), json=body, headers=as_(OFFICER, version=2))
        assert again.json()["version"] == 3
        assert len(await outbox(database, TOPIC)) == 2

    async def test_what_is_left_out_is_taken_back_and_may_come_again(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        target = await area_target(database)
        unit = await create_unit(database)
        share = Share(unit, "310107", Decimal(60), "wan_m2")
        (first,) = await allocate(database, target, [share])
        none = await client.put(path(target), json={"items": []}, headers=as_(OFFICER, version=2))
        assert (none.json()["items"], none.json()["balance"]) == ([], "short")
        (again,) = await allocate(database, target, [share])
        assert (again.id, again.version) == (first.id, 3)
        assert [event.payload["ended"] for event in await outbox(database, TOPIC)] == [False, True, False]

    @pytest.mark.parametrize(
        "item, code",
        [
            ({"unit_id": str(new_id())}, "unit-not-allocable"),
            ({"area": "320102"}, "area-outside-target"),
            ({"share": None, "unit": None}, "share-not-fitting"),
            ({"unit": "estate"}, "units-differ"),
        ],
    )
    async def test_what_is_refused(
        self, client: httpx.AsyncClient, database: Database, item: dict[str, Any], code: str
    ) -> None:
        target = await area_target(database)
        unit = await create_unit(database)
        given = {"unit_id": str(unit), "area": "310107", "share": "90", "unit": "wan_m2"} | item
        answer = await client.put(path(target), json={"items": [given]}, headers=as_(OFFICER, version=1))
        assert (answer.status_code, answer.json()["code"]) == (422, code)

    @pytest.mark.parametrize("gone", [{"is_group": True}, {"valid_to": "2026-11-22"}])
    async def test_a_group_and_an_ended_unit_owe_nothing(
        self, client: httpx.AsyncClient, database: Database, gone: dict[str, Any]
    ) -> None:
        target = await area_target(database)
        unit = await create_unit(database, **gone)
        given = {"unit_id": str(unit), "area": "310107", "share": "90", "unit": "wan_m2"}
        answer = await client.put(path(target), json={"items": [given]}, headers=as_(OFFICER, version=1))
        assert answer.json()["code"] == "unit-not-allocable"

    async def test_nothing_of_a_concluded_plan_is_shared_out(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        target = await area_target(database)
        await database.transact(lambda s: step(s, target.plan_id, PlanAction.CONCLUDE, None, by()))
        answer = await client.put(path(target), json={"items": []}, headers=as_(OFFICER, version=1))
        assert (answer.status_code, answer.json()["code"]) == (409, "target-closed")


async def test_each_sees_the_shares_of_the_own_area_or_unit(
    client: httpx.AsyncClient, database: Database
) -> None:
    target = await area_target(database)
    putuo, huangpu = await create_unit(database), await create_unit(database, "310101.housing-bureau")
    await allocate(
        database,
        target,
        [Share(putuo, "310107", Decimal(60), "wan_m2"), Share(huangpu, "310101", Decimal(40), "wan_m2")],
    )
    for headers, seen in (
        (as_(OFFICER), ["310101", "310107"]),
        (as_(OFFICER, areas=("310107",)), ["310107"]),
        (as_(Role.UNIT_CLERK, areas=(), unit_id=huangpu), ["310101"]),
    ):
        told = (await client.get(path(target), headers=headers)).json()
        assert [each["area"] for each in told["items"]] == seen
        assert (told["total"], told["balance"]) == ("100", "even")
    refused = await client.get(path(target), headers=as_(Role.COMMITTEE_MEMBER, areas=()))
    assert refused.status_code == 403


async def test_restating_sends_current_state(database: Database) -> None:
    target = await area_target(database)
    unit = await create_unit(database)
    await allocate(database, target, [Share(unit, "310107", Decimal(60), "wan_m2")])
    assert await database.transact(lambda s: service.restate_allocations(s, 5, None)) is None
    sent = await outbox(database, TOPIC)
    assert [event.version for event in sent] == [1, 1]
    assert [event.payload["base_share"] for event in sent] == ["600000"] * 2
