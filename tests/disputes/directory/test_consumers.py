"""Units and areas as others published them: each message twice, the last state counts."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from sqlalchemy import func, select

from libs.common.contracts.places import AreaChanged
from libs.common.contracts.tasks import UnitChanged
from libs.common.db import Database
from libs.common.ids import new_id
from services.disputes.directory import service
from services.disputes.directory.consumers import HANDLERS
from services.disputes.directory.domain import UnitUnknown, in_force
from services.disputes.directory.models import KnownUnit
from tests.disputes.factories import MONDAY, TOWN, create_unit, delivery_of
from tests.support.hearing import hear

TODAY = date(2026, 11, 23)


def unit(name: str, **overrides: object) -> UnitChanged:
    """A property firm of the town."""
    values = {"name_en": "Firm", "kind": "property-firm", "area": TOWN, "origin": "entered"} | overrides
    return UnitChanged.model_validate({"happened_at": MONDAY, "code": "firm-1", "name_zh": name, **values})


async def test_a_renamed_unit_keeps_one_row(empty_database: Database) -> None:
    database, key = empty_database, new_id()
    for version, name in ((1, "和平物业"), (2, "和平城市服务")):
        event = unit(name)
        await hear(database, HANDLERS, event, delivery_of(event, key, version))
    known = await database.read(lambda s: service.unit_names(s, [key, new_id()]))
    assert {each.name_zh for each in known.values()} == {"和平城市服务"}
    assert await database.read(lambda s: s.scalar(select(func.count()).select_from(KnownUnit))) == 1


async def test_an_area_is_known_by_its_code(empty_database: Database) -> None:
    database, key = empty_database, new_id()
    event = AreaChanged(happened_at=MONDAY, code=TOWN, name="曹杨新村街道", level="township")
    await hear(database, HANDLERS, event, delivery_of(event, key))
    assert await database.read(lambda s: service.area_names(s, [TOWN, "310101"])) == {TOWN: "曹杨新村街道"}
    assert await database.read(lambda s: service.area_names(s, [])) == {}


async def test_only_a_unit_in_force_is_named_as_a_party(empty_database: Database) -> None:
    database = empty_database
    there = await create_unit(database)
    gone = await create_unit(database, valid_to=date(2026, 1, 1))
    group = await create_unit(database, is_group=True)
    known = await database.read(lambda s: service.units_in_force(s, [there], TODAY))
    assert list(known) == [there]
    for unit_id in (gone, group, new_id()):
        with pytest.raises(UnitUnknown):
            await database.read(partial(service.units_in_force, unit_ids=[unit_id], day=TODAY))


@pytest.mark.parametrize(
    ("first", "last", "held"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (date(2026, 11, 24), None, False),
        (None, date(2026, 11, 22), False),
    ],
)
def test_days_of_validity(first: date | None, last: date | None, held: bool) -> None:
    assert in_force(first, last, TODAY) is held
