"""A year of the calendar over HTTP: answer, stored state and recorded event together."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from libs.common.db import Database
from libs.common.policy import Role
from services.tasks.calendars.domain import year_id
from services.tasks.calendars.models import CalendarYear
from tests.tasks.factories import as_, outbox

PATH = "/tasks/v1/calendar/2026"
OFF = {"day": "2026-11-24", "worked": False, "reason": "放假调休"}
WORKED = {"day": "2026-11-28", "worked": True, "reason": "调休上班"}


def body(*overrides: dict[str, Any], **changes: Any) -> dict[str, Any]:
    given = {"confirmed": True, "source": "市政府通知", "effective_from": "2026-11-23"}
    return given | {"overrides": overrides} | changes


async def put(client: httpx.AsyncClient, given: dict[str, Any], version: int | None = 0) -> httpx.Response:
    return await client.put(PATH, json=given, headers=as_(Role.ADMINISTRATOR, version=version))


async def get(client: httpx.AsyncClient, year: int = 2026) -> httpx.Response:
    return await client.get(f"/tasks/v1/calendar/{year}", headers=as_(Role.INSPECTOR))


async def test_a_year_of_which_nothing_was_entered(client: httpx.AsyncClient) -> None:
    known = await get(client)
    assert known.headers["etag"] == '"0"'
    assert known.json() == {
        "year": 2026, "version": 0, "confirmed": True, "provisional": False, "workdays": 248,
        "overrides": [], "source": None, "effective_from": None,
    }  # fmt: skip
    later = (await get(client, 2027)).json()
    assert (later["confirmed"], later["provisional"]) == (False, True)


async def test_a_changed_year_is_stored_and_published(client: httpx.AsyncClient, database: Database) -> None:
    answer = await put(client, body(WORKED, OFF))
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == '"1"'
    assert answer.json()["overrides"] == [OFF, WORKED]
    assert answer.json()["workdays"] == 248
    assert (await put(client, body(OFF), version=1)).json()["workdays"] == 247
    assert (await get(client)).json()["version"] == 2
    stored = await database.read(lambda s: s.get(CalendarYear, year_id(2026)))
    assert stored is not None
    assert stored.overrides == {"2026-11-24": {"worked": False, "reason": "放假调休"}}
    event = (await outbox(database, "jiayuan.tasks.calendar.v1"))[-1]
    assert (event.aggregate_id, event.version) == (year_id(2026), 2)
    assert event.payload["overrides"] == {"2026-11-24": False}


async def test_the_notice_of_a_later_year_confirms_it(client: httpx.AsyncClient) -> None:
    headers = as_(Role.ADMINISTRATOR, version=0)
    answer = await client.put("/tasks/v1/calendar/2027", json=body(), headers=headers)
    assert (answer.json()["confirmed"], answer.json()["provisional"]) == (True, False)


async def test_a_change_says_which_version_was_read(client: httpx.AsyncClient, database: Database) -> None:
    assert (await put(client, body(), version=None)).status_code == 428
    assert (await put(client, body(), version=3)).status_code == 412
    assert (await put(client, body())).status_code == 200
    assert (await put(client, body(OFF))).status_code == 412
    assert (await put(client, body())).status_code == 200  # a repeat
    assert len(await outbox(database)) == 1


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        (body(OFF | {"day": "2027-11-24"}), 422, "calendar-day-misplaced"),
        (body(OFF, OFF), 422, "calendar-day-misplaced"),
        (body(effective_from="2026-11-24"), 422, "effective-date-ahead"),
        (body(effective_from="2026-11-20"), 409, "effective-date-not-later"),
        (body(OFF | {"worked": "no"}), 422, None),
        (body(confirmed=1), 422, None),
        (body(source=""), 422, None),
        (body(other=1), 422, None),
    ],
)
async def test_what_no_year_can_be(
    client: httpx.AsyncClient, given: dict[str, Any], status: int, code: str | None
) -> None:
    await put(client, body(WORKED))
    answer = await put(client, given, version=1)
    assert (answer.status_code, answer.json()["code"]) == (status, code or answer.json()["code"])


async def test_only_the_administrator_changes_a_plausible_year(client: httpx.AsyncClient) -> None:
    refused = await client.put(PATH, json=body(), headers=as_(Role.DISPATCHER, version=0))
    assert refused.status_code == 403
    assert (await get(client, 1899)).status_code == 422
