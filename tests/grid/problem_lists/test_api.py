"""A workbook of problems becomes cases: all or none, each number once, every wrong cell named."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from libs.common.policy import Role
from libs.common.tables import MEDIA_TYPE, read_workbook, write_workbook
from services.grid.problem_lists.schemas import EXAMPLE, SHEET
from tests.grid.factories import NEIGHBOURHOOD, Desk, as_

PATH = "/grid/v1/problem-lists"
FOUND = datetime(2026, 11, 22, 2, tzinfo=UTC)


def row(number: str, **more: Any) -> dict[str, Any]:
    return {**EXAMPLE, "source_number": number, "found_at": FOUND, **more}


async def send(desk: Desk, *rows: dict[str, Any], dry_run: bool = False) -> httpx.Response:
    return await desk.client.post(
        f"{PATH}/import",
        params={"dry_run": dry_run},
        content=write_workbook([(SHEET, rows)]),
        headers=as_(Role.ACCEPTOR) | {"content-type": MEDIA_TYPE},
    )


async def test_every_row_is_a_case_once(desk: Desk) -> None:
    point = {"area": None, "lon": 121.4785, "lat": 31.2305, "crs": "CGCS2000"}
    rows = [row("LX-1"), row("LX-2", **point), row("LX-3", description="=1+1 是问题描述")]
    tried = (await send(desk, *rows, dry_run=True)).json()
    assert (tried["made"], {item["case_id"] for item in tried["items"]}) == (3, {None})
    first = await send(desk, *rows)
    assert first.status_code == 200, first.text
    told = first.json()
    assert (told["made"], [item["source_number"] for item in told["items"]]) == (3, ["LX-1", "LX-2", "LX-3"])
    case = await desk.read(told["items"][0]["case_id"], Role.ACCEPTOR)
    seen = (case["channel"], case["source_number"], case["state"], case["area"], case["found_at"])
    assert seen == ("list", "LX-1", "reported", NEIGHBOURHOOD, "2026-11-22T02:00:00Z")
    again = (await send(desk, row("LX-2"), row("LX-4"))).json()
    assert [item["made"] for item in again["items"]] == [False, True]
    assert again["items"][0]["receipt_number"] == told["items"][1]["receipt_number"]


async def test_one_wrong_cell_and_nothing_is_taken(desk: Desk) -> None:
    rows = [
        row("LX-1"),
        row("LX-1"),
        row("LX-2", category="9999"),
        row("LX-3", area=None),
        row("LX-4", area="310102001001"),
        row("LX-5", lon=121.4),
        row("LX-6", found_at=datetime(2031, 1, 1, tzinfo=UTC)),
        row("LX-7", area="310101"),
    ]
    answer = await send(desk, *rows)
    assert answer.status_code == 422, answer.text
    told = [(fault["cell"], fault["code"]) for fault in answer.json()["errors"]]
    assert sorted(told) == [
        ("A3", "number-twice"),
        ("B4", "category-unknown"),
        ("D8", "time-out-of-range"),
        ("E5", "place-missing"),
        ("E6", "place-unknown"),
        ("E9", "place-too-wide"),
        ("G7", "point-incomplete"),
    ]
    shown = await desk.client.get("/grid/v1/cases", headers=as_(Role.ACCEPTOR))
    assert shown.json()["items"] == []


async def test_the_empty_list_can_be_sent_back(desk: Desk) -> None:
    empty = await desk.client.get(f"{PATH}/workbook", headers=as_(Role.ACCEPTOR))
    book = read_workbook(empty.content, [SHEET])
    assert (book.errors, len(book.rows(SHEET))) == ([], 1)
    answer = await desk.client.post(
        f"{PATH}/import", content=empty.content, headers=as_(Role.ACCEPTOR) | {"content-type": MEDIA_TYPE}
    )
    assert (answer.status_code, answer.json()["made"], answer.json()["dry_run"]) == (200, 1, True)


@pytest.mark.parametrize(("kind", "status"), [("application/json", 415), (MEDIA_TYPE, 422)])
async def test_what_is_no_workbook_is_refused(desk: Desk, kind: str, status: int) -> None:
    headers = as_(Role.ACCEPTOR) | {"content-type": kind}
    answer = await desk.client.post(f"{PATH}/import", content=b"{}", headers=headers)
    assert answer.status_code == status
