"""A platform of the test's own, as `make run` starts it; people over a stand-in for one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from libs.common.http.dev_tokens import DevIssuer
from services.demo.client import Client
from services.demo.people import People
from tests.chaos.conftest import platform, prepared

__all__ = ["platform", "prepared"]

Handler = Callable[[httpx.Request], httpx.Response]
Cast = Callable[[Handler], People]


@pytest.fixture
async def cast(tmp_path: Path) -> AsyncIterator[Cast]:
    """`cast(handler)`: people whose requests the handler answers."""
    issuer = DevIssuer.open(tmp_path, issuer="https://id.example", audience="jiayuan")
    opened: list[httpx.AsyncClient] = []

    def made(handler: Handler) -> People:
        http = httpx.AsyncClient(transport=httpx.MockTransport(handler), base_url="http://jiayuan.test")
        opened.append(http)
        return People(Client(http), issuer)

    yield made
    for http in opened:
        await http.aclose()
