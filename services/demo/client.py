"""The client 客户端: requests with bounded concurrency and pace, repeated while the platform is busy."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from libs.common.ids import new_id

TRIES = 8
BUSY = frozenset({429, 502, 503, 504})
WAIT_SECONDS = 120.0
"""How long what one service tells another may take to arrive."""
SWEEP_SECONDS = 240.0
"""How long what a sweep does may take: reports are expected, and lights looked at, once a minute at most."""
LOOK_SECONDS = 1.0
"""Longest pause between two looks."""

T = TypeVar("T")


class Refused(Exception):
    """The platform did not take a request; `code` is the problem's own."""

    def __init__(self, what: str, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        super().__init__(f"{what}: {status} {self.code} {problem.get('detail', '')}")


class Late(Exception):
    """Something did not arrive in time."""


@dataclass(frozen=True)
class Answer:
    """What a request was answered; `version` is the record's, from the ETag."""

    body: Any
    version: int | None


@dataclass
class Pace:
    """At most so many steps a second, over all stories; 0 = as fast as it goes."""

    per_second: float = 0
    _next: float = 0.0

    async def turn(self) -> None:
        """Wait for the next step's turn."""
        if self.per_second > 0:
            now = time.monotonic()
            self._next = max(self._next, now) + 1 / self.per_second
            await asyncio.sleep(self._next - now)


@dataclass
class Client:
    """The platform over HTTP. `calls` counts the requests that it answered."""

    http: httpx.AsyncClient
    pace: Pace = field(default_factory=Pace)
    at_once: int = 24
    calls: int = 0

    def __post_init__(self) -> None:
        self._gate = asyncio.Semaphore(self.at_once)

    async def send(self, method: str, path: str, token: str, **request: Any) -> Answer:
        """Send until there is an answer; a change keeps its idempotency key. Raises `Refused`, `Late`."""
        headers = {"Authorization": f"Bearer {token}", **request.pop("headers", {})}
        if method == "POST":
            headers["Idempotency-Key"] = str(new_id())
        if method != "GET":
            await self.pace.turn()
        for tried in range(TRIES):
            response = await self._once(method, path, headers, request)
            if response is not None and response.status_code not in BUSY:
                self.calls += 1
                return _answer(f"{method} {path}", response)
            await asyncio.sleep(min(0.1 * 2**tried, 5))
        raise Late(f"{method} {path}: no answer after {TRIES} tries")

    async def _once(
        self, method: str, path: str, headers: Mapping[str, str], request: Mapping[str, Any]
    ) -> httpx.Response | None:
        async with self._gate:
            try:
                return await self.http.request(method, path, headers=headers, **request)
            except httpx.TransportError:
                return None


def _answer(what: str, response: httpx.Response) -> Answer:
    kind = response.headers.get("content-type", "")
    body = response.json() if response.content and "json" in kind else None
    if not response.is_success:
        raise Refused(what, response.status_code, body or {})
    tag = response.headers.get("etag", "").strip('"')
    version = int(tag) if tag.isdigit() else (body or {}).get("version") if isinstance(body, dict) else None
    return Answer(body, version)


async def awaited(what: str, look: Callable[[], Awaitable[T | None]], seconds: float = WAIT_SECONDS) -> T:
    """Look until there is something: what another service tells needs a moment. Raises `Late`."""
    deadline = time.monotonic() + seconds
    pause = 0.1
    while True:
        found = await look()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise Late(f"{what}: not there after {seconds:.0f} s")
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LOOK_SECONDS)
