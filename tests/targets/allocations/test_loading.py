"""The demonstration's shares: every district, units that exist, sums that are the targets."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from libs.common.clocks import local_date, utc_now
from libs.common.db import Database
from libs.common.ids import stable_id
from libs.common.tree import repository_root
from services.cli import DEMO_UNIT
from services.targets.allocations import loading, service
from services.targets.allocations.domain import Balance
from services.targets.allocations.models import Allocation
from services.targets.allocations.sources import read_shares
from services.targets.plans import service as plans
from services.targets.targets import loading as targets_loading
from services.targets.targets import service as targets
from services.tasks.units import service as units
from tests.targets.factories import by, outbox

DATA = repository_root() / "services/targets/data"
YEAR = local_date(utc_now()).year
TOPIC = "jiayuan.targets.allocation.v1"
T05 = stable_id("target", f"demo-{YEAR}-T05")
T11 = stable_id("target", f"demo-{YEAR}-T11")


async def load(database: Database) -> str:
    """Load plans, targets and shares."""
    await database.transact(lambda s: plans.load(s, DATA))
    await database.transact(lambda s: targets_loading.load(s, DATA))
    return (await database.transact(lambda s: loading.load(s, DATA))).summary


async def balance(database: Database, target_id: UUID) -> Balance:
    """How the target's shares add up."""
    return (await database.read(lambda s: service.sheet(s, target_id))).balance


def test_every_unit_is_the_present_day_office_of_its_area() -> None:
    files = units.read_files(repository_root() / "services/tasks/data")
    known = units.units_of(files)
    today = date(YEAR, 6, 1)
    for shares, _ in read_shares(DATA, YEAR).values():
        for share in shares:
            unit = known[share.unit_id]
            assert unit.area == share.area
            assert not unit.is_group
            assert unit.valid_to is None or unit.valid_to > today


def test_all_sixteen_districts_owe_each_target() -> None:
    given = read_shares(DATA, YEAR)
    assert len(given) == 14
    for shares, _ in given.values():
        assert len({share.area[:6] for share in shares}) == 16
    towns = [share for share in given[T11][0] if share.area.startswith("310107")]
    assert len(towns) == 10
    assert DEMO_UNIT in {share.unit_id for share in towns}


async def test_the_sums_are_the_targets_and_loading_again_changes_nothing(database: Database) -> None:
    total = sum(len(shares) for shares, _ in read_shares(DATA, YEAR).values())
    assert await load(database) == f"{total} allocations: {total} new"
    counted: dict[Balance, int] = defaultdict(int)
    for target_id in read_shares(DATA, YEAR):
        counted[await balance(database, target_id)] += 1
    assert counted == {Balance.EVEN: 7, Balance.NOT_ADDED: 7}
    before = len(await outbox(database, TOPIC))
    assert await load(database) == f"{total} allocations: 0 new"
    assert len(await outbox(database, TOPIC)) == before == total


async def test_what_people_shared_out_otherwise_stays(database: Database) -> None:
    await load(database)
    await database.transact(lambda s: service.allocate(s, T05, [], None, by()))
    await database.transact(lambda s: loading.load(s, DATA))
    owed = select(Allocation).where(Allocation.target_id == T05, Allocation.ended_at.is_(None))
    assert (await database.read(lambda s: s.scalars(owed))).all() == []


@pytest.mark.parametrize("code, base", [("T01", 6_000_000), ("T02", 1_800_000), ("T08", 234)])
async def test_figures_stand_in_the_base_unit(database: Database, code: str, base: int) -> None:
    await load(database)
    target = await database.read(lambda s: targets.read(s, stable_id("target", f"demo-{YEAR}-{code}")))
    assert target.base_value == Decimal(base)
    assert target.demonstration
