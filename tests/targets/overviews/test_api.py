"""Overviews over HTTP: a plan's lights as of a day, a target area by area, who has not reported."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.policy import Actor, Role
from services.targets.allocations.domain import Share
from services.targets.figures.domain import Given
from services.targets.plans.models import Plan
from services.targets.plans.service import By
from services.targets.reports import service as reports
from services.targets.targets.domain import Kind
from services.targets.targets.models import Target
from tests.targets.factories import (
    CITY,
    MONDAY,
    allocate,
    as_,
    create_plan,
    create_target,
    create_unit,
    expect_reports,
    report,
)

PUTUO, BAOSHAN = "310107", "310113"


@pytest.fixture
async def plan(database: Database) -> Plan:
    return await create_plan(database)


@pytest.fixture
async def target(database: Database, plan: Plan) -> Target:
    """160 estates: Putuo has 70 of its 100, Baoshan all of its 60, both by the end of October."""
    target = await create_target(database, plan)
    given = {PUTUO: 70, BAOSHAN: 60}
    shares = []
    for area, share in ((PUTUO, 100), (BAOSHAN, 60)):
        unit = await create_unit(database, f"{area}.housing-bureau")
        shares.append(Share(unit, area, Decimal(share), "estate"))
    await allocate(database, target, shares)
    for row in await expect_reports(database):
        if row.period_first.month == 1:
            await report(database, row, Given(Decimal(given[row.area]), "estate"))
    return target


async def get(client: httpx.AsyncClient, path: str, *roles: Role, **caller: Any) -> Any:
    answer = await client.get(f"/targets/v1/{path}", headers=as_(*(roles or (Role.LEADER,)), **caller))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_lights_of_a_plan_as_of_a_day(
    database: Database, client: httpx.AsyncClient, plan: Plan, target: Target
) -> None:
    await create_target(database, plan, "T-2", kind=Kind.QUALITATIVE)
    table = await get(client, f"plans/{plan.id}/lights?as_of=2026-11-23")
    assert (table["as_of"], table["state"], len(table["items"])) == ("2026-11-23", "in_force", 2)
    assert (table["lights"]["green"], table["lights"]["grey"], table["verdicts"]["open"]) == (1, 1, 1)
    item = table["items"][0]
    # 70 + 60 = 130 of 160 x 304 / 365 = 133.2603
    assert (item["code"], item["value"], item["goal"], item["scheduled"]) == ("T-1", "130", "160", "133.2603")
    assert (item["judged_on"], item["counted"], item["covered"]) == ("2026-10-31", 2, 0)
    before = await get(client, f"plans/{plan.id}/lights?as_of=2026-10-30")
    assert before["items"][0]["value"] is None
    assert (await get(client, f"plans/{plan.id}/lights"))["as_of"] == "2026-11-23"


async def test_a_target_area_by_area(client: httpx.AsyncClient, target: Target) -> None:
    told = await get(client, f"targets/{target.id}/progress", areas=(CITY,))
    assert (told["whole"]["value"], told["whole"]["area"]) == ("130", CITY)
    assert [(area["area"], area["value"], area["goal"], area["light"]) for area in told["areas"]] == [
        (PUTUO, "70", "100", "yellow"), (BAOSHAN, "60", "60", "green"),
    ]  # fmt: skip


async def test_one_area_alone_and_only_the_areas_in_scope(client: httpx.AsyncClient, target: Target) -> None:
    told = await get(client, f"targets/{target.id}/progress?area={BAOSHAN}&as_of=2026-11-01")
    assert (told["whole"]["value"], told["whole"]["goal"]) == ("60", "60")
    near = await get(client, f"targets/{target.id}/progress", areas=(PUTUO,))
    assert [area["area"] for area in near["areas"]] == [PUTUO]


async def test_who_has_reported_and_who_has_not(
    database: Database, client: httpx.AsyncClient, plan: Plan, target: Target
) -> None:
    later = MONDAY + timedelta(days=8)  # 1 December: December is expected too
    rows = await expect_reports(database, later)
    november = next(row for row in rows if row.area == PUTUO and row.period_last.month == 11)
    clerk = By(Actor("clerk-1", Role.UNIT_CLERK, november.unit_id), later)
    told = reports.Told(Given(Decimal(1), "estate"))
    await database.transact(lambda s: reports.submit(s, november.id, told, clerk))
    found = await get(client, f"plans/{plan.id}/reporting?as_of=2026-12-05")
    assert [(unit["name"] is not None, unit["tally"]) for unit in found["items"]] == [
        (True, {"expected": 2, "submitted": 1, "accepted": 1, "missing": 1, "late": 0}),
        (True, {"expected": 2, "submitted": 2, "accepted": 1, "missing": 0, "late": 0}),
    ]
    missing = found["items"][0]["missing"]
    assert [(row["area"], row["period_last"]) for row in missing] == [(BAOSHAN, "2026-11-30")]


async def test_a_unit_sees_its_own_reporting(client: httpx.AsyncClient, plan: Plan, target: Target) -> None:
    found = await get(client, f"plans/{plan.id}/reporting?as_of=2026-12-05", areas=(PUTUO,))
    assert [unit["tally"]["expected"] for unit in found["items"]] == [2]


@pytest.mark.parametrize("path", ["plans/{}/lights", "plans/{}/reporting", "targets/{}/progress"])
async def test_of_nothing_there_is_nothing(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"/targets/v1/{path.format(new_id())}", headers=as_(Role.LEADER))
    assert answer.status_code == 404


async def test_inspectors_have_no_business_here(client: httpx.AsyncClient, plan: Plan) -> None:
    answer = await client.get(f"/targets/v1/plans/{plan.id}/lights", headers=as_(Role.INSPECTOR))
    assert answer.status_code == 403
