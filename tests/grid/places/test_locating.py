"""The first who locates begins the index; until it is built the database answers, and just the same."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.coordinates import Crs
from services.grid.places import locating, service
from services.grid.places.domain import MICRO
from services.grid.places.models import UnitGrid
from tests.grid.places.conftest import NOW


async def test_a_cold_and_a_warm_index_say_the_same(session: AsyncSession) -> None:
    day = local_date(NOW)
    cells = (await session.scalars(select(UnitGrid).order_by(UnitGrid.code).limit(40))).all()
    # Corners, just outside of corners, and far away: exact, shared and nearest ones.
    points = [
        (cell.ring[0] / MICRO - shift, cell.ring[1] / MICRO) for cell in cells for shift in (0, 1e-5, 3e-4)
    ]

    async def found() -> list[str]:
        places = [await service.locate(session, *point, Crs.CGCS2000, on=day) for point in points]
        return [f"{place.unit_grid} {place.distance_m}" for place in places]

    await session.execute(text("UPDATE geography SET digest = 'cold'"))
    cold = await found()
    await locating.warm_up(session, on=day)
    assert await found() == cold


async def test_nothing_to_do_before_the_geography_is_loaded(session: AsyncSession) -> None:
    await session.execute(text("DELETE FROM geography"))

    await locating.warm_up(session, on=local_date(NOW))
