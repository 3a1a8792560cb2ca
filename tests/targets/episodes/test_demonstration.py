"""The demonstration plan of the files: its reports are expected, and low figures show red."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date, utc_now
from libs.common.db import Database
from libs.common.handover.models import OutgoingHandover
from libs.common.ids import stable_id
from libs.common.tree import repository_root
from services.targets.allocations import loading as allocations_loading
from services.targets.allocations.models import Allocation
from services.targets.directory.consumers import UNITS
from services.targets.episodes.jobs import look_at_lights
from services.targets.episodes.models import Episode, TargetLight
from services.targets.figures.domain import Given
from services.targets.plans import service as plans
from services.targets.reports.models import Report
from services.targets.rules import service as rules
from services.targets.targets import loading as targets_loading
from services.targets.targets.models import Target
from tests.targets.factories import expect_reports, report, unit_changed

DATA = repository_root() / "services/targets/data"
YEAR = local_date(utc_now()).year
NOW = datetime(YEAR, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
async def loaded(database: Database) -> list[Report]:
    """The files of the service, and the reports that are expected."""
    for load in (rules.load, plans.load, targets_loading.load, allocations_loading.load):
        await database.transact(partial(load, folder=DATA))
    return await expect_reports(database, NOW)


async def lights(database: Database) -> dict[str, str]:
    rows = await database.read(lambda s: s.scalars(select(TargetLight)))
    return {row.code: row.light for row in rows}


async def test_all_sixteen_districts_are_asked_and_nothing_is_red_at_first(
    database: Database, loaded: list[Report]
) -> None:
    assert len({row.area[:6] for row in loaded}) == 16
    await database.transact(lambda s: look_at_lights(s, NOW))
    assert set((await lights(database)).values()) == {"grey"}


async def test_a_target_turns_red_and_supervision_is_proposed_to_a_district(
    database: Database, loaded: list[Report]
) -> None:
    target = await _counted(database, loaded)
    due = [row for row in loaded if row.target_id == target.id and row.period_last < NOW.date()]
    for row in due:
        share = await database.read(partial(_share, row.allocation_id))
        part = share if row.area != due[0].area else Decimal(0)
        await report(database, row, Given(part / 4, target.unit), NOW)
    await _know(database, {row.unit_id for row in due})
    await database.transact(lambda s: look_at_lights(s, NOW))
    # fifteen districts of sixteen have a quarter of their shares by October: far behind ten twelfths
    assert (await lights(database))[target.code] == "red"
    (episode,) = list(await database.read(lambda s: s.scalars(select(Episode))))
    assert (episode.area, episode.unit_id) == (due[0].area, due[0].unit_id)
    handover = await database.read(lambda s: s.get(OutgoingHandover, episode.handover_id))
    assert handover is not None
    assert handover.unit_id == due[0].unit_id


async def _counted(database: Database, rows: list[Report]) -> Target:
    """A target of the plan that is shared out by figures."""
    asked = {row.target_id for row in rows}
    found = await database.read(
        lambda s: s.scalars(select(Target).where(Target.id.in_(asked)).order_by(Target.code))
    )
    return next(each for each in found if each.kind in ("sum", "count") and not each.recurrence)


async def _share(allocation_id: UUID, session: AsyncSession) -> Decimal:
    found = await session.get_one(Allocation, allocation_id)
    assert found.share is not None
    return found.share


async def _know(database: Database, unit_ids: set[UUID]) -> None:
    """The directory hears of the units."""
    for unit_id in unit_ids:
        told = unit_changed(code=f"310101.{stable_id('code', str(unit_id))}")
        await database.transact(partial(UNITS.keep, told=[(unit_id, told)]))
