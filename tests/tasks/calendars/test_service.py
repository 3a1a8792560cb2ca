"""Loading the calendar's years, restating them, and the calendar in force."""

from __future__ import annotations

from datetime import date

from libs.common.calendar import WorkingCalendar
from libs.common.db import Database
from libs.common.tree import repository_root
from services.tasks.calendars import service
from services.tasks.calendars.domain import Override, YearRow, year_id
from tests.tasks.factories import ADMINISTRATOR, MONDAY, outbox

DATA = repository_root() / "services/tasks/data"
TOPIC = "jiayuan.tasks.calendar.v1"
DAY_OFF = Override(day=date(2026, 11, 24), worked=False, reason="放假调休")


def row(year: int = 2026, *overrides: Override, confirmed: bool = True) -> YearRow:
    return YearRow(
        year=year, confirmed=confirmed, overrides=overrides, source="通知", effective_from=MONDAY.date()
    )


async def change(database: Database, given: YearRow, expect: int = 0) -> service.YearView:
    return await database.transact(
        lambda s: service.change(s, given, expect=expect, actor=ADMINISTRATOR, now=MONDAY)
    )


async def load(database: Database) -> str:
    return await database.transact(lambda session: service.load(session, DATA))


async def test_loading_publishes_each_year_once_and_nothing_when_nothing_changed(database: Database) -> None:
    assert await load(database) == "3 years of the calendar: 3 changed"
    assert await load(database) == "3 years of the calendar: 0 changed"
    told = await outbox(database, TOPIC)
    assert [(event.payload["year"], event.version) for event in told] == [(2019, 1), (2020, 1), (2026, 1)]
    assert {event.type for event in told} == {"cn.jiayuan.tasks.calendar.changed.v1"}
    assert await database.read(service.calendar) == WorkingCalendar()


async def test_a_year_that_was_changed_over_the_api_outlives_the_next_load(database: Database) -> None:
    await load(database)
    assert (await change(database, row(2026, DAY_OFF), expect=1)).version == 2
    assert await load(database) == "3 years of the calendar: 0 changed"
    assert (await database.read(lambda s: service.read(s, 2026))).overrides == (DAY_OFF,)


async def test_what_stands_there_already_is_a_repeat_whatever_version_was_read(database: Database) -> None:
    first = await change(database, row(2026, DAY_OFF))
    assert await change(database, row(2026, DAY_OFF)) == first
    assert len(await outbox(database, TOPIC)) == 1


async def test_the_calendar_follows_the_years_in_force(database: Database) -> None:
    await change(database, row(2026, DAY_OFF))
    await change(database, row(2027))
    assert await database.read(service.calendar) == WorkingCalendar({DAY_OFF.day: False}, 2027)
    await change(database, row(2027, confirmed=False), expect=1)
    assert (await database.read(service.calendar)).confirmed_through == 2026


async def test_restating_sends_current_state_in_pages(database: Database) -> None:
    await load(database)
    last = await database.transact(lambda s: service.restate_calendar(s, 2, None))
    end = await database.transact(lambda s: service.restate_calendar(s, 2, last))
    assert await database.transact(lambda s: service.restate_calendar(s, 2, end)) is None
    told = (await outbox(database, TOPIC))[3:]
    assert {event.aggregate_id for event in told} == {year_id(year) for year in (2019, 2020, 2026)}
    assert [event.version for event in told] == [1, 1, 1]
