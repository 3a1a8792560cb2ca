"""Read models of units and duties: kept as last told, rebuilt from restatements, read by their index."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.contracts.tasks import DutyChanged, UnitChanged
from libs.common.db import Database
from libs.common.events.contract import Event
from libs.common.ids import new_id
from libs.common.policy import Role
from libs.common.service import Delivery
from services.grid.main import SERVICE
from services.grid.routing import service
from services.grid.routing.domain import Place, UnitUnknown
from services.grid.routing.models import KnownUnit
from tests.grid.crowd import walks
from tests.grid.factories import DISTRICT, MONDAY, Desk, as_, deliver, known_duty, known_unit, outbox
from tests.support.hearing import hear
from tests.support.statements import statements

DAY = date(2026, 11, 23)
PLACE = "310101002001001"


def unit(**changes: Any) -> UnitChanged:
    values: dict[str, Any] = {
        "happened_at": MONDAY, "code": "team", "name_zh": "甲队", "name_en": "A", "kind": "enforcement-team",
        "area": "310101002", "origin": "live", "valid_from": date(2024, 1, 1),
    }  # fmt: skip
    return UnitChanged(**(values | changes))


def duty(lead: UUID, **changes: Any) -> DutyChanged:
    values: dict[str, Any] = {
        "happened_at": MONDAY, "category": "0201", "area": DISTRICT, "lead_unit_ids": (lead,),
        "origin": "live", "source": "区城运中心职责清单",
    }  # fmt: skip
    return DutyChanged(**(values | changes))


async def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every column of every row of both read models."""

    async def work(session: AsyncSession) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for table in ("known_unit", "known_duty"):
            rows = await session.execute(text(f"SELECT * FROM {table} ORDER BY id"))
            found[table] = [dict(row) for row in rows.mappings()]
        return found

    return await database.read(work)


async def names(database: Database, category: str = "0201", area: str = PLACE, day: date = DAY) -> list[str]:
    found = await database.read(lambda s: service.propose(s, Place(category, area), day))
    return [each.unit.name_zh for each in found]


async def say_again(database: Database, event: Event, aggregate_id: UUID, version: int) -> None:
    """Deliver a restatement, twice."""
    delivery = Delivery(new_id(), event.topic.name, aggregate_id, version, 2, 99, MONDAY, True)
    await hear(database, SERVICE.handlers, event, delivery)


async def test_delivered_twice_it_is_kept_once_as_it_was_told(database: Database) -> None:
    unit_id, duty_id, other = new_id(), new_id(), new_id()
    told = unit(demonstration=True, is_group=False, valid_to=date(2030, 1, 1))
    rule = duty(unit_id, cooperating_unit_ids=(other,), valid_from=date(2024, 1, 1), demonstration=True)
    await deliver(database, told, unit_id)
    await deliver(database, rule, duty_id)
    kept = await everything(database)
    assert kept["known_unit"] == [
        {
            "id": unit_id, "code": "team", "name_zh": "甲队", "name_en": "A", "kind": "enforcement-team",
            "area": "310101002", "is_group": False, "valid_from": date(2024, 1, 1),
            "valid_to": date(2030, 1, 1), "demonstration": True,
        }
    ]  # fmt: skip
    assert kept["known_duty"] == [
        {
            "id": duty_id, "category": "0201", "area": DISTRICT, "relation": None, "police_support": False,
            "lead_unit_ids": [unit_id],
            "cooperating_unit_ids": [other], "valid_from": date(2024, 1, 1), "valid_to": None,
            "source": "区城运中心职责清单", "demonstration": True,
        }
    ]  # fmt: skip
    assert await outbox(database, "jiayuan.grid.case.v1") == [], "hearing says nothing"


async def test_emptied_they_are_rebuilt_from_restatements_alone(database: Database) -> None:
    first, second = new_id(), new_id()
    duties = new_id(), new_id()
    early: list[tuple[UUID, Event]] = [
        (first, unit(name_zh="旧名")),
        (second, unit(code="other", name_zh="乙队")),
    ]
    last: list[tuple[UUID, Event]] = [
        (first, unit()),
        (second, unit(code="other", name_zh="乙队", valid_to=date(2026, 11, 30))),
        (duties[0], duty(first, cooperating_unit_ids=(second,))),
        (duties[1], duty(second, area="310101002")),
    ]
    for version, batch in enumerate((early, last), 1):
        for aggregate_id, event in batch:
            await deliver(database, event, aggregate_id, version)
    before = await everything(database)
    assert await names(database) == ["乙队"]
    await database.transact(lambda s: s.execute(text("TRUNCATE known_unit, known_duty")))
    assert await names(database) == []
    for aggregate_id, event in reversed(last):  # each topic for itself: in any order
        await say_again(database, event, aggregate_id, 2)
    assert await everything(database) == before
    assert await names(database) == ["乙队"]


async def test_a_duty_that_comes_before_its_unit_waits_for_it(database: Database) -> None:
    unit_id = new_id()
    await deliver(database, duty(unit_id), new_id())
    assert await names(database) == []
    await deliver(database, unit(), unit_id)
    assert await names(database) == ["甲队"]


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "proposed"),
    [
        (None, None, True),
        (DAY, DAY, True),
        (date(2026, 11, 24), None, False),
        (None, date(2026, 11, 22), False),
        (date(2007, 1, 1), date(2010, 12, 31), False),
    ],
)
async def test_only_what_is_in_force_on_the_day(
    database: Database, valid_from: date | None, valid_to: date | None, proposed: bool
) -> None:
    dated: dict[str, Any] = {"valid_from": valid_from, "valid_to": valid_to}
    await known_duty(database, [await known_unit(database, name_zh="甲队")], **dated)
    assert (await names(database) == ["甲队"]) is proposed
    ended = await known_unit(database, name_zh="乙队", **dated)
    await known_duty(database, [ended], category="0202")
    assert (await names(database, "0202") == ["乙队"]) is proposed


async def test_the_place_decides_over_wider_areas(database: Database) -> None:
    for area, name in (("31", "市"), ("310101", "区"), ("310101002", "街道"), ("310101002001", "居委")):
        await known_duty(database, [await known_unit(database, name_zh=name)], area=area)
    assert await names(database) == ["居委"]
    assert await names(database, area="310101002009001") == ["街道"]
    assert await names(database, area="310101009001") == ["区"]
    assert await names(database, area="310107001001") == ["市"]
    assert await names(database, area="320101001001") == []
    assert await names(database, "0303") == []


async def test_work_goes_only_to_a_unit_in_force(database: Database) -> None:
    good = await known_unit(database, name_zh="甲队")
    group = await known_unit(database, is_group=True)
    ended = await known_unit(database, valid_to=date(2026, 11, 22))
    found = await database.read(lambda s: service.unit_in_force(s, good, DAY))
    assert found.name_zh == "甲队"
    for wrong in (group, ended, new_id()):
        with pytest.raises(UnitUnknown) as refused:
            await unit_in_force(database, wrong)
        assert refused.value.pointer == "/unit_id"
    assert set(await database.read(lambda s: service.names(s, [good, ended, new_id()]))) == {good, ended}


async def unit_in_force(database: Database, unit_id: UUID) -> KnownUnit:
    return await database.read(lambda s: service.unit_in_force(s, unit_id, DAY))


async def test_what_is_proposed_names_its_rule_over_http(desk: Desk, database: Database) -> None:
    lead, other = await known_unit(database, name_zh="甲队"), await known_unit(database, name_zh="乙队")
    duty_id = new_id()
    rule = duty(lead, cooperating_unit_ids=(other, lead), valid_from=date(2024, 1, 1), demonstration=True)
    await deliver(database, rule, duty_id)
    case_id = await desk.filed("0201", "structure")
    path = f"/grid/v1/cases/{case_id}/proposed-units"
    items = (await desk.client.get(path, headers=as_(Role.DISPATCHER))).json()["items"]
    assert [(item["name_zh"], item["role"]) for item in items] == [("甲队", "lead"), ("乙队", "cooperating")]
    assert items[0]["rule"] == {
        "duty_id": str(duty_id), "category": "0201", "area": DISTRICT, "relation": None,
        "police_support": False, "valid_from": "2024-01-01",
        "source": "区城运中心职责清单", "demonstration": True,
    }  # fmt: skip
    assert (await desk.client.get(path, headers=as_(Role.ACCEPTOR))).status_code == 403
    elsewhere = as_(Role.DISPATCHER, areas=("310101003",))
    assert (await desk.client.get(path, headers=elsewhere)).status_code == 404


async def test_the_police_are_named_where_they_support_it(desk: Desk, database: Database) -> None:
    lead = await known_unit(database, name_zh="甲队")
    await known_unit(database, DISTRICT, name_zh="分局", kind="police-sub-bureau")
    await known_unit(database, name_zh="派出所", kind="police-station")
    await deliver(database, duty(lead, police_support=True, relation="inside_wall"), new_id())
    case_id = await desk.filed("0201", "structure")
    path = f"/grid/v1/cases/{case_id}/proposed-units"
    told = (await desk.client.get(path, headers=as_(Role.DISPATCHER))).json()
    assert (told["items"], told["unknown"]) == ([], True)
    said = {"relation": "inside_wall"}
    told = (await desk.client.get(path, params=said, headers=as_(Role.DISPATCHER))).json()
    assert [(item["name_zh"], item["role"]) for item in told["items"]] == [
        ("甲队", "lead"), ("派出所", "cooperating"),
    ]  # fmt: skip
    assert "位置关系“围墙内”" in told["items"][0]["words"]
    wrong = await desk.client.get(path, params={"relation": "beside"}, headers=as_(Role.DISPATCHER))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "relation-unknown")


async def test_a_proposal_is_read_by_its_index(database: Database) -> None:
    many = text(
        "INSERT INTO known_duty (id, category, area, lead_unit_ids, cooperating_unit_ids, source, "
        "demonstration) SELECT uuidv7(), lpad(CAST(n % 39 AS text), 4, '0'), '310101' || "
        "lpad(CAST(n % 100 AS text), 3, '0'), '{}', '{}', '', true FROM generate_series(1, 4000) AS n"
    )
    await database.transact(lambda s: s.execute(many))
    await database.transact(lambda s: s.execute(text("ANALYZE known_duty")))
    async with statements(database) as asked:
        await names(database)
    assert [statement for statement, _ in asked if "known_duty" in statement]
    assert await walks(database, asked, "known_duty") == []
