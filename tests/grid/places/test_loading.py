"""Loading the geography: once per content, published in full state, ended and retired, never deleted."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from datetime import date

import orjson
from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.events.models import History, Outbox
from libs.common.loading import data_folder
from services.grid.places import repository
from services.grid.places.loading import Sources, load_geography, load_places, read_sources
from services.grid.places.models import Area, Estate, EstateCoverage, UnitGrid
from tests.grid.places.conftest import NOW, SERVICE


async def outbox(session: AsyncSession, after: int) -> list[Row[tuple[str, int, str, bool]]]:
    query = select(Outbox.type, Outbox.version, Outbox.payload, Outbox.restatement).where(Outbox.id > after)
    return list(await session.execute(query.order_by(Outbox.id)))


async def last_outbox_id(session: AsyncSession) -> int:
    return await session.scalar(select(func.max(Outbox.id))) or 0


async def test_every_area_and_estate_was_published_in_full_state(
    session: AsyncSession, sources: Sources
) -> None:
    rows = await outbox(session, 0)
    areas = [orjson.loads(row.payload) for row in rows if row.type == "cn.jiayuan.grid.area.changed.v1"]
    estates = [orjson.loads(row.payload) for row in rows if row.type == "cn.jiayuan.grid.estate.changed.v1"]

    assert len(areas) == len(sources.areas) == await session.scalar(select(func.count()).select_from(Area))
    assert len(estates) == await session.scalar(select(func.count()).select_from(Estate))
    assert len(estates) > 500
    assert {row.version for row in rows} == {1}
    assert len(rows) == await session.scalar(select(func.count()).select_from(History))
    luwan = next(area for area in areas if area["code"] == "310103")
    assert (luwan["name"], luwan["valid_to"], luwan["successor"]) == ("卢湾区", "2011-06-08", "310101")
    assert not any(area["demonstration"] for area in areas)
    assert all(estate["demonstration"] and estate["covers"] for estate in estates)


async def test_a_second_load_changes_nothing(session: AsyncSession, sources: Sources) -> None:
    before = await last_outbox_id(session)

    summary = await load_geography(session, sources, now=NOW)

    assert summary == f"{len(sources.areas)} areas (0 changed); unit grids and estates unchanged"
    assert await outbox(session, before) == []


async def test_a_changed_name_is_one_new_version(session: AsyncSession, sources: Sources) -> None:
    renamed = [{**row, "name": "新黄浦区"} if row["code"] == "310101" else row for row in sources.areas]
    before = await last_outbox_id(session)

    await load_geography(session, replace(sources, areas=renamed), now=NOW)

    (event,) = await outbox(session, before)
    assert (event.version, orjson.loads(event.payload)["name"]) == (2, "新黄浦区")
    area = await repository.get_area(session, "310101")
    assert area is not None
    assert (area.version, area.name) == (2, "新黄浦区")


async def test_another_seed_retires_codes_and_ends_estates(session: AsyncSession, sources: Sources) -> None:
    codes = set(await session.scalars(select(UnitGrid.code)))
    other = replace(sources, seed=1, digest="other")
    before = await last_outbox_id(session)

    await load_geography(session, other, now=NOW)

    session.expire_all()
    retired = set(await session.scalars(select(UnitGrid.code).where(UnitGrid.valid_to.is_not(None))))
    in_force = set(await session.scalars(select(UnitGrid.code).where(UnitGrid.valid_to.is_(None))))
    assert codes <= retired | in_force
    assert retired <= codes
    ends = set(await session.scalars(select(UnitGrid.valid_to).where(UnitGrid.code.in_(retired))))
    assert ends <= {date(2026, 3, 1)}
    ended = await session.scalar(select(func.count()).select_from(Estate).where(Estate.valid_to.is_not(None)))
    events = await outbox(session, before)
    assert ended == sum(orjson.loads(event.payload)["valid_to"] is not None for event in events)
    assert {event.type for event in events} == {"cn.jiayuan.grid.estate.changed.v1"}
    loaded = await repository.geography(session)
    assert loaded is not None
    assert loaded.digest == "other"


async def test_a_code_that_comes_back_is_in_force_again(session: AsyncSession, sources: Sources) -> None:
    await session.execute(text("UPDATE unit_grid SET valid_to = '2026-01-01'"))
    await session.execute(text("UPDATE geography SET digest = 'old'"))

    await load_geography(session, sources, now=NOW)

    assert await session.scalar(select(func.count()).where(UnitGrid.valid_to.is_not(None))) == 0


async def test_estates_cover_each_unit_grid_at_most_once(session: AsyncSession) -> None:
    query = select(EstateCoverage.area_code).group_by(EstateCoverage.area_code).having(func.count() > 1)
    assert (await session.scalars(query)).all() == []


async def test_progress_is_told_per_district(session: AsyncSession, sources: Sources) -> None:
    told: list[tuple[str, int, int]] = []

    await load_geography(
        session, replace(sources, digest="again"), now=NOW, progress=lambda *step: told.append(step)
    )

    assert told == [("310101", 0, 2), ("310106", 1, 2)]


def test_the_shipped_table_is_the_whole_city() -> None:
    sources = read_sources(data_folder(SERVICE))
    levels = [row["level"] for row in sources.areas if not row["valid_to"]]

    assert Counter(levels) == {
        "province": 1, "city": 1, "district": 16, "township": 234, "neighbourhood": 6509
    }  # fmt: skip
    assert set(sources.outlines) == {row["code"] for row in sources.areas if row["level"] == "district"} - {
        "310103",
        "310108",
        "310230",
    }
    assert "310115136" in sources.names("township")


def test_every_successor_is_in_the_table() -> None:
    with (data_folder(SERVICE) / "areas.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}

    successors = {code: row["successor"] for code, row in rows.items() if row["successor"]}
    assert successors == {"310103": "310101", "310108": "310106", "310230": "310151"}
    assert all(rows[code]["valid_to"] for code in successors)


async def test_the_digest_follows_the_content(sources: Sources) -> None:
    folder = data_folder(SERVICE)

    assert read_sources(folder, ("310101", "310106")).digest == sources.digest
    assert read_sources(folder, ("310101",)).digest != sources.digest


def test_the_service_can_name_its_loader() -> None:
    assert load_places.__name__ == "load_places"
