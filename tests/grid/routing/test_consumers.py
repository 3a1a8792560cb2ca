"""Projections of units and duties: delivered twice they act once; emptied they are rebuilt."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, select

from libs.common.contracts.tasks import DutyChanged, UnitChanged
from libs.common.db import Database
from services.grid.routing import service
from services.grid.routing.domain import Place
from services.grid.routing.models import KnownDuty, KnownUnit
from tests.grid.factories import MONDAY, deliver, known_duty, known_unit

DAY = date(2026, 11, 23)


async def proposed(database: Database) -> list[str]:
    """Names of the proposed units."""
    found = await database.read(lambda s: service.propose(s, Place("0201", "310101002001"), DAY))
    return [each.unit.name_zh for each in found]


async def test_a_changed_duty_reaches_grid(database: Database) -> None:
    first = await known_unit(database, name_zh="甲队")
    second = await known_unit(database, name_zh="乙队")
    duty_id = await known_duty(database, [first])
    assert await proposed(database) == ["甲队"]
    changed = DutyChanged(
        happened_at=MONDAY, category="0201", area="310101", lead_unit_ids=(second,), origin="entered"
    )
    await deliver(database, changed, duty_id, 2)
    assert await proposed(database) == ["乙队"]
    ended = UnitChanged(
        happened_at=MONDAY, code="b", name_zh="乙队", name_en="B", kind="team", area="310101002",
        origin="live", valid_to=date(2026, 11, 1),
    )  # fmt: skip
    await deliver(database, ended, second, 2)
    assert await proposed(database) == []


async def test_emptied_projections_are_rebuilt_by_the_same_events(database: Database) -> None:
    unit_id = await known_unit(database, name_zh="甲队")
    duty_id = await known_duty(database, [unit_id])
    before = await database.read(lambda s: s.scalars(select(KnownUnit.code)))
    code = before.one()
    await database.transact(lambda s: s.execute(delete(KnownUnit)))
    await database.transact(lambda s: s.execute(delete(KnownDuty)))
    assert await proposed(database) == []
    unit = UnitChanged(
        happened_at=MONDAY, code=code, name_zh="甲队", name_en="A", kind="team", area="310101002",
        origin="live",
    )  # fmt: skip
    duty = DutyChanged(
        happened_at=MONDAY, category="0201", area="310101", lead_unit_ids=(unit_id,), origin="live"
    )
    await deliver(database, unit, unit_id)
    await deliver(database, duty, duty_id)
    assert await proposed(database) == ["甲队"]


async def test_a_group_of_units_is_never_proposed(database: Database) -> None:
    group = await known_unit(database, is_group=True)
    await known_duty(database, [group])
    assert await proposed(database) == []
