from __future__ import annotations

from datetime import date

from libs.common.contracts.places import AreaChanged
from libs.common.db import Database
from libs.common.events.contract import Event
from libs.common.ids import new_id, stable_id
from services.targets.directory import service
from services.targets.directory.consumers import HANDLERS
from tests.support.hearing import hear as heard
from tests.targets.factories import MONDAY, create_unit, delivery_of, unit_changed

TODAY = date(2026, 11, 23)
UNIT = stable_id("unit", "310107.housing-bureau")


async def hear(database: Database, event: Event, version: int = 1) -> None:
    """The event, delivered twice."""
    await heard(database, HANDLERS, event, delivery_of(event, UNIT, version))


async def test_a_unit_is_known_by_its_present_name_and_ends(database: Database) -> None:
    await hear(database, unit_changed())
    assert await database.read(lambda s: service.units_for_work(s, [UNIT, new_id()], TODAY)) == {UNIT}
    await hear(database, unit_changed(name_zh="普陀区住房局", valid_to=date(2026, 11, 22)), 2)
    names = await database.read(lambda s: service.unit_names(s, [UNIT], TODAY))
    assert (names[UNIT].name_zh, names[UNIT].ended) == ("普陀区住房局", True)
    assert not await database.read(lambda s: service.units_for_work(s, [UNIT], TODAY))


async def test_a_group_can_be_given_nothing(database: Database) -> None:
    await hear(database, unit_changed(is_group=True))
    assert not await database.read(lambda s: service.units_for_work(s, [UNIT], TODAY))


async def test_a_merged_units_work_is_its_successors(database: Database) -> None:
    ended = {"valid_to": date(2026, 11, 22)}
    last = await create_unit(database, "310107.c")
    middle = await create_unit(database, "310107.b", successor_id=last, **ended)
    first = await create_unit(database, "310107.a", successor_id=middle, **ended)
    gone = await create_unit(database, "310107.d", **ended)
    ring = stable_id("unit", "310107.e")
    await create_unit(database, "310107.e", successor_id=ring, **ended)
    asked = [first, last, gone, ring, new_id()]
    found = await database.read(lambda s: service.acting(s, asked, TODAY))
    assert found == {first: last, last: last}


async def test_an_area_is_known_by_its_name(database: Database) -> None:
    told = AreaChanged(happened_at=MONDAY, code="310107", name="普陀区", level="district", parent_code="3101")
    await hear(database, told)
    await hear(database, told.model_copy(update={"name": "普陀"}), 2)
    assert await database.read(lambda s: service.area_names(s, ["310107", "310101"])) == {"310107": "普陀"}
