from __future__ import annotations

from datetime import date
from typing import Any

import httpx

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.policy import Role
from services.tasks.duties.models import Duty, KnownCategory
from services.tasks.units.domain import Origin
from tests.tasks.factories import MONDAY, TOWN, as_, create_duty, create_unit, outbox

DUTIES = "/tasks/v1/duties"
ADMIN = Role.ADMINISTRATOR


def body(lead: Any, **overrides: Any) -> dict[str, Any]:
    return {"category": "0202", "area": TOWN, "lead_unit_ids": [str(lead)], "source": "会议纪要"} | overrides


class TestEnter:
    async def test_a_row_is_stored_and_its_full_state_is_published(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        unit = await create_unit(database)
        answer = await client.post(DUTIES, json=body(unit.id), headers=as_(ADMIN))
        assert answer.status_code == 201, answer.text
        stored = await database.read(lambda s: s.get(Duty, answer.json()["id"]))
        assert stored is not None
        event = (await outbox(database))[-1]
        assert event.type == "cn.jiayuan.tasks.duty.changed.v1"
        assert event.payload["lead_unit_ids"] == [str(unit.id)]
        assert event.payload["origin"] == "entered"

    async def test_units_that_cannot_be_given_work_are_refused(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        group = await create_unit(database, "group", is_group=True)
        gone = await create_unit(database, "gone", valid_to=date(2026, 1, 1))
        codes = []
        for lead in (group.id, gone.id, new_id()):
            answer = await client.post(DUTIES, json=body(lead), headers=as_(ADMIN))
            codes.append((answer.status_code, answer.json()["code"]))
        assert codes == [(422, "unit-is-group"), (409, "unit-not-in-force"), (404, "unit-not-found")]

    async def test_a_second_row_at_the_same_time_is_refused(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        unit = await create_unit(database)
        await create_duty(database, unit.id)
        answer = await client.post(DUTIES, json=body(unit.id), headers=as_(ADMIN))
        assert (answer.status_code, answer.json()["code"]) == (409, "duty-overlaps")

    async def test_a_category_that_grid_does_not_have_is_refused(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        unit = await create_unit(database)
        known = {"code": "0202", "name_zh": "x", "name_en": "x", "valid_from": date(2026, 1, 1)}

        async def know(session: Any) -> None:
            session.add(KnownCategory(id=new_id(), **known))

        await database.transact(know)
        unknown = await client.post(DUTIES, json=body(unit.id, category="9999"), headers=as_(ADMIN))
        assert (unknown.status_code, unknown.json()["code"]) == (422, "category-unknown")
        assert (await client.post(DUTIES, json=body(unit.id), headers=as_(ADMIN))).status_code == 201


class TestChange:
    async def test_a_changed_duty_is_published_with_its_next_version(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        old, new = await create_unit(database, "old"), await create_unit(database, "new")
        duty = await create_duty(database, old.id)
        change = {"lead_unit_ids": [str(new.id)], "cooperating_unit_ids": [str(old.id)]}
        answer = await client.patch(f"{DUTIES}/{duty.id}", json=change, headers=as_(ADMIN, version=1))
        assert answer.status_code == 200, answer.text
        event = (await outbox(database))[-1]
        assert (event.version, event.payload["lead_unit_ids"]) == (2, [str(new.id)])
        stale = await client.patch(f"{DUTIES}/{duty.id}", json=change, headers=as_(ADMIN, version=1))
        assert stale.status_code == 412

    async def test_a_row_of_a_document_is_history(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        unit = await create_unit(database)
        duty = await create_duty(database, unit.id, origin=Origin.DOCUMENT)
        answer = await client.patch(
            f"{DUTIES}/{duty.id}", json={"valid_to": None}, headers=as_(ADMIN, version=1)
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "duty-of-document")
        missing = await client.patch(f"{DUTIES}/{new_id()}", json={}, headers=as_(ADMIN, version=1))
        assert missing.status_code == 404


class TestList:
    async def test_an_area_is_answered_with_the_rows_around_it_that_hold_today(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        unit = await create_unit(database)
        wide = await create_duty(database, unit.id, "0201", "310101")
        near = await create_duty(database, unit.id, "0202", TOWN)
        await create_duty(database, unit.id, "0203", TOWN, valid_to=date(2026, 1, 1))
        await create_duty(database, unit.id, "0204", "310107")
        params: dict[str, str | bool] = {"area": f"{TOWN}001", "total": True}
        answer = await client.get(DUTIES, params=params, headers=as_(Role.DISPATCHER))
        assert [row["id"] for row in answer.json()["items"]] == [str(wide.id), str(near.id)]
        assert answer.json()["total"] == 2
        by_unit = await client.get(DUTIES, params={"unit_id": str(unit.id)}, headers=as_(Role.DISPATCHER))
        assert len(by_unit.json()["items"]) == 3
        one = await client.get(f"{DUTIES}/{near.id}", headers=as_(Role.INSPECTOR))
        assert one.json()["updated_at"] == MONDAY.isoformat().replace("+00:00", "Z")
        gone = await client.get(f"{DUTIES}/{new_id()}", headers=as_(Role.INSPECTOR))
        assert gone.status_code == 404

    async def test_pages_follow_each_other(self, client: httpx.AsyncClient, database: Database) -> None:
        unit = await create_unit(database)
        for category in ("0101", "0102", "0103"):
            await create_duty(database, unit.id, category)
        seen, after = [], None
        while True:
            params = {"limit": 1, "category": None, "after": after}
            sent = {name: value for name, value in params.items() if value is not None}
            page = (await client.get(DUTIES, params=sent, headers=as_(ADMIN))).json()
            seen += [row["category"] for row in page["items"]]
            after = page["next"]
            if after is None:
                break
        assert seen == ["0101", "0102", "0103"]
