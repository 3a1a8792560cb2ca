"""What the client repeats, what it refuses, how it keeps its pace."""

from __future__ import annotations

import time
from random import Random

import httpx
import pytest

from libs.common.policy import Role
from services.demo.client import Late, Pace, Refused, awaited
from tests.demo.conftest import Cast


async def test_a_busy_platform_is_asked_again_under_the_same_key(cast: Cast) -> None:
    keys: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        return httpx.Response(503 if len(keys) == 1 else 200, json={"done": True})

    person = cast(handler).one(Role.DISPATCHER, "310107")
    assert await person.post("/grid/v1/anything") == {"done": True}
    assert len(keys) == 2
    assert len(set(keys)) == 1


async def test_a_lost_answer_is_asked_for_again(cast: Cast) -> None:
    calls = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise httpx.ConnectError("gone")
        return httpx.Response(200, json={"items": []})

    assert await cast(handler).one(Role.ACCEPTOR).get("/grid/v1/cases") == {"items": []}


async def test_a_refusal_names_the_problem(cast: Cast) -> None:
    problem = {"code": "not-found", "detail": "未找到"}
    person = cast(lambda request: httpx.Response(404, json=problem)).one(Role.ACCEPTOR)
    with pytest.raises(Refused, match=r"GET /grid/v1/x: 404 not-found 未找到") as caught:
        await person.get("/grid/v1/x")
    assert caught.value.code == "not-found"


async def test_a_step_on_an_old_version_is_taken_on_the_present_one(cast: Cast) -> None:
    sent: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(
                200, json={"version": 4 + len(sent)}, headers={"ETag": f'"{4 + len(sent)}"'}
            )
        sent.append(request.headers["If-Match"])
        if len(sent) == 1:
            return httpx.Response(412, json={"code": "stale-version"})
        return httpx.Response(200, json={"state": "signed"})

    told = await cast(handler).one(Role.UNIT_CLERK).step("/tasks/v1/tasks/1", "sign")
    assert told == {"state": "signed"}
    assert sent == ['"4"', '"5"']


async def test_every_page_of_a_list_is_read(cast: Cast) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if "after" in request.url.params:
            return httpx.Response(200, json={"items": [3], "next": None})
        return httpx.Response(200, json={"items": [1, 2], "next": "more"})

    assert await cast(handler).one(Role.ACCEPTOR).every("/grid/v1/cases") == [1, 2, 3]


async def test_a_photo_is_named_by_its_digest_and_taken_once(cast: Cast) -> None:
    seen: dict[str, bytes] = {}

    def handler(request: httpx.Request) -> httpx.Response:
        seen[request.url.path] = request.content
        return httpx.Response(201, json={})

    person, random = cast(handler).one(Role.INSPECTOR), Random(1)
    names = [await person.photo("grid", random) for _ in range(2)]
    assert list(seen) == [f"/grid/v1/media/{name}" for name in names]
    assert len(set(names)) == 2
    assert all(content.startswith(b"\xff\xd8") for content in seen.values())


async def test_the_same_person_comes_back_and_another_is_another(cast: Cast) -> None:
    people = cast(lambda request: httpx.Response(200))
    one, two = (people.one(Role.INSPECTOR, "310107005001", number=number) for number in (1, 2))
    assert one is people.one(Role.INSPECTOR, "310107005001")
    assert one.subject != two.subject


async def test_a_pace_spreads_the_steps() -> None:
    pace, began = Pace(50), time.monotonic()
    for _ in range(5):
        await pace.turn()
    assert time.monotonic() - began >= 0.1


async def test_what_does_not_come_is_late() -> None:
    async def look() -> None:
        return None

    with pytest.raises(Late, match="the moon"):
        await awaited("the moon", look, 0.0)
