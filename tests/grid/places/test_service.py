"""Reading areas, unit grids and estates; restating; locating by point."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import orjson
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.coordinates import CoordinateInvalid, Crs, from_cgcs2000
from libs.common.events.models import History, Outbox
from services.grid.places import service
from services.grid.places.domain import (
    MICRO,
    AreaUnknown,
    EstateUnknown,
    GeographyMissing,
    OutlineUnknown,
    OutsideArea,
    UnitGridUnknown,
)
from services.grid.places.generation import polygon_of
from services.grid.places.models import Area, Estate, UnitGrid
from services.grid.places.repository import AreaFilter, EstateFilter

TODAY = date(2026, 3, 2)
PEOPLES_SQUARE = (121.4737, 31.2304)  # 人民广场, in 黄浦区


class TestAreas:
    async def test_children_of_an_area_in_order(self, session: AsyncSession) -> None:
        rows = await service.list_areas(session, AreaFilter(parent="310101", on=TODAY), after=None, limit=50)

        assert len(rows) == 10
        assert [row.code for row in rows] == sorted(row.code for row in rows)
        assert {row.level for row in rows} == {"township"}

    async def test_ended_areas_only_on_request(self, session: AsyncSession) -> None:
        async def districts(on: date | None) -> set[str]:
            rows = await service.list_areas(
                session, AreaFilter(level="district", on=on), after=None, limit=50
            )
            return {row.name for row in rows}

        assert {"卢湾区", "闸北区", "崇明县"} & await districts(TODAY) == set()
        assert {"卢湾区", "闸北区", "崇明县"} <= await districts(None)
        assert {"卢湾区", "崇明县"} & await districts(date(2011, 6, 9)) == {"崇明县"}
        assert "卢湾区" in await districts(date(2011, 6, 8))

    @pytest.mark.parametrize(("wanted", "code"), [("南京东路", "310101002"), ("310101002", "310101002")])
    async def test_by_name_and_code(self, session: AsyncSession, wanted: str, code: str) -> None:
        rows = await service.list_areas(
            session, AreaFilter(level="township", text=wanted), after=None, limit=9
        )

        assert [row.code for row in rows] == [code]

    async def test_what_means_something_to_like_is_taken_literally(self, session: AsyncSession) -> None:
        assert await service.list_areas(session, AreaFilter(text="%"), after=None, limit=9) == []

    async def test_pages_do_not_overlap(self, session: AsyncSession) -> None:
        first = await service.list_areas(session, AreaFilter(level="neighbourhood"), after=None, limit=100)
        second = await service.list_areas(
            session, AreaFilter(level="neighbourhood"), after=first[-1].code, limit=100
        )

        assert first[-1].code < second[0].code

    async def test_unknown_code(self, session: AsyncSession) -> None:
        with pytest.raises(AreaUnknown):
            await service.find_area(session, "310199")


class TestOutlines:
    async def test_a_district_has_its_real_outline(self, session: AsyncSession) -> None:
        outline = await service.find_outline(session, "310101", on=TODAY)

        assert (outline.geometry["type"], outline.demonstration) == ("MultiPolygon", False)

    async def test_a_township_is_put_together_from_its_unit_grids(self, session: AsyncSession) -> None:
        outline = await service.find_outline(session, "310101002", on=TODAY)

        assert (outline.geometry["type"], outline.demonstration) == ("Polygon", True)

    @pytest.mark.parametrize("code", ["31", "310103", "310104"])
    async def test_others_have_none(self, session: AsyncSession, code: str) -> None:
        if code == "310104":  # not loaded in these tests
            await session.execute(text("UPDATE area SET outline = NULL WHERE code = '310104'"))
        with pytest.raises((OutlineUnknown, AreaUnknown)):
            await service.find_outline(session, code, on=TODAY)


class TestUnitGrids:
    async def test_of_a_neighbourhood_in_order(self, session: AsyncSession) -> None:
        cells = await service.unit_grids_of(session, "310101002001", on=TODAY)

        assert [cell.code for cell in cells] == [f"310101002001{n:03d}" for n in range(1, len(cells) + 1)]
        assert all(cell.demonstration for cell in cells)

    async def test_unknown(self, session: AsyncSession) -> None:
        with pytest.raises(UnitGridUnknown):
            await service.find_unit_grid(session, "310101002001999", on=TODAY)
        with pytest.raises(AreaUnknown):
            await service.unit_grids_of(session, "310101002999", on=TODAY)


class TestEstates:
    async def test_of_an_area_with_what_they_cover(self, session: AsyncSession) -> None:
        states = await service.list_estates(session, EstateFilter("310101002", TODAY), after=None, limit=10)

        assert len(states) == 10
        assert [state.estate.id for state in states] == sorted(state.estate.id for state in states)
        assert all(row.area_code.startswith("310101002") for state in states for row in state.covers)

    async def test_of_a_unit_grid(self, session: AsyncSession) -> None:
        state = (await service.list_estates(session, EstateFilter("310101002", TODAY), after=None, limit=1))[
            0
        ]
        code = state.covers[0].area_code

        assert await service.estate_at(session, code, on=TODAY) == state.estate.id
        assert await service.estate_at(session, code, on=date(2017, 12, 31)) is None

    async def test_an_estate_that_covers_a_neighbourhood_covers_its_unit_grids(
        self, session: AsyncSession
    ) -> None:
        state = (await service.list_estates(session, EstateFilter("310101002", TODAY), after=None, limit=1))[
            0
        ]
        await session.execute(text("DELETE FROM estate_coverage WHERE area_code LIKE '310101002001%'"))
        await session.execute(
            text("INSERT INTO estate_coverage VALUES (:id, '310101002001', '2020-01-01', NULL)"),
            {"id": state.estate.id},
        )

        assert await service.estate_at(session, "310101002001002", on=TODAY) == state.estate.id

    async def test_one_with_its_coverage(self, session: AsyncSession) -> None:
        state = (await service.list_estates(session, EstateFilter("310106", TODAY), after=None, limit=1))[0]

        assert (await service.find_estate(session, state.estate.id)).covers == state.covers

    async def test_unknown(self, session: AsyncSession) -> None:
        with pytest.raises(EstateUnknown):
            await service.find_estate(session, UUID(int=1))


class TestRestating:
    async def test_areas_go_through_the_log_at_their_version(self, session: AsyncSession) -> None:
        before = await session.scalar(select(func.max(Outbox.id))) or 0
        history = await session.scalar(select(func.count()).select_from(History))

        ids: list[UUID] = []
        after: UUID | None = None
        while (after := await service.restate_areas(session, 100, after)) is not None:
            ids.append(after)

        rows = (await session.scalars(select(Outbox).where(Outbox.id > before))).all()
        areas = (await session.scalars(select(Area))).all()
        assert {row.aggregate_id for row in rows} == {area.id for area in areas}
        assert len(rows) == len(areas)
        assert {(row.version, row.restatement, row.history_digest) for row in rows} == {(1, True, None)}
        assert history == await session.scalar(select(func.count()).select_from(History))
        assert ids == sorted(ids)

    async def test_estates_with_what_they_cover(self, session: AsyncSession) -> None:
        before = await session.scalar(select(func.max(Outbox.id))) or 0

        last = await service.restate_estates(session, 3, None)

        rows = (await session.scalars(select(Outbox).where(Outbox.id > before).order_by(Outbox.id))).all()
        assert [row.aggregate_id for row in rows] == sorted(row.aggregate_id for row in rows)
        assert rows[-1].aggregate_id == last
        assert all(orjson.loads(row.payload)["covers"] for row in rows)


class TestLocating:
    @pytest.mark.parametrize("crs", list(Crs))
    async def test_each_system_gives_the_same_unit_grid(self, session: AsyncSession, crs: Crs) -> None:
        place = await service.locate(session, *from_cgcs2000(*PEOPLES_SQUARE, crs), crs, on=TODAY)

        assert place.unit_grid.startswith("310101")
        assert (place.lon, place.lat) == pytest.approx(PEOPLES_SQUARE, abs=2e-7)
        assert (place.nearest, place.distance_m) == (False, 0.0)
        cell = await service.find_unit_grid(session, place.unit_grid, on=TODAY)
        assert polygon_of(cell.ring).intersects(polygon_of(cell.ring).representative_point())

    async def test_every_centre_lies_in_its_own_unit_grid(self, session: AsyncSession) -> None:
        cells = (await session.scalars(select(UnitGrid).order_by(UnitGrid.code))).all()
        for cell in cells[::11]:
            place = await service.locate(
                session, cell.centre_lon / MICRO, cell.centre_lat / MICRO, Crs.CGCS2000, on=TODAY
            )
            assert (place.unit_grid, place.nearest) == (cell.code, False)

    async def test_a_shared_corner_belongs_to_the_lowest_code(self, session: AsyncSession) -> None:
        owners: dict[tuple[int, int], list[str]] = {}
        for cell in (await session.scalars(select(UnitGrid).order_by(UnitGrid.code))).all():
            for corner in zip(cell.ring[::2], cell.ring[1::2], strict=True):
                owners.setdefault(corner, []).append(cell.code)
        for (lon, lat), codes in list(owners.items())[::29]:
            place = await service.locate(session, lon / MICRO, lat / MICRO, Crs.CGCS2000, on=TODAY)
            assert (place.unit_grid, place.nearest) == (codes[0], False)

    async def test_near_the_border_the_nearest_is_flagged(self, session: AsyncSession) -> None:
        cells = (await session.scalars(select(UnitGrid))).all()
        most_eastern = max(cells, key=lambda cell: cell.east)
        index = most_eastern.ring[::2].index(most_eastern.east)
        lon, lat = most_eastern.east / MICRO, most_eastern.ring[2 * index + 1] / MICRO

        near = await service.locate(session, lon + 0.0003, lat, Crs.WGS84, on=TODAY)

        assert near.nearest
        assert near.distance_m == pytest.approx(28.6, abs=3)
        with pytest.raises(OutsideArea):
            await service.locate(session, lon + 0.001, lat, Crs.WGS84, on=TODAY)

    @pytest.mark.parametrize("point", [(116.4, 39.9), (0.0, 0.0), (121.4737, 31.9)])
    async def test_elsewhere_is_outside(self, session: AsyncSession, point: tuple[float, float]) -> None:
        with pytest.raises(OutsideArea):
            await service.locate(session, *point, Crs.CGCS2000, on=TODAY)

    async def test_what_is_no_place_is_refused(self, session: AsyncSession) -> None:
        with pytest.raises(CoordinateInvalid):
            await service.locate(session, 31.2, 121.4, Crs.CGCS2000, on=TODAY)

    async def test_nothing_is_located_before_the_geography_is_loaded(self, session: AsyncSession) -> None:
        await session.execute(text("DELETE FROM geography"))

        with pytest.raises(GeographyMissing):
            await service.locate(session, *PEOPLES_SQUARE, Crs.CGCS2000, on=TODAY)

    async def test_another_tolerance_counts_at_once(self, session: AsyncSession) -> None:
        cells = (await session.scalars(select(UnitGrid))).all()
        lon = max(cell.east for cell in cells) / MICRO + 0.0003
        cell = max(cells, key=lambda cell: cell.east)
        lat = cell.ring[2 * cell.ring[::2].index(cell.east) + 1] / MICRO
        await session.execute(text("UPDATE geography SET tolerance_m = 5"))

        with pytest.raises(OutsideArea):
            await service.locate(session, lon, lat, Crs.CGCS2000, on=TODAY)

    async def test_what_lies_around(self, session: AsyncSession) -> None:
        place = await service.locate(session, *PEOPLES_SQUARE, Crs.CGCS2000, on=TODAY)

        found = await service.describe(session, place, on=TODAY)

        assert [area.level for area in found.areas] == [
            "province",
            "city",
            "district",
            "township",
            "neighbourhood",
        ]
        assert found.demonstration
        estates = {estate.id for estate in await session.scalars(select(Estate))}
        assert found.estate_id is None or found.estate_id in estates
