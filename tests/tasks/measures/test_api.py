"""Measures over HTTP: lists, and how much one brings to a target."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.policy import Role
from services.tasks.measures.domain import target_id
from services.tasks.measures.models import MeasureLink
from services.tasks.measures.sources import measure_id
from services.tasks.units.service import unit_id
from tests.tasks.factories import as_, outbox
from tests.tasks.measures.factories import hear, load, target

MEASURES = "/tasks/v1/measures"
OFFICER = Role.TARGET_OFFICER
CHARGERS = {"quantity": "8", "unit": "facility", "lot": "KQ-T11", "note": "现场清点"}


@pytest.fixture(autouse=True)
async def loaded(database: Database) -> None:
    await load(database)


def path(code: str, target_code: str) -> str:
    return f"{MEASURES}/{measure_id(code)}/targets/{target_code}"


class TestRead:
    @pytest.mark.parametrize(
        ("params", "total"),
        [
            ({}, 183),
            ({"show": "unassigned"}, 68),
            ({"show": "undated"}, 70),
            ({"plan": "pt-my-2018"}, 28),
            ({"area": "310115"}, 45),
            ({"target": "KQ-T11"}, 2),
            ({"q": "电动自行车充电设施"}, 2),
            ({"unit_id": str(unit_id("pt-legal"))}, 1),
        ],
    )
    async def test_lists_by_code(
        self, client: httpx.AsyncClient, params: dict[str, str | bool], total: int
    ) -> None:
        answer = await client.get(MEASURES, params=params | {"total": True, "limit": 5}, headers=as_(OFFICER))
        assert answer.json()["total"] == total
        codes = [item["code"] for item in answer.json()["items"]]
        assert codes == sorted(codes)
        assert len(codes) == min(5, total)

    async def test_one_with_its_seven_targets(self, client: httpx.AsyncClient) -> None:
        answer = await client.get(f"{MEASURES}/{measure_id('SH-1.2')}", headers=as_(Role.UNIT_CLERK))
        read = answer.json()
        assert len(read["links"]) == 7
        assert {link["kind"] for link in read["links"]} == {"supports"}
        assert (read["unassigned"], read["due_on"], read["deadline_inferred"]) == (True, "2020-12-31", True)
        missing = await client.get(f"{MEASURES}/{new_id()}", headers=as_(OFFICER))
        assert (missing.status_code, missing.json()["code"]) == (404, "measure-not-found")


class TestLink:
    async def test_counts_once_a_person_has_said_how_much_and_supports_again_without(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        url, areas = path("KQ-C08", "KQ-T11"), ("310115",)
        answer = await client.put(url, json=CHARGERS, headers=as_(OFFICER, areas=areas, version=1))
        assert answer.status_code == 200, answer.text
        (link,) = answer.json()["links"]
        assert (link["kind"], link["quantity"], link["unit"], link["lot"]) == (
            "counts", "8", "facility", "KQ-T11",
        )  # fmt: skip
        event = (await outbox(database, "jiayuan.tasks.measure.v1"))[-1]
        assert (event.version, event.payload["links"][0]["quantity"]) == (2, "8")
        assert "现场清点" not in str(event.payload)
        back = await client.put(url, json={"note": "重复"}, headers=as_(OFFICER, areas=areas, version=2))
        assert back.json()["links"][0]["kind"] == "supports"

    async def test_a_person_may_link_another_target(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        answer = await client.put(
            path("KQ-C08", "KQ-T12"), json=CHARGERS, headers=as_(OFFICER, areas=("31",), version=1)
        )
        assert [link["target_code"] for link in answer.json()["links"]] == ["KQ-T11", "KQ-T12"]
        stored = await database.read(
            lambda s: s.scalar(select(MeasureLink).where(MeasureLink.target_id == target_id("KQ-T12"),
                                                         MeasureLink.measure_id == measure_id("KQ-C08")))
        )  # fmt: skip
        assert stored is not None
        assert stored.quantity == 8

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"unit": None}, "measure-quantity-incomplete"),
            ({"unit": "charger"}, "unit-of-measure-unknown"),
            ({"quantity": 0.5}, "content-invalid"),
            ({"quantity": "0"}, "content-invalid"),
        ],
    )
    async def test_what_cannot_be_is_refused(
        self, client: httpx.AsyncClient, change: dict[str, Any], code: str
    ) -> None:
        headers = as_(OFFICER, areas=("31",), version=1)
        answer = await client.put(path("KQ-C08", "KQ-T11"), json=CHARGERS | change, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, code)

    async def test_a_target_is_a_known_one_and_its_unit_fits(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        await hear(database, target("KQ-T12", unit="m2"))
        headers = as_(OFFICER, areas=("31",), version=1)
        unknown = await client.put(path("KQ-C08", "KQ-T99"), json=CHARGERS, headers=headers)
        assert (unknown.status_code, unknown.json()["code"]) == (422, "measure-target-unknown")
        headers = as_(OFFICER, areas=("31",), version=1)
        differs = await client.put(path("KQ-C08", "KQ-T12"), json=CHARGERS, headers=headers)
        assert (differs.status_code, differs.json()["code"]) == (422, "units-differ")

    async def test_only_in_the_own_area_on_the_version_that_was_read(self, client: httpx.AsyncClient) -> None:
        url = path("KQ-C08", "KQ-T11")
        elsewhere = await client.put(url, json=CHARGERS, headers=as_(OFFICER, version=1))
        assert elsewhere.status_code == 404
        stale = await client.put(url, json=CHARGERS, headers=as_(OFFICER, areas=("31",), version=7))
        assert stale.status_code == 412
        clerk = await client.put(url, json=CHARGERS, headers=as_(Role.UNIT_CLERK, version=1))
        assert clerk.status_code == 403
