"""Hostile uploads to every service: refused, or only the picture is left of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import httpx
import pytest

from libs.common.db import Database
from libs.common.media.store import MediaStore, digest
from libs.common.policy import Principal, Role
from libs.common.settings import Settings
from tests.authorisation.access import SERVICES
from tests.authorisation.places import Named
from tests.common.media.hostile import POLYGLOTS, REFUSED, TRACES
from tests.common.media.pictures import jpeg
from tests.grid.factories import Clock
from tests.support.apps import lent_app

UPLOADER = {
    "grid": Role.INSPECTOR,
    "tasks": Role.UNIT_CLERK,
    "disputes": Role.MEDIATOR,
    "targets": Role.UNIT_CLERK,
}


@dataclass
class Door:
    """A service's media, as one of its people meets them."""

    service: str
    client: httpx.AsyncClient
    store: MediaStore

    async def upload(self, content: bytes, kind: str, name: str = "") -> httpx.Response:
        """Upload it under its own hash, unless another is given."""
        headers = {"content-type": kind}
        return await self.client.put(self.path(name or digest(content)), content=content, headers=headers)

    def path(self, name: str) -> str:
        """Where the photo is."""
        return f"/{self.service}/v1/media/{name}"


@pytest.fixture(params=SERVICES, ids=lambda service: service.name)
async def door(
    request: pytest.FixtureRequest, new_database: Callable[[str], Awaitable[str]]
) -> AsyncIterator[Door]:
    """Each service in turn."""
    service, named, store = request.param, Named(), MediaStore.open("memory:///")
    database = Database(await new_database(service.name), pool_size=2)
    person = Principal("uploader-1", "n", frozenset({UPLOADER[service.name]}), ("31",))
    settings = Settings(media_limit=1 << 20)
    with lent_app(
        service, database=database, authenticator=named, clock=Clock(), store=store, settings=settings
    ) as app:
        transport, headers = httpx.ASGITransport(app=app), named.headers(person)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://door.test", headers=headers
        ) as client:
            yield Door(service.name, client, store)
    await database.close()


async def test_what_is_no_picture_is_refused_and_not_kept(door: Door) -> None:
    taken = []
    for name, bad in REFUSED.items():
        answer = await door.upload(bad.content, bad.kind)
        if (answer.status_code, answer.json()["code"]) != (bad.status, bad.code):
            taken.append(f"{name}: {answer.status_code} {answer.text}")
        if await door.store.get(door.service, digest(bad.content)) is not None:
            taken.append(f"{name}: kept")
    assert taken == []


async def test_of_what_is_two_things_only_the_picture_is_left(door: Door) -> None:
    for name, (content, kind) in POLYGLOTS.items():
        answer = await door.upload(content, kind)
        assert answer.status_code == 201, f"{name}: {answer.text}"
        shown = await door.client.get(door.path(digest(content)))
        assert [trace for trace in TRACES if trace in shown.content] == [], name
        assert shown.headers["content-type"] == kind
        assert shown.headers["content-disposition"].startswith("attachment"), name
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in shown.headers["content-security-policy"]


async def test_sizes_and_names_are_bounded(door: Door) -> None:
    large = await door.upload(jpeg() + b"\0" * (1 << 20), "image/jpeg")
    assert (large.status_code, large.json()["code"]) == (413, "body-too-large")
    another = await door.upload(jpeg(), "image/jpeg", name="0" * 64)
    assert (another.status_code, another.json()["code"]) == (422, "media-hash-mismatch")
    for name in ("..%2F..%2Fetc%2Fpasswd", "A" * 64, "0" * 65, "%00" * 64):
        answer = await door.upload(jpeg(), "image/jpeg", name=name)
        assert answer.status_code in {400, 404, 422}, name
        assert answer.headers["content-type"] == "application/problem+json"
