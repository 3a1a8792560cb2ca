"""Administration of keys and the deny list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from libs.common.db import Database
from libs.common.events.models import ToolboxBase
from libs.common.http.access import access_router
from libs.common.http.app import create_app
from libs.common.http.auth import Doorkeeper
from libs.common.http.models import Denial, StoredAnswer
from libs.common.ids import new_id
from libs.common.policy import Role
from libs.common.service import Service
from libs.common.settings import Settings
from tests.common.http.conftest import Clock
from tests.common.http.test_route import key

KEYS = "/grid/v1/api-keys"


@pytest.fixture
async def admin(
    database: Database,
    settings: Settings,
    keeper: Doorkeeper,
    clock: Clock,
    bearer: Callable[[Role], dict[str, str]],
) -> AsyncIterator[httpx.AsyncClient]:
    made = Service("grid", "网格", "Grid", ToolboxBase.metadata, routers=(access_router("grid"),))
    app = create_app(made, settings=settings, database=database, authenticator=keeper, clock=clock)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers=bearer(Role.ADMINISTRATOR)
    ) as client:
        yield client


def order(**more: Any) -> dict[str, Any]:
    return {"name": "热线", "scopes": ["grid.case.read"], "areas": ["310107"], **more}


async def test_the_secret_is_told_once_and_kept_nowhere(
    admin: httpx.AsyncClient, database: Database, keeper: Doorkeeper, clock: Clock
) -> None:
    path = f"{KEYS}/{new_id()}"
    made = await admin.put(path, json=order())
    assert made.status_code == 201, made.text
    again = await admin.put(path, json=order())
    assert (again.status_code, again.json()["key"]) == (200, None)
    known = await keeper.authenticate({"x-api-key": made.json()["key"]}, clock.now)
    assert (known.areas, known.scopes) == (("310107",), frozenset({"grid.case.read"}))
    async with database.sessions() as session:
        assert (await session.scalars(select(StoredAnswer))).all() == []


@pytest.mark.parametrize(
    "more, code, pointer",
    [
        ({"scopes": ["grid.case.accept"]}, "scope-unknown", "/scopes/0"),
        ({"scopes": ["grid.case.read", "tasks.task.read"]}, "scope-unknown", "/scopes/1"),
        ({"scopes": ["nothing"]}, "scope-unknown", "/scopes/0"),
        ({"areas": ["320101"]}, "area-outside-scope", "/areas/0"),
        ({"areas": ["x"]}, "content-invalid", "/areas/0"),
        ({"scopes": []}, "content-invalid", "/scopes"),
    ],
)
async def test_no_more_than_may_be_given(
    admin: httpx.AsyncClient, more: dict[str, Any], code: str, pointer: str
) -> None:
    answer = await admin.put(f"{KEYS}/{new_id()}", json=order(**more))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_list_and_revoke(admin: httpx.AsyncClient, keeper: Doorkeeper) -> None:
    texts = {}
    for _ in range(3):
        made = (await admin.put(f"{KEYS}/{new_id()}", json=order())).json()
        texts[made["id"]] = made["key"]
    first = (await admin.get(f"{KEYS}?limit=2")).json()
    rest = (await admin.get(f"{KEYS}?limit=2&after={first['next']}")).json()
    assert [row["id"] for row in first["items"] + rest["items"]] == sorted(texts)
    assert "secret" not in str(first)
    revoked = await admin.post(f"{KEYS}/{first['items'][0]['id']}/revoke", headers=key())
    assert revoked.json()["revoked_at"]
    assert (await admin.post(f"{KEYS}/{new_id()}/revoke", headers=key())).status_code == 404


async def test_denials(admin: httpx.AsyncClient, database: Database) -> None:
    made = await admin.post("/grid/v1/denials", json={"kind": "sub", "value": "someone"}, headers=key())
    assert made.status_code == 201
    wrong = await admin.post("/grid/v1/denials", json={"kind": "x", "value": "y"}, headers=key())
    assert wrong.status_code == 422
    async with database.sessions() as session:
        (row,) = (await session.scalars(select(Denial))).all()
    assert (row.kind, row.value, row.by) == ("sub", "someone", "demo:administrator")


async def test_only_administrators(
    admin: httpx.AsyncClient, bearer: Callable[[Role], dict[str, str]]
) -> None:
    assert (await admin.get(KEYS, headers=bearer(Role.LEADER))).status_code == 403
