"""The load 负载: writes over HTTP to all four services, each sent until it is acknowledged.

A write without an answer, or with one that says "again", is sent again as it was: the same id and body, the
same idempotency key. Bounded in count, in attempts' time and to the loopback address. What is written stands
in `journeys`.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import httpx

from tests.chaos.callers import Caller, Callers
from tests.chaos.ledger import Answer, Ledger, Write

GIVE_UP_SECONDS = 300.0
AGAIN_SECONDS = 0.1
RECEIPTS = {("grid", "report"): "receipt_number", ("disputes", "register"): "number"}
"""By service and action: where the answer of a record under an id of our own holds its receipt."""


class NeverAcknowledged(AssertionError):
    """A write was not taken for minutes, however often it was sent."""


@dataclass(frozen=True)
class Request:
    """A write as it goes over the wire, every time the same; `version`: where it expects the record."""

    write: Write
    caller: Caller
    path: str
    body: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None

    @property
    def method(self) -> str:
        """Records under an id of our own are put, everything else is posted."""
        return "PUT" if self.write.kind in RECEIPTS else "POST"


@dataclass(frozen=True)
class Took:
    """How long one acknowledged write took from its first sending, and when that was (monotonic seconds)."""

    at: float
    seconds: float
    attempts: int


@dataclass
class Load:
    """A bounded load against one platform. `acknowledged` counts writes, not answers."""

    client: httpx.AsyncClient
    urls: Mapping[str, str]
    ledger: Ledger
    callers: Callers
    random: Random
    acknowledged: int = 0
    done: list[Request] = field(default_factory=list)
    took: list[Took] = field(default_factory=list)
    pace: float = 0.0
    """Writes a second; 0 sets no limit."""
    _next: float = 0.0
    _heard: list[tuple[str, float, asyncio.Future[float]]] = field(default_factory=list)

    async def run(
        self, journey: Callable[[Load], Awaitable[None]], *, writes: int, workers: int = 8, until: Goal = None
    ) -> None:
        """Take journeys until so many writes are acknowledged, and `until`, if there is one, is done."""

        async def work() -> None:
            while self.acknowledged < goal or (until is not None and not until.done()):
                await journey(self)

        goal = self.acknowledged + writes
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(work())

    async def send(self, request: Request) -> dict[str, Any] | None:
        """Send until it is acknowledged; the answer's body, or None if it was refused.

        Raises `NeverAcknowledged` after minutes.
        """
        await self._turn()
        first = time.monotonic()
        for attempt in range(1, 1_000_000):
            self.ledger.sent(request.write)
            sent_at = time.monotonic()
            try:
                response = await self.call(request)
            except httpx.TransportError as error:
                why = type(error).__name__
            else:
                if response.is_success:
                    self.took.append(Took(first, time.monotonic() - first, attempt))
                    return self._acknowledge(request, response, sent_at)
                why = f"{response.status_code} {response.text}"
                if response.status_code < 500 and "retry-after" not in response.headers:
                    self.ledger.refused(request.write, why)
                    return None
            self.ledger.unknown(request.write, why)
            if time.monotonic() > first + GIVE_UP_SECONDS:
                raise NeverAcknowledged(f"{request.write}: at last {why}")
            await asyncio.sleep(AGAIN_SECONDS)
        raise AssertionError("unreachable")

    async def _turn(self) -> None:
        """Wait for the write's turn, if there is a pace."""
        if self.pace:
            now = time.monotonic()
            self._next = max(self._next, now) + 1 / self.pace
            await asyncio.sleep(self._next - 1 / self.pace - now)

    async def call(self, request: Request) -> httpx.Response:
        """Send it once, without a word in the ledger. Raises `httpx.TransportError`."""
        headers = {"Authorization": f"Bearer {self.callers.token(request.caller)}"}
        if request.method == "POST":
            headers["Idempotency-Key"] = str(request.write.id)
        if request.version is not None:
            headers["If-Match"] = f'"{request.version}"'
        url = self.urls[request.write.service] + request.path
        return await self.client.request(request.method, url, json=request.body, headers=headers)

    async def read(self, caller: Caller, service: str, path: str, **query: Any) -> Any:
        """Read, again and again while the platform is away. Raises `httpx.HTTPStatusError`."""
        headers = {"Authorization": f"Bearer {self.callers.token(caller)}"}
        give_up_at = time.monotonic() + GIVE_UP_SECONDS
        while True:
            try:
                response = await self.client.get(self.urls[service] + path, params=query, headers=headers)
                if response.status_code < 500 and response.status_code != 429:
                    return response.raise_for_status().json()
            except httpx.TransportError:
                pass
            if time.monotonic() > give_up_at:
                raise NeverAcknowledged(f"GET {path}")
            await asyncio.sleep(AGAIN_SECONDS)

    def _acknowledge(self, request: Request, response: httpx.Response, sent_at: float) -> dict[str, Any]:
        body: dict[str, Any] = response.json()
        answer = answer_of(request, response)
        self.ledger.acknowledged(request.write, answer)
        self.acknowledged += 1
        self.done.append(request)
        for service, since, heard in self._heard:
            if sent_at > since and service in ("", request.write.service) and not heard.done():
                heard.set_result(time.monotonic() - since)
        return body

    async def first_acknowledgement(self, service: str = "") -> float:
        """Seconds from now to the first acknowledgement of a request that leaves after now."""
        heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        entry = service, time.monotonic(), heard
        self._heard.append(entry)
        try:
            return await heard
        finally:
            self._heard.remove(entry)

    async def repeat(self, requests: Sequence[Request]) -> None:
        """Send acknowledged writes once more, long after: the ledger takes down what they answer."""
        for request in requests:
            if await self.send(request) is not None:
                self.acknowledged -= 1
                self.done.pop()


Goal = asyncio.Future[Any] | None


def answer_of(request: Request, response: httpx.Response) -> Answer:
    """What an acknowledgement promises."""
    body = response.json()
    receipt = RECEIPTS.get(request.write.kind)
    named = body.get("id") if request.write.subject == request.write.id else None
    return Answer(
        receipt=body[receipt] if receipt else None,
        version=body.get("version"),
        digest=hashlib.sha256(response.content).hexdigest()[:16],
        record=UUID(named) if named and UUID(named) != request.write.subject else None,
    )
