"""Every operation asks for its permission, for every role, before anything else.

Who ought to hold it, and what follows from place and person, stands in `tests/authorisation`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from datetime import datetime

import httpx
import pytest

from libs.common.db import Database
from libs.common.http.app import Platform, combine, create_app
from libs.common.http.faults import Unauthenticated
from libs.common.policy import GRANTS, OPEN, Principal, Role
from libs.common.settings import Settings
from services.cli import SERVICES
from tests.common.http.documents import operations

OPEN_OPERATIONS = {
    "GET /grid/v1/public/progress/{number}",
    "GET /grid/v1/public/cases",
    "GET /grid/v1/public/enforcements",
    "GET /grid/v1/public/counts",
    "GET /grid/v1/public/studios",
    "GET /grid/v1/public/links/{token}",
    "POST /grid/v1/public/links/{token}/rate",
}
"""Written by hand: what can be had without signing in."""
ID = "0199f0c2-7d1e-7c3a-9b1f-2f6f0a9f7e11"
PEOPLE = [role for role in Role if role is not Role.SYSTEM]


class ByHeader:
    """Lets the header say the role: who may do what is tested here, not who is who."""

    async def authenticate(self, headers: Mapping[str, str], now: datetime) -> Principal:
        """The caller that the headers name."""
        if "x-role" not in headers:
            raise Unauthenticated(absent=True)
        scopes = frozenset(headers.get("x-scopes", "").split())
        return Principal("matrix", "n", frozenset({Role(headers["x-role"])}), ("31",), scopes=scopes)


@pytest.fixture(scope="module")
def platform() -> Platform:
    """Every service, with no database behind: a refusal needs none."""
    nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    return combine(
        [
            create_app(service, settings=Settings(), database=nowhere, authenticator=ByHeader())
            for service in SERVICES.values()
        ]
    )


@pytest.fixture(scope="module")
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(platform)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


def requests(platform: Platform) -> list[tuple[str, str, frozenset[Role], list[str]]]:
    """Method, path, the roles that may, the permissions: of every operation that is not open to everybody."""
    made = []
    for name, operation in operations(platform.openapi()):
        if name in OPEN_OPERATIONS:
            continue
        method, path = name.split()
        permissions = operation["x-permission"]
        allowed = frozenset().union(*(GRANTS[permission] for permission in permissions))
        made.append((method, re.sub(r"\{\w+\}", ID, path), allowed, permissions))
    return made


async def test_nobody_comes_in_unknown(platform: Platform, client: httpx.AsyncClient) -> None:
    for method, path, _, _ in requests(platform):
        assert (await client.request(method, path)).status_code == 401, path


async def test_what_is_written_here_is_open_and_nothing_else(
    platform: Platform, client: httpx.AsyncClient
) -> None:
    told = dict(operations(platform.openapi()))
    assert {name for name, one in told.items() if OPEN & set(one["x-permission"])} == OPEN_OPERATIONS
    assert {name for name, one in told.items() if not one["security"]} == OPEN_OPERATIONS
    for name in OPEN_OPERATIONS:
        method, path = name.split()
        asked = {"area": "310101002", "month": "2026-11"}
        path = path.replace("{number}", "0000-000-0000-000").replace("{token}", "A" * 22)
        body = {"satisfaction": "satisfied"} if method == "POST" else None
        answer = await client.request(method, path, params=asked, json=body)
        assert answer.status_code in {404, 503}, answer.text  # there is no database: it was let in


@pytest.mark.parametrize("role", PEOPLE)
async def test_a_role_may_what_it_is_granted_and_nothing_else(
    platform: Platform, client: httpx.AsyncClient, role: Role
) -> None:
    for method, path, allowed, permissions in requests(platform):
        answer = await client.request(method, path, headers={"X-Role": role})
        refused = answer.status_code == 403
        assert refused == (role not in allowed), f"{role} {method} {path} {permissions}"
        assert not refused or answer.json()["code"] == "not-permitted"


async def test_a_system_may_what_its_key_says(platform: Platform, client: httpx.AsyncClient) -> None:
    for method, path, allowed, permissions in requests(platform):
        without = await client.request(method, path, headers={"X-Role": Role.SYSTEM})
        assert without.status_code == 403, path
        given = {"X-Role": Role.SYSTEM, "X-Scopes": " ".join(permissions)}
        scoped = await client.request(method, path, headers=given)
        assert (scoped.status_code == 403) == (Role.SYSTEM not in allowed), f"{method} {path} {permissions}"


def test_every_permission_is_asked_for_somewhere(platform: Platform) -> None:
    asked = {permission for *_, permissions in requests(platform) for permission in permissions}
    offered = {name for name in GRANTS if name.split(".")[0] in SERVICES}
    assert asked <= offered
