"""Reports taken in together: the same rows, repeats and refusals as one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.clocks import local_date
from libs.common.coordinates import Crs
from libs.common.db import Database
from libs.common.events import audit
from libs.common.events.sequencer import sequence
from libs.common.ids import new_id
from libs.common.policy import Actor, Principal, Role
from services.grid.cases.service import By, ReporterGiven
from services.grid.intakes.service import Intake, Taken, take
from services.grid.places import locating
from services.grid.reports import service as reports
from services.grid.reports.domain import GivenPlace, Report
from tests.grid.factories import DISTRICT, MONDAY, NEIGHBOURHOOD, upload

WHO = "inspector-1"
BY = By(
    Actor(WHO, Role.INSPECTOR),
    MONDAY,
    Principal(WHO, WHO, frozenset({Role.INSPECTOR, Role.HOTLINE_OFFICER}), (DISTRICT,)),
)
AT_A_POINT = GivenPlace(lon=121.4782, lat=31.2285, crs=Crs.GCJ02, address="福建中路100弄3号202室")
IN_AN_AREA = GivenPlace(area=NEIGHBOURHOOD, address="福建中路100弄3号", inside_wall=True)
TELLER = ReporterGiven("张三丰", "13812341234", consent=True)
TABLES = {
    "grid_case": "id", "history": "aggregate_id", "outbox": "aggregate_id", "case_photo": "case_id",
    "case_reporter": "case_id", "media_link": "record_id",
}  # fmt: skip
BY_NATURE = {
    "grid_case": {"id", "receipt_number"}, "history": {"aggregate_id", "salt", "digest"},
    "outbox": {"aggregate_id", "id", "event_id", "salt", "history_digest", "recorded_at", "payload"},
    "case_photo": {"case_id"}, "case_reporter": {"case_id"}, "media_link": {"record_id"},
}  # fmt: skip
"""What two reports of the same contents differ in."""


def report(place: GivenPlace = AT_A_POINT, **overrides: Any) -> Report:
    """A report by an inspector."""
    values: dict[str, Any] = {
        "channel": "inspector",
        "category": "0202",
        "description": "3号楼2层楼道堆放纸箱 網格",
        "found_at": MONDAY,
        "place": place,
    }
    return Report(**(values | overrides))


def intake(given: Report, case_id: UUID | None = None, body: bytes = b"1", **more: Any) -> Intake:
    """The report on its way in."""
    values: dict[str, Any] = {"reporter": None, "by": BY}
    return Intake(case_id or new_id(), given, fingerprint=body, **(values | more))


async def together(database: Database, *intakes: Intake) -> Sequence[Taken | None]:
    """Take them in, as a lane does."""
    async with database.engine.connect() as opened:
        return await take(await opened.execution_options(isolation_level="AUTOCOMMIT"), intakes)


async def alone(database: Database, one: Intake) -> UUID:
    """The same on the ordinary way."""
    await database.transact(
        lambda session: reports.report(
            session, one.id, one.report, one.reporter, fingerprint=one.fingerprint, by=one.by
        )
    )
    return one.id


@pytest.fixture
async def warm(database: Database) -> Database:
    """A database whose geography is in memory and was looked at."""
    await database.read(lambda session: locating.warm_up(session, on=local_date(MONDAY)))
    await together(database, intake(report(IN_AN_AREA)))
    return database


async def rows(database: Database, case_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Every row of the case, less what differs by nature."""

    async def work(session: AsyncSession) -> dict[str, list[dict[str, Any]]]:
        found = {}
        for table, key in TABLES.items():
            query = text(f"SELECT * FROM {table} WHERE {key} = :id ORDER BY 1, 2, 3, 4")
            told = (await session.execute(query, {"id": case_id})).mappings()
            found[table] = [{k: v for k, v in row.items() if k not in BY_NATURE[table]} for row in told]
        return found

    return await database.read(work)


async def payload(database: Database, case_id: UUID) -> str:
    """The event's payload without the receipt's number."""
    query = text(
        "SELECT payload, receipt_number FROM outbox JOIN grid_case c ON c.id = aggregate_id WHERE c.id = :id"
    )
    told, number = (await database.read(lambda s: s.execute(query, {"id": case_id}))).one()
    return str(told).replace(number, "-")


@pytest.mark.commits
@pytest.mark.parametrize("place", [AT_A_POINT, IN_AN_AREA])
@pytest.mark.parametrize(
    "more", [{}, {"channel": "12345", "source_number": "SH-1"}], ids=["inspector", "hotline"]
)
async def test_the_same_rows_as_alone(warm: Database, place: GivenPlace, more: dict[str, Any]) -> None:
    photos = tuple([await upload(warm, WHO, letter * 64) for letter in "ab"] + ["a" * 64])
    given = report(place, photos=photos, **more)
    here = intake(given, reporter=TELLER)
    (taken,) = await together(warm, here)
    assert taken is not None
    assert taken.made
    number = {"source_number": "SH-2"} if "source_number" in more else {}
    there = await alone(warm, intake(report(place, photos=photos, **(more | number)), reporter=TELLER))
    mine, theirs = await rows(warm, here.id), await rows(warm, there)
    for found in (mine, theirs):
        for row in found["grid_case"]:
            row["source_number"] = row["words"] = None if number else row["words"]
    assert mine == theirs
    assert [len(mine[table]) for table in TABLES] == [1, 1, 1, 2, 1, 2]
    assert await payload(warm, here.id) == await payload(warm, there)


@pytest.mark.commits
async def test_what_is_written_is_in_order_for_the_audit(warm: Database) -> None:
    await together(warm, *(intake(report()) for _ in range(5)))
    while await warm.transact(sequence):
        pass
    told = await warm.read(audit.verify)
    assert told.intact, told.faults


@pytest.mark.commits
async def test_one_id_two_hundred_times_is_one_case(warm: Database) -> None:
    case_id = new_id()
    taken = await together(warm, *(intake(report(), case_id) for _ in range(200)))
    assert sum(one is not None and one.made for one in taken) == 1
    assert len({(one.receipt_number, one.reported_at) for one in taken if one is not None}) == 1
    assert None not in taken
    assert [len(found) for found in (await rows(warm, case_id)).values()] == [1, 1, 1, 0, 0, 0]


@pytest.mark.commits
async def test_repeats_and_others_bodies(warm: Database) -> None:
    first = intake(report())
    (made,) = await together(warm, first)
    later = By(BY.actor, datetime(2026, 12, 1, tzinfo=MONDAY.tzinfo), BY.viewer)
    again, other, stranger = await together(
        warm,
        intake(report(), first.id, by=later),
        intake(report(), first.id, b"2"),
        intake(report(), first.id, by=By(Actor("inspector-2", Role.INSPECTOR), MONDAY, BY.viewer)),
    )
    assert made is not None
    assert again == Taken(first.id, made.receipt_number, made.reported_at, made=False)
    assert (other, stranger) == (None, None)


OTHERS = By(BY.actor, MONDAY, Principal(WHO, WHO, frozenset({Role.INSPECTOR}), ("310107",)))


@pytest.mark.commits
@pytest.mark.parametrize(
    "refused",
    [
        intake(report(category="0999")),
        intake(report(channel="pigeon")),
        intake(report(found_at=datetime(1999, 1, 1, tzinfo=MONDAY.tzinfo))),
        intake(report(photos=("e" * 64,))),
        intake(report(GivenPlace(area="310101"))),
        intake(report(GivenPlace(area="310101999001"))),
        intake(report(GivenPlace(area="3101019990010"))),
        intake(report(GivenPlace(lon=2.35, lat=48.85, crs=Crs.WGS84))),
        intake(report(GivenPlace(lon=121.0, lat=38.85, crs=Crs.WGS84))),
        intake(report(GivenPlace(estate_id=new_id()))),
        intake(report(), UUID("6f1c2f0a-6d55-4b0e-9a53-7e1d0c9b2a11")),
        intake(report(), by=OTHERS),
    ],
)
async def test_what_is_out_of_the_ordinary_is_left_and_no_other(warm: Database, refused: Intake) -> None:
    left, taken = await together(warm, refused, good := intake(report()))
    assert left is None
    assert taken is not None
    assert taken.made
    assert not any((await rows(warm, refused.id)).values())
    assert (await rows(warm, good.id))["grid_case"]


@pytest.mark.commits
async def test_photos_of_another_person_are_left(warm: Database) -> None:
    await upload(warm, "inspector-2", "f" * 64)
    assert await together(warm, intake(report(photos=("f" * 64,)))) == [None]


@pytest.mark.commits
async def test_a_sources_number_is_taken_once(warm: Database) -> None:
    same = [intake(report(channel="12345", source_number="SH-9")) for _ in range(2)]
    taken = await together(warm, *same)
    assert sorted(one is None for one in taken) == [False, True]


@pytest.mark.commits
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE category SET valid_to = '2026-11-22' WHERE code = '0202'",
        "UPDATE rule SET value = value || '{\"roles\": [\"acceptor\"]}' WHERE key = 'channel.inspector'",
        "UPDATE geography SET digest = digest || '-'",
        "DELETE FROM geography",
    ],
)
async def test_changed_reference_data_counts_at_once(warm: Database, change: str) -> None:
    assert await together(warm, intake(report())) != [None]
    await warm.transact(lambda session: session.execute(text(change)))
    assert await together(warm, intake(report())) == [None]


@pytest.mark.commits
async def test_a_changed_limit_counts_at_once(warm: Database) -> None:
    await together(warm, before := intake(report()))
    change = "UPDATE rule SET value = value || '{\"amount\": 2}' WHERE key = 'stage.accept'"
    await warm.transact(lambda session: session.execute(text(change)))
    await together(warm, after := intake(report()))
    due = [(await rows(warm, one.id))["grid_case"][0]["step_due_at"] for one in (before, after)]
    assert (due[1] - due[0]).total_seconds() == 3600
