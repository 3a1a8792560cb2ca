"""A caller's share, and how much one request may ask, at every service's door."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from libs.common.db import Database
from libs.common.http.limits import ADDRESS_LIMIT, BURST_SECONDS, HEADERS_LIMIT, PARAMETERS_LIMIT
from libs.common.http.paging import MOST
from libs.common.http.parsing import JSON_DEPTH
from libs.common.ids import new_id
from libs.common.policy import Principal, Role
from libs.common.service import Service
from libs.common.settings import Settings
from tests.authorisation.access import SERVICES
from tests.authorisation.places import Named
from tests.grid.factories import Clock
from tests.support.apps import lent_app

PER_SECOND = 0.3
"""So little that three requests are a whole burst."""
SHARE = round(PER_SECOND * BURST_SECONDS)


@dataclass
class Door:
    """A service as its administrators meet it, each under a name of their own."""

    service: str
    client: httpx.AsyncClient
    named: Named = field(default_factory=Named)

    async def ask(self, who: str, path: str = "/api-keys", **more: Any) -> httpx.Response:
        """Read, or whatever `method` says."""
        headers = self.who(who) | more.pop("headers", {})
        url = f"/{self.service}/v1{path}"
        return await self.client.request(more.pop("method", "GET"), url, headers=headers, **more)

    def who(self, name: str) -> dict[str, str]:
        """Headers of an administrator of the city, with a fresh key."""
        person = Principal(name, "n", frozenset({Role.ADMINISTRATOR}), ("31",))
        return self.named.headers(person) | {"idempotency-key": str(new_id())}

    async def deny(self, raw: bytes, **headers: str) -> httpx.Response:
        """Send this as the body of a command."""
        told = {"content-type": "application/json"} | headers
        return await self.ask("a", "/denials", method="POST", content=raw, headers=told)


@pytest.fixture(params=SERVICES, ids=lambda service: service.name)
def service(request: pytest.FixtureRequest) -> Service:
    """Each service in turn."""
    found: Service = request.param
    return found


@pytest.fixture
async def database(
    service: Service, new_database: Callable[[str], Awaitable[str]]
) -> AsyncIterator[Database]:
    """Its database, empty."""
    made = Database(await new_database(service.name), pool_size=1)
    yield made
    await made.close()


@pytest.fixture
async def door(service: Service, database: Database, settings: Settings) -> AsyncIterator[Door]:
    """The service over HTTP."""
    named = Named()
    with lent_app(service, database=database, authenticator=named, clock=Clock(), settings=settings) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://door.test") as client:
            yield Door(service.name, client, named)


class TestShares:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(requests_per_second=PER_SECOND)

    async def test_who_asks_too_often_waits(self, door: Door) -> None:
        answers = [await door.ask("busy") for _ in range(4 * SHARE)]
        statuses = [answer.status_code for answer in answers]
        assert (statuses[:SHARE], set(statuses)) == ([200] * SHARE, {200, 429})
        told = answers[statuses.index(429)]
        assert told.json()["code"] == "too-many-requests"
        assert told.headers["content-type"] == "application/problem+json"
        assert 1 <= int(told.headers["retry-after"]) <= 4
        assert (await door.ask("another")).status_code == 200
        assert (await door.client.get("/healthz")).status_code == 200

    async def test_refusals_count_too(self, door: Door) -> None:
        path = f"/api-keys/{new_id()}/revoke"
        tried = [(await door.ask("guesser", path, method="POST")).status_code for _ in range(4 * SHARE)]
        assert (tried[:SHARE], set(tried)) == ([404] * SHARE, {404, 429})


class TestSizes:
    @pytest.fixture
    def settings(self) -> Settings:
        return Settings()

    async def test_by_default_there_is_no_share(self, door: Door) -> None:
        assert {(await door.ask("busy")).status_code for _ in range(60)} == {200}

    @pytest.mark.parametrize(
        ("raw", "status", "code"),
        [
            (b'{"kind": "sub", "value": "' + b"x" * Settings().body_limit + b'"}', 413, "body-too-large"),
            (b'{"value": ' + b"[" * JSON_DEPTH + b"]" * JSON_DEPTH + b"}", 400, "malformed-json"),
            (b"[" * 100_000, 400, "malformed-json"),
            (b'{"a":' * 100_000, 400, "malformed-json"),
            (b'{"kind": "sub", "value": ' + b"9" * 100_000 + b"}", 400, "malformed-json"),
        ],
        ids=["bytes", "one level too deep", "bottomless list", "bottomless object", "endless number"],
    )
    async def test_bodies(self, door: Door, raw: bytes, status: int, code: str) -> None:
        answer = await door.deny(raw)
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    async def test_compressed_bodies_are_not_opened(self, door: Door) -> None:
        answer = await door.deny(b"\x1f\x8b\x08\x00", **{"content-encoding": "gzip"})
        assert answer.status_code in {400, 415}

    async def test_lists(self, door: Door) -> None:
        wide = {"name": "n", "scopes": ["x"] * 101}
        answer = await door.ask("a", f"/api-keys/{new_id()}", method="PUT", json=wide)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "too_long")

    @pytest.mark.parametrize("limit", ["0", "-1", str(MOST + 1), "1e9", "x", "9" * 30])
    async def test_pages(self, door: Door, limit: str) -> None:
        answer = await door.ask("a", params={"limit": limit})
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "limit")

    async def test_heads(self, door: Door) -> None:
        many = "&".join(f"a{number}=1" for number in range(PARAMETERS_LIMIT + 1))
        found = [
            await door.ask("a", "/api-keys?x=" + "a" * ADDRESS_LIMIT),
            await door.ask("a", f"/api-keys?{many}"),
            await door.ask("a", headers={"x-large": "a" * HEADERS_LIMIT}),
        ]
        assert [answer.status_code for answer in found] == [414, 400, 431]
        assert {answer.headers["content-type"] for answer in found} == {"application/problem+json"}
