"""Verified tasks and measures of `tasks`: each message is delivered twice and acts once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from libs.common.contracts.tasks import MeasureChanged, MeasureLink, TaskCount, TaskVerified
from libs.common.db import Database
from libs.common.ids import new_id, stable_id
from libs.common.policy import Role
from services.targets.contributions import service
from services.targets.contributions.consumers import HANDLERS
from services.targets.contributions.models import Contribution, KnownMeasure
from services.targets.main import SERVICE
from services.targets.targets.models import Target
from tests.support.hearing import hear
from tests.targets.factories import (
    MONDAY,
    as_,
    create_plan,
    create_target,
    delivery_of,
    outbox,
)

TOWN = "310115136"
LOT = "kq-chargers"


@pytest.fixture
async def target(database: Database) -> Target:
    return await create_target(database, await create_plan(database), value=Decimal(8), unit="facility")


def count(
    target_id: UUID, quantity: str | None = "8", unit: str | None = "facility", **more: Any
) -> TaskCount:
    return TaskCount(target_id=target_id, quantity=quantity and Decimal(quantity), unit=unit, **more)


async def verify(database: Database, *counts: TaskCount, task_id: UUID | None = None) -> UUID:
    """A task is verified; the message comes twice."""
    key = task_id or new_id()
    event = TaskVerified(
        happened_at=MONDAY, number="T20261123-310115136-000017", origin="direct", unit_id=new_id(),
        area=TOWN, status="verified", measure_id=stable_id("measure", "KQ-8"), evidence_count=3,
        counts=counts,
    )  # fmt: skip
    await hear(database, HANDLERS, event, delivery_of(event, key))
    return key


async def rows(database: Database) -> list[Contribution]:
    order = select(Contribution).order_by(Contribution.recorded_at, Contribution.reason)
    return list(await database.read(lambda s: s.scalars(order)))


async def test_it_counts_once_with_its_evidence(database: Database, target: Target) -> None:
    task = await verify(database, count(target.id))
    (row,) = await rows(database)
    assert (row.counts, row.reason, row.base_quantity, row.task_id) == (True, "counts", Decimal(8), task)
    assert (row.evidence_count, str(row.verified_on), row.area) == (3, "2026-11-23", TOWN)
    (event,) = await outbox(database, "jiayuan.targets.contribution.v1")
    assert (event.type, event.aggregate_id) == ("cn.jiayuan.targets.contribution.made.v1", row.id)
    assert (event.payload["counts"], event.payload["quantity"]) == (True, "8")


async def test_the_same_chargers_of_two_measures_count_once(database: Database, target: Target) -> None:
    await verify(database, count(target.id, lot=LOT))
    await verify(database, count(target.id, lot=LOT))
    await verify(database, count(target.id, lot="others"))
    found = await rows(database)
    assert [(row.lot, row.counts, row.reason) for row in found] == [
        (LOT, True, "counts"), (LOT, False, "lot-counted"), ("others", True, "counts"),
    ]  # fmt: skip
    figures = await database.read(lambda s: service.figures(s, [target.id]))
    assert [figure.quantity for figure in figures] == [Decimal(8), Decimal(8)]


async def test_without_quantity_it_merely_supports(database: Database, target: Target) -> None:
    await verify(database, count(target.id, None, None))
    (row,) = await rows(database)
    assert (row.counts, row.reason, row.base_quantity) == (False, "supports", None)
    assert await database.read(lambda s: service.figures(s, [target.id])) == []


async def test_a_task_may_count_for_several_targets_and_for_one_unknown_here(
    database: Database, target: Target
) -> None:
    other = await create_target(database, await create_plan(database, "other"), "T-2", unit="estate")
    await verify(database, count(target.id), count(other.id, "3", "estate"), count(new_id()))
    found = {row.target_id: row.reason for row in await rows(database)}
    assert (found[target.id], found[other.id], len(found)) == ("counts", "counts", 3)
    assert sorted(found.values())[2] == "target-unknown"


async def test_a_task_that_names_no_target_leaves_nothing(database: Database) -> None:
    await verify(database)
    assert await rows(database) == []


async def test_a_measure_is_kept_as_it_stands(database: Database, target: Target) -> None:
    for version, quantity in ((1, None), (2, Decimal(8))):
        link = MeasureLink(
            target_id=target.id, target_code=target.code, kind="counts" if quantity else "supports",
            quantity=quantity, unit="facility" if quantity else None, lot=LOT,
        )  # fmt: skip
        event = MeasureChanged(
            happened_at=MONDAY, code="KQ-8", plan="kq-mh", kind="action", title_zh="新增充电设施",
            title_en="Charging facilities", area=TOWN, links=(link,),
        )  # fmt: skip
        delivery = delivery_of(event, stable_id("measure", "KQ-8"), version)
        await hear(database, HANDLERS, event, delivery)
    kept = list(await database.read(lambda s: s.scalars(select(KnownMeasure))))
    assert [(row.code, row.target_ids, row.links[0]["quantity"]) for row in kept] == [
        ("KQ-8", [target.id], "8")
    ]


def test_the_service_hears_them() -> None:
    assert {TaskVerified, MeasureChanged} <= set(SERVICE.handlers)


class TestApi:
    async def test_lists_what_came_counted_or_not(
        self, database: Database, target: Target, client: httpx.AsyncClient
    ) -> None:
        await verify(database, count(target.id, lot=LOT))
        await verify(database, count(target.id, lot=LOT))
        headers = as_(Role.TARGET_OFFICER)
        url = f"/targets/v1/targets/{target.id}/contributions?limit=1"
        first = (await client.get(url, headers=headers)).json()
        second = (await client.get(f"{url}&after={first['next']}", headers=headers)).json()
        found = [*first["items"], *second["items"]]
        assert sorted(row["reason"] for row in found) == ["counts", "lot-counted"]
        assert found[0]["quantity"] == "8"
        assert second["next"] is None

    async def test_lists_the_measures_that_serve_it(
        self, database: Database, target: Target, client: httpx.AsyncClient
    ) -> None:
        await test_a_measure_is_kept_as_it_stands(database, target)
        url = f"/targets/v1/targets/{target.id}/measures"
        answer = await client.get(url, headers=as_(Role.LEADER))
        (item,) = answer.json()["items"]
        assert (item["code"], item["link"]) == (
            "KQ-8", {"kind": "counts", "quantity": "8", "unit": "facility", "lot": LOT},
        )  # fmt: skip

    async def test_of_no_target_there_is_nothing(self, client: httpx.AsyncClient) -> None:
        url = f"/targets/v1/targets/{new_id()}/contributions"
        assert (await client.get(url, headers=as_(Role.LEADER))).status_code == 404
