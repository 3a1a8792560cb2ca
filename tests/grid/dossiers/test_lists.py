"""Lists of cases over HTTP: each filter, search, and what is no list."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.db import Database
from libs.common.policy import Role
from services.grid.dossiers.domain import CaseItem
from tests.grid.factories import CHECKER, HANDLER, REPORTER, Desk, as_, known_unit, report_body

CASES = "/grid/v1/cases"


async def listed(desk: Desk, *areas: str, role: Role = Role.LEADER, **asked: Any) -> list[UUID]:
    """The ids of a list, in order."""
    subject = asked.pop("subject", None)
    headers = as_(role, areas=areas or ("310101",), subject=subject)
    answer = await desk.client.get(CASES, params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return [UUID(item["id"]) for item in answer.json()["items"]]


class TestFilters:
    async def test_each_filter_and_all_together(self, desk: Desk) -> None:
        clock = desk.clock
        early = await desk.report(category="0201")
        clock.tick(timedelta(hours=1))
        middle = clock.now
        late = await desk.report(photos=[])
        handled = await desk.handled()
        rejected = await desk.report()
        await desk.step(rejected, "reject", {"reason_code": "other", "reason": "不属实"})
        assert await listed(desk) == [rejected, handled, late, early]
        assert await listed(desk, category="0201") == [early]
        assert early in await listed(desk, group="02")
        assert await listed(desk, group="03") == []
        assert await listed(desk, state="handling") == [handled]
        assert await listed(desk, open="true") == [handled, late, early]
        assert await listed(desk, open="false") == [rejected]
        assert await listed(desk, since=middle.isoformat()) == [rejected, handled, late]
        assert await listed(desk, until=middle.isoformat()) == [early]
        assert await listed(desk, state="handling", category="0201") == []
        assert await listed(desk, mine="true", role=Role.INSPECTOR, subject=REPORTER) == await listed(desk)
        assert await listed(desk, mine="true", role=Role.INSPECTOR, subject=CHECKER) == []
        assert await listed(desk, handling="true", role=Role.INSPECTOR, subject=HANDLER) == [handled]
        assert await listed(desk, handling="true", role=Role.INSPECTOR, subject=REPORTER) == []
        assert await listed(desk, overdue="true") == []
        due = (await desk.case(handled)).due_at
        assert due is not None
        clock.now = due
        assert await listed(desk, overdue="true") == [], "the last instant is still on time"
        clock.tick(timedelta(microseconds=1))
        assert await listed(desk, overdue="true") == [handled]
        shown = await desk.read(handled)
        assert (shown["overdue"], shown["overdue_at"]) == (True, None)

    async def test_by_unit_and_estate(self, desk: Desk, database: Database) -> None:
        unit_id = await known_unit(database)
        estate = await database.read(
            lambda s: s.scalar(
                text("SELECT estate_id FROM estate_coverage WHERE area_code LIKE '310101002001%' LIMIT 1")
            )
        )
        case_id = await desk.filed(place={"estate_id": str(estate)})
        await desk.filed()
        await desk.step(case_id, "dispatch", {"unit_id": str(unit_id)})
        assert await listed(desk, unit_id=str(unit_id)) == [case_id]
        assert await listed(desk, estate_id=str(estate)) == [case_id]
        assert await listed(desk, estate_id=str(unit_id)) == []
        (item,) = (
            await desk.client.get(CASES, params={"unit_id": str(unit_id)}, headers=as_(Role.LEADER))
        ).json()["items"]
        assert item["unit_zh"] == "南京东路街道综合行政执法队"

    @pytest.mark.parametrize(
        ("asked", "status"),
        [
            ({"area": "31010"}, 422),
            ({"area": "310101'--"}, 422),
            ({"area": ""}, 422),
            ({"state": "lost"}, 422),
            ({"category": "02"}, 422),
            ({"open": "perhaps"}, 422),
            ({"unit_id": "7"}, 422),
            ({"since": "yesterday"}, 422),
            ({"since": "2026-11-22T00:00:00"}, 422),
            ({"q": ""}, 422),
            ({"q": "长" * 101}, 422),
            ({"limit": "0"}, 422),
            ({"limit": "201"}, 422),
            ({"after": "x"}, 400),
            ({"after": "W10"}, 400),
        ],
    )
    async def test_what_has_no_meaning(self, desk: Desk, asked: dict[str, str], status: int) -> None:
        answer = await desk.client.get(CASES, params=asked, headers=as_(Role.LEADER))
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        if status == 422:
            assert [error["parameter"] for error in answer.json()["errors"]] == list(asked)

    @pytest.mark.parametrize(
        "moment",
        [
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "1999-01-01T00:00Z",
        ],
    )
    @pytest.mark.parametrize("side", ["since", "until"])
    async def test_the_ends_of_time(self, desk: Desk, moment: str, side: str) -> None:
        await desk.report()
        answer = await desk.client.get(CASES, params={side: moment}, headers=as_(Role.LEADER))
        assert answer.status_code in (200, 422), answer.text

    async def test_a_cursor_of_another_list(self, desk: Desk) -> None:
        for _ in range(2):
            await desk.report()
        headers = as_(Role.ACCEPTOR)
        queue = (await desk.client.get("/grid/v1/queue?limit=1", headers=headers)).json()
        answer = await desk.client.get(CASES, params={"after": queue["next"]}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor-invalid")


FOUND = {
    "楼道": True,
    "樓道堆放": True,
    "堆放紙箱": True,
    "箱": True,
    "纸箱 楼道": True,
    "纸箱 电梯": False,
    "箱纸": False,
    "福建中路": True,
    "楼道堆物": True,  # the category's name
    "ABC": True,
    "ａｂｃ１２": True,
    "abc-12": False,
    "SH-7788": True,  # the channel's own number
    "12": False,
}
HOSTILE = (
    "' OR 1=1 --", "'; DROP TABLE grid_case; --", "<->", "& | ! ( )", "\\", "%", "_", "💥", "𠮷", "a" * 100,
    "：＊＆｜！（）", "\u0301", "\ufeff", "{zh}%s$1:name", "\u200b", "NULL", "..", "$(id)",
)  # fmt: skip
HOSTILE_WORDS = ("楼道' | '", "!楼道", "楼道:*", "\u202e楼道\u200b", "-楼道", '"楼道"', "(楼道")


class TestSearch:
    async def test_what_is_found(self, desk: Desk) -> None:
        case_id = await desk.report(
            description="3号楼2层楼道堆放纸箱，编号Abc 12x abc12", source_number="SH 7788"
        )
        await desk.report(description="别的事情", category="0201", place={"area": "310101002002"})
        for query, finds in FOUND.items():
            assert await listed(desk, q=query) == ([case_id] if finds else []), query

    async def test_hostile_text_is_only_text(self, desk: Desk) -> None:
        case_id = await desk.report()
        for query in HOSTILE:
            assert await listed(desk, q=query) == [], query
        for query in HOSTILE_WORDS:
            assert await listed(desk, q=query) == [case_id], query

    async def test_hostile_text_is_kept_as_it_was_written(self, desk: Desk) -> None:
        written = "'; DROP TABLE grid_case; -- <script>alert(1)</script> \\ {zh} 💥𠮷\u202e\t\nzwei"
        case_id = await desk.report(description=written, photos=[])
        assert (await desk.read(case_id))["description"] == written
        assert await listed(desk, q="script") == [case_id]
        assert await listed(desk, q="𠮷") == [case_id]

    async def test_bytes_that_are_no_text(self, desk: Desk) -> None:
        await desk.report()
        answer = await desk.client.get(f"{CASES}?q=%ED%A0%80%FF", headers=as_(Role.LEADER))
        assert (answer.status_code, answer.json()["items"]) == (200, [])


async def test_a_list_shows_a_case_as_reading_it_does(desk: Desk, database: Database) -> None:
    """The page is made by the database, what is read by the service: both are one shape."""
    unit_id = await known_unit(database)
    sent = await desk.filed(
        place={**report_body()["place"], "address": "武宁路100弄5号602室"}, description="请回电13812341234"
    )
    await desk.step(sent, "dispatch", {"unit_id": str(unit_id)})
    handled = await desk.handled()
    for role in (Role.LEADER, Role.DISPATCHER):
        headers = as_(role, areas=("310101",))
        items = (await desk.client.get(CASES, headers=headers)).json()["items"]
        assert [item["id"] for item in items] == [str(handled), str(sent)]
        for item in items:
            read = (await desk.client.get(f"{CASES}/{item['id']}", headers=headers)).json()
            assert {key: at(value) for key, value in item.items()} == {
                key: at(read[key]) for key in CaseItem.model_fields
            }


def at(value: Any) -> Any:
    """A time without the zeros at its end."""
    is_time = isinstance(value, str) and value.endswith("Z") and "T" in value
    return datetime.fromisoformat(value) if is_time else value
