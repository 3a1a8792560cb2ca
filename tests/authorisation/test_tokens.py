"""Forged tokens at every service's door."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from libs.common.db import Database
from libs.common.http.auth import doorkeeper
from libs.common.http.keys import KeySet
from libs.common.ids import new_id
from libs.common.settings import Settings
from tests.authorisation.access import SERVICES
from tests.authorisation.forgery import Forger
from tests.grid.factories import Clock
from tests.support.apps import lent_app

OPEN = {"grid": "/rules", "tasks": "/units", "disputes": "/rules", "targets": "/rules"}
"""What every role reads."""


@pytest.fixture(scope="module")
def forger() -> Forger:
    return Forger(Clock().now)


@pytest.fixture(params=SERVICES, ids=lambda service: service.name)
async def door(
    request: pytest.FixtureRequest, forger: Forger, new_database: Callable[[str], Awaitable[str]]
) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """The service as it runs, and the path of what every role reads."""
    service = request.param
    database = Database(await new_database(service.name), pool_size=1)
    keeper = doorkeeper(Settings(), database, KeySet(forger.jwks))
    with lent_app(service, database=database, authenticator=keeper, clock=Clock()) as app:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://door.test") as client:
            yield client, f"/{service.name}/v1{OPEN[service.name]}"
    await database.close()


async def test_every_forged_token_is_refused(door: tuple[httpx.AsyncClient, str], forger: Forger) -> None:
    client, path = door
    good = await client.get(path, headers={"authorization": f"Bearer {forger.good()}"})
    assert good.status_code == 200, good.text
    opened, told = [], set()
    for name, token in forger.hostile().items():
        answer = await client.get(path, headers={"authorization": f"Bearer {token}"})
        if answer.status_code != 401:
            opened.append(f"{name}: {answer.status_code} {answer.text}")
        told.add(answer.json()["detail"])
    assert opened == []
    assert len(told) == 2, "the answer says only whether a token has expired"


async def test_a_refused_token_opens_nothing_that_changes(
    door: tuple[httpx.AsyncClient, str], forger: Forger
) -> None:
    client, path = door
    service = path.split("/")[1]
    raised = forger.signed(forger.thief, said=forger.claims(roles=["administrator"]))
    headers = {"authorization": f"Bearer {raised}", "idempotency-key": str(new_id())}
    answer = await client.post(
        f"/{service}/v1/denials", json={"kind": "sub", "value": "somebody"}, headers=headers
    )
    assert (answer.status_code, answer.headers["www-authenticate"].split()[0]) == (401, "Bearer")


@pytest.mark.parametrize(
    "headers",
    [
        {"x-api-key": "jy_" + "0" * 32 + "_" + "A" * 43},
        {"x-api-key": "jy_' OR 1=1 --"},
        {"authorization": "ApiKey jy_" + "0" * 32 + "_" + "A" * 43},
        {"authorization": "Basic YWRtaW46YWRtaW4="},
        {"authorization": "Bearer a.b.c", "x-api-key": "b"},
    ],
    ids=["unknown key", "injection", "unknown key by scheme", "basic", "two at once"],
)
async def test_what_is_no_key_opens_nothing(
    door: tuple[httpx.AsyncClient, str], headers: dict[str, str]
) -> None:
    client, path = door
    assert (await client.get(path, headers=headers)).status_code == 401
