"""Lists of cases: what they hold, in which order, by which index; search; what one may do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from libs.common.db import Database
from libs.common.policy import GRANTS, Role
from services.grid.lifecycle.domain import AFTERWARDS, LIFE, PERMISSIONS, CaseAction, CaseState
from services.grid.main import SERVICE
from tests.grid.crowd import crowd, walks
from tests.grid.estates import bound
from tests.grid.factories import HANDLER, REPORTER, Callers, Clock, Desk, as_, fill
from tests.support.apps import lent_app
from tests.support.databases import Databases
from tests.support.lending import lent_database
from tests.support.statements import statements

ESTATE = "00000000-0000-0000-0000-000000000007"
AREAS = ("31", "3101", "310101", "310101002", "310101002001", "310101002001001", "310101002 310101003", "32")
LISTS = (
    "", "state=handling", "open=true", "open=false", "category=0202", "group=02", "item=030501", "mine=true",
    "handling=true", "overdue=true", f"estate_id={ESTATE}", f"unit_id={ESTATE}",
    "since=2026-11-20T00:00:00Z", "until=2026-11-20T00:00:00Z", "q=楼道", "q=w77", "q=堆物 w77",
    "area=310101002", "area=310101002001001", "open=true&category=0203&area=310101004&q=楼道",
)  # fmt: skip


@pytest.fixture(scope="module")
async def crowded(databases: Databases) -> AsyncIterator[Database]:
    """A database with thousands of cases."""
    template = await asyncio.to_thread(databases.template, "grid_filled", fill)
    async with lent_database(databases, template) as made:
        await crowd(made)
        yield made


@pytest.fixture
async def reader(crowded: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The service over the thousands."""
    with lent_app(SERVICE, database=crowded, authenticator=Callers(), clock=Clock()) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://grid.test") as made:
            yield made


async def page(client: httpx.AsyncClient, path: str, areas: str, **asked: Any) -> dict[str, Any]:
    headers = as_(Role.ACCEPTOR, subject="inspector-7", areas=areas.split())
    answer = await client.get(path, params=asked or None, headers=headers)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


@pytest.mark.parametrize("areas", AREAS)
async def test_every_list_is_served_by_an_index(
    reader: httpx.AsyncClient, crowded: Database, areas: str
) -> None:
    async with statements(crowded) as asked:
        for wanted in LISTS:
            await page(reader, f"/grid/v1/cases?{wanted}", areas)
        first = await page(reader, "/grid/v1/cases?limit=2", areas)
        if first["next"]:
            await page(reader, "/grid/v1/cases", areas, after=first["next"])
        await page(reader, "/grid/v1/queue", areas)
        await page(reader, "/grid/v1/queue?reason=overdue&reason=to_accept&area=310101003", areas)
    lists = [statement for statement, _ in asked if "FROM grid_case" in statement]
    assert len(lists) >= len(LISTS) + 3
    assert await walks(crowded, asked, "grid_case") == []


@pytest.mark.parametrize("estates", [1, 2, 20])
async def test_every_list_of_estates_is_served_by_an_index(
    reader: httpx.AsyncClient, crowded: Database, estates: int
) -> None:
    headers = bound(Role.FIRM_MANAGER, *(UUID(f"{number:032}") for number in range(estates)))
    async with statements(crowded) as asked:
        for wanted in (*LISTS, "total=true"):
            answer = await reader.get(f"/grid/v1/cases?{wanted}", headers=headers)
            assert answer.status_code == 200, answer.text
        first = (await reader.get("/grid/v1/cases?limit=2", headers=headers)).json()
        await reader.get("/grid/v1/cases", params={"after": first["next"]}, headers=headers)
    assert await walks(crowded, asked, "grid_case") == []


async def test_the_look_for_walks_sees_one(reader: httpx.AsyncClient, crowded: Database) -> None:
    async with statements(crowded) as asked:
        await page(reader, "/grid/v1/cases?total=true", "310101")
    assert len(await walks(crowded, asked, "grid_case")) == 1, "counting a whole district walks"


@pytest.mark.parametrize("wanted", ["", "open=true", "category=0202&open=false", "q=楼道", "area=310101003"])
async def test_pages_together_are_the_list(reader: httpx.AsyncClient, wanted: str) -> None:
    areas = "310101003 310101004001"
    filters = dict(pair.split("=") for pair in wanted.split("&") if pair)
    whole = await page(reader, "/grid/v1/cases", areas, **filters, limit="200")
    seen: list[str] = []
    after: dict[str, str] = {}
    while len(seen) < len(whole["items"]):
        part = await page(reader, "/grid/v1/cases", areas, **filters, **after, limit="37")
        seen += [item["id"] for item in part["items"]]
        after = {"after": part["next"]}
    assert len(seen) > 40
    assert seen[: len(whole["items"])] == [item["id"] for item in whole["items"]]
    assert len(set(seen)) == len(seen)
    times = [(item["reported_at"], item["id"]) for item in whole["items"]]
    assert times == sorted(times, reverse=True)


def way_of(statement: str) -> str:
    """How a page is found: of all that hold the words, among the latest only, or both at once."""
    if "OFFSET" in statement:
        return "rare"
    return "walked" if statement.count("LIMIT") == 2 else "latest"


@pytest.mark.parametrize(
    ("words", "areas", "ways"),
    [
        pytest.param("楼道", "310101", ["walked"], id="frequent: back in time, until the page is full"),
        pytest.param("楼道 堆物", "310101003001", ["walked", "latest"], id="frequent, but no full page"),
        pytest.param("w77", "310101", ["rare"], id="rare: by the index of words"),
        pytest.param("楼道 w77", "310101", ["rare"], id="rare together"),
        pytest.param("&", "310101", ["rare"], id="nothing to find"),
    ],
)
async def test_how_words_are_searched(
    reader: httpx.AsyncClient, crowded: Database, words: str, areas: str, ways: list[str]
) -> None:
    async with statements(crowded) as asked:
        found = await page(reader, "/grid/v1/cases", areas, q=words)
    lists = [statement for statement, _ in asked if "FROM grid_case" in statement]
    assert [way_of(statement) for statement in lists] == ways
    expected = "w77" if "w77" in words else "楼道"
    assert all(
        expected in item["description"] or item["description"].endswith(" 77") for item in found["items"]
    )


async def test_pages_stay_whole_while_cases_come_in(desk: Desk) -> None:
    first = [str(await desk.report()) for _ in range(5)]  # all at one moment: the id decides
    seen: list[str] = []
    after: str | None = None
    for _ in range(3):
        asked = {"limit": "2"} | ({"after": after} if after else {})
        part = await page(desk.client, "/grid/v1/cases", "310101", **asked)
        seen += [item["id"] for item in part["items"]]
        after = part["next"]
        desk.clock.tick()
        await desk.report()
        await desk.step(UUID(first[0]), "supplement", {"text": "又新增一处"})
    assert seen == sorted(first, reverse=True)
    assert after is None


async def test_the_totals_only_on_request(desk: Desk) -> None:
    await desk.report()
    assert (await page(desk.client, "/grid/v1/cases", "310101"))["total"] is None
    assert (await page(desk.client, "/grid/v1/cases?total=true", "310101"))["total"] == 1


def permitted(role: Role) -> set[CaseAction]:
    return {action for action, permission in PERMISSIONS.items() if role in GRANTS[permission]}


async def test_allowed_actions_are_those_that_state_role_and_person_allow(desk: Desk) -> None:
    case_id = await desk.report()
    roles = (Role.ACCEPTOR, Role.DUTY_CHIEF, Role.DISPATCHER, Role.LEADER)
    for role in roles:
        shown = await desk.read(case_id, role, subject=f"{role}-9")
        expected = permitted(role) & LIFE.allowed(CaseState.REPORTED)
        # What belongs to who reported it, and what only goes with a report.
        expected -= {CaseAction.CORRECT, CaseAction.WITHDRAW, CaseAction.SELF_HANDLE, *AFTERWARDS}
        assert shown["allowed_actions"] == sorted(expected), role
    own = await desk.read(case_id, Role.INSPECTOR, subject=REPORTER)
    assert {"correct", "withdraw"} <= set(own["allowed_actions"])
    assert (own["mine"], (await desk.read(case_id))["mine"]) == (True, False)


async def test_nobody_is_offered_to_check_or_close_what_they_handled(desk: Desk) -> None:
    case_id = await desk.answered()
    await desk.assign_check(case_id)
    assert "pass-check" not in (await desk.read(case_id, Role.INSPECTOR, subject=HANDLER))["allowed_actions"]
    await desk.step(case_id, "check", {"passed": True, "note": "已清理"})
    both = await desk.read(case_id, Role.INSPECTOR, Role.DUTY_CHIEF, subject=HANDLER)
    assert "close" not in both["allowed_actions"]
    assert "close" in (await desk.read(case_id, Role.DUTY_CHIEF))["allowed_actions"]


async def test_what_is_offered_is_what_works(desk: Desk) -> None:
    """Every step that a colleague's claim forbids is offered to nobody else."""
    case_id = await desk.report()
    claimed = await desk.post(case_id, "claim", role=Role.ACCEPTOR, subject="acceptor-1")
    assert claimed.status_code == 200
    mine = await desk.read(case_id, Role.ACCEPTOR, subject="acceptor-1")
    other = await desk.read(case_id, Role.ACCEPTOR, subject="acceptor-2")
    assert "accept" in mine["allowed_actions"]
    assert "accept" not in other["allowed_actions"]
