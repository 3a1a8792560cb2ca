"""The book adds up, or says what is missing."""

from __future__ import annotations

import io

import httpx
from rich.console import Console

from libs.common.policy import Role
from services.demo.book import Book, Line, Story
from services.demo.client import Late
from services.demo.screen import MOST_FAILURES, Screen
from tests.demo.conftest import Cast


async def test_what_was_sent_is_counted_by_what_the_services_answer(cast: Cast) -> None:
    states = {"/grid/v1/cases/1": "closed", "/grid/v1/cases/2": "handling", "/tasks/v1/tasks/1": "closed"}

    def handler(request: httpx.Request) -> httpx.Response:
        state = states.get(request.url.path)
        return httpx.Response(200 if state else 404, json={"state": state})

    person, book = cast(handler).one(Role.DISPATCHER), Book()
    for path in ("/grid/v1/cases/1", "/grid/v1/cases/2", "/grid/v1/cases/3", "/tasks/v1/tasks/1"):
        book.expect("closed", person, path, lambda told: told["state"] == "closed")
    lines = await book.recount(seconds=0)
    assert lines == [Line("grid", "closed", 3, 1), Line("tasks", "closed", 1, 1)]
    assert [line.adds_up for line in lines] == [False, True]


async def test_what_is_on_its_way_is_waited_for(cast: Cast) -> None:
    asked = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(200, json={"state": "closed" if asked > 1 else "done"})

    book = Book()
    book.expect(
        "closed", cast(handler).one(Role.UNIT_CLERK), "/tasks/v1/tasks/1", lambda t: t["state"] == "closed"
    )
    assert await book.recount(seconds=30) == [Line("tasks", "closed", 1, 1)]


async def test_one_journey_that_stops_stops_no_other() -> None:
    book = Book()
    story = Story("网格员 Inspectors", book)

    async def stuck() -> None:
        raise Late("task of case 7: not there")

    async def fine() -> None:
        story.noted("grid", "上报 reported")

    await story.guarded(stuck())
    await story.guarded(fine())
    assert book.failures == [("网格员 Inspectors", "Late: task of case 7: not there")]
    assert book.happened["网格员 Inspectors"]["grid", "上报 reported"] == 1


def test_the_screen_tells_stories_table_and_failures() -> None:
    said = io.StringIO()
    screen, book = Screen(Console(file=said, width=120)), Book()
    Story("热线 Hotline", book).noted("grid", "立案 filed")
    book.failures += [("热线 Hotline", f"fault {number}") for number in range(MOST_FAILURES + 2)]
    screen.stories(book.happened)
    screen.closing([Line("grid", "结案 cases closed", 3, 2)])
    screen.failures(book)
    for word in ("热线 Hotline", "立案 filed 1", "结案 cases closed", "✗", "fault 9", "2 more"):
        assert word in said.getvalue()
