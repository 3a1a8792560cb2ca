"""The platform of docker-compose.yml works, and goes on while one service is away."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from functools import partial
from random import Random
from typing import Any

import httpx
import pytest
from rich.console import Console

from libs.common.contracts import TOPICS
from libs.common.db import Database
from libs.common.embedded.running import references_of
from libs.common.embedded.topics import Acl, Endpoint, list_acls
from libs.common.events.arrival import known, published
from libs.common.events.topics import access_rules
from libs.common.http.dev_tokens import DevIssuer
from libs.common.http.problems import MEDIA_TYPE
from services.cli import SERVICES
from services.demo import disputes, targets
from services.demo.book import Book, Story
from services.demo.cases import Case
from services.demo.client import Client, awaited
from services.demo.day import Day
from services.demo.main import Played, play
from services.demo.people import People
from services.demo.screen import Screen
from services.demo.tasks import TASKS, Work
from tests.chaos.conftest import Note
from tests.compose.deployment import Deployment

ARRIVAL_SECONDS = 600.0
AWAY = "业务服务停机 while a service is away"
SERVED_BY_THE_DOOR = 3
"""Which of the journeys of disputes begins and ends in disputes alone."""
SWEEP_SECONDS = 15.0
"""A worker's sweeps begin a few seconds after its start."""


@pytest.fixture
async def http(platform: Deployment) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the gateway."""
    async with httpx.AsyncClient(base_url=platform.url, timeout=30) as client:
        yield client


@pytest.mark.kafka
@pytest.mark.timeout(1800)
async def test_five_stories_and_a_service_that_is_away(
    platform: Deployment, http: httpx.AsyncClient, issuer: DevIssuer, note: Note
) -> None:
    figures = [f"up {max(platform.took.values()):.0f} s"]
    assert await asyncio.to_thread(granted, platform) == set(access_rules(TOPICS.values(), list(SERVICES)))
    figures.append(f"reference data {await arrived(platform):.0f} s")
    await the_pages_are_there(http)

    said = io.StringIO()
    played = await play(http, issuer, 1, 0, Screen(Console(file=said, width=160)))
    assert played.adds_up, said.getvalue() + told(platform)
    assert {service for counted in played.book.happened.values() for service, _ in counted} == set(SERVICES)
    figures.append(f"the day {played.seconds:.0f} s")

    began = time.monotonic()
    await one_is_away(platform, http, issuer)
    figures.append(f"away {time.monotonic() - began:.0f} s")
    assert await recounted(played) == [], "the day still adds up"
    assert parked(platform) == {}
    note("figures", f"compose: {', '.join(figures)}")


def granted(platform: Deployment) -> set[Acl]:
    """What the broker allows, as its administrator sees it."""
    password = platform.parts["topics"].secrets["jiayuan_kafka_password"].read_text()
    bootstrap = f"127.0.0.1:{platform.places.ports['kafka', 9092]}"
    return list_acls(Endpoint(bootstrap, "admin", password))


async def arrived(platform: Deployment) -> float:
    """Wait until every service knows the reference data of the others; answers the seconds."""
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        opened = {name: Database(platform.database_url(name), pool_size=1) for name in SERVICES}
        for database in opened.values():
            stack.push_async_callback(database.close)
        while missing := [name for name in SERVICES if not await _knows(name, opened)]:
            assert time.monotonic() - began < ARRIVAL_SECONDS, f"{missing}\n{told(platform)}"
            await asyncio.sleep(0.5)
    return time.monotonic() - began


async def _knows(reader: str, opened: Mapping[str, Database]) -> bool:
    for owner, topics in references_of(SERVICES[reader], SERVICES).items():
        there = await opened[owner].read(partial(published, topics=topics))
        here = await opened[reader].read(partial(known, consumer=reader, topics=topics))
        if there != here:
            return False
    return True


async def the_pages_are_there(http: httpx.AsyncClient) -> None:
    """The document is that of all services, and each has pages of its own."""
    document = (await http.get("/openapi.json")).json()
    assert {path.split("/")[1] for path in document["paths"]} == set(SERVICES)
    for path in ("/docs", "/docs/assets/swagger-ui.css", *(f"/{service}/docs" for service in SERVICES)):
        assert (await http.get(path)).status_code == httpx.codes.OK, path
    answer = await http.get("/grid/v1/cases")
    assert (answer.status_code, answer.headers["content-type"]) == (401, MEDIA_TYPE)


async def one_is_away(platform: Deployment, http: httpx.AsyncClient, issuer: DevIssuer) -> None:
    """`tasks` is killed; the others go on, the wait is seen, and what waited is done when it is back."""
    day = Day(People(Client(http), issuer), Book(), Random())
    await day.look_round()
    story = Story(AWAY, day.book)
    case = Case(day, story, day.places[0], 0)

    await asyncio.to_thread(platform.kill, "tasks-api", "tasks-worker")
    answer = await http.get("/tasks/v1/units")
    assert (answer.status_code, answer.json()["code"]) == (503, "service-unavailable")

    unit = await sent_to_a_unit(case)
    await disputes.journey(day, story, SERVED_BY_THE_DOOR)
    for work in await targets.begin(day, 1):
        await targets.journey(day, story, work)
    await seen_by_the_dispatcher(platform, case)

    await asyncio.to_thread(back, platform)
    work_of_unit = Work(day, story, unit)
    await work_of_unit.of_case(case.id, (await case.read())["number"])
    await work_of_unit.sign()
    await awaited("the unit has signed", lambda: _off_the_list(case))
    await work_of_unit.answer()
    await case.until("checking")
    await case.check(passed=True)
    await case.close()
    assert [line for line in await day.book.recount() if not line.adds_up] == []
    # The words of one number may stand in two numbers of another task.
    found = await work_of_unit.clerk.get(TASKS, q=(await case.read())["number"])
    subjects = [task["subject_id"] for task in found["items"]]
    assert subjects.count(case.id) == 1, "one task, and no second one"


def back(platform: Deployment) -> None:
    """What was killed is started again, as the file's `restart: unless-stopped` would."""
    for name in ("tasks-worker", "tasks-api"):
        assert platform.parts[name].said["restart"] == "unless-stopped"
        platform.start(name)


async def sent_to_a_unit(case: Case) -> str:
    """Reported, accepted, filed and dispatched; answers the unit, which cannot have heard of it yet."""
    photo = await case.inspector.photo("grid", case.day.random)
    await case.report(case.inspector, "inspector", photos=[photo])
    await case.accept()
    await case.file()
    unit: str = (await case.dispatcher.get(f"{case.path}/proposed-units"))["items"][0]["unit_id"]
    await case.dispatcher.step(case.path, "dispatch", unit_id=unit)
    return unit


async def seen_by_the_dispatcher(platform: Deployment, case: Case) -> None:
    """Hours later the case is on the queue as unsigned.

    The hours pass by setting the wait's end to now. The worker is started anew, as after an update, since its
    sweeps begin at its start: the first marks the wait, the second puts it on the list.
    """
    passed = f"UPDATE outgoing_handover SET wait_until = now() WHERE subject_id = '{case.id}' RETURNING id"
    assert len(await asyncio.to_thread(platform.postgres.run_sql, passed, "grid")) == 1
    for _ in range(2):
        await asyncio.to_thread(platform.restart, "grid-worker")
        deadline = time.monotonic() + SWEEP_SECONDS
        while time.monotonic() < deadline:
            if await _listed(case):
                return
            await asyncio.sleep(0.5)
    await awaited(f"case {case.id} on the list", lambda: _if(_listed(case)))


async def _listed(case: Case) -> bool:
    rows = await case.dispatcher.every("/grid/v1/queue", reason="unsigned", area=case.place.district)
    return case.id in [row["id"] for row in rows]


async def _if(question: Any) -> bool | None:
    return (await question) or None


async def _off_the_list(case: Case) -> bool | None:
    return None if await _listed(case) else True


async def recounted(played: Played) -> list[str]:
    """Lines of the day that do not add up any more."""
    return [line.what for line in await played.book.recount() if not line.adds_up]


def parked(platform: Deployment) -> dict[str, list[Any]]:
    """What a service could not apply, by service."""
    sql = "SELECT topic, reason FROM parked_message"
    found = {name: platform.postgres.run_sql(sql, name) for name in SERVICES}
    return {name: rows for name, rows in found.items() if rows}


def told(platform: Deployment) -> str:
    """The ends of all outputs, for a failure."""
    return "\n".join(f"-- {name}\n{platform.said(name)}" for name in platform.parts)
