"""The load 负载: cases reported, accepted, filed and dispatched over HTTP, until every write is acknowledged.

A write without an answer, or with one that says "again", is sent again as it was: the same case id and body,
the same idempotency key. Bounded in count, in attempts' time and to the loopback address.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import httpx

from libs.common.clocks import utc_now
from libs.common.ids import new_id
from tests.chaos.ledger import Answer, Ledger, Step, Write

GIVE_UP_SECONDS = 180.0
AGAIN_SECONDS = 0.1
ROLES = {
    Step.REPORT: "hotline_officer",
    Step.ACCEPT: "acceptor",
    Step.FILE: "duty_chief",
    Step.DISPATCH: "dispatcher",
}
CATEGORY, STANDARD = "0104", "found"
NEIGHBOURHOOD = "310107005001"


class NeverAcknowledged(AssertionError):
    """A write was not taken for minutes, however often it was sent."""


@dataclass(frozen=True)
class Request:
    """A write as it goes over the wire, every time the same."""

    write: Write
    body: Mapping[str, Any]
    version: int = 0


@dataclass
class Load:
    """A bounded load against one platform. `acknowledged` counts writes, not answers."""

    client: httpx.AsyncClient
    ledger: Ledger
    tokens: Mapping[str, str]
    unit_id: UUID
    random: Random
    acknowledged: int = 0
    done: list[Request] = field(default_factory=list)
    _heard: list[tuple[float, asyncio.Future[float]]] = field(default_factory=list)

    async def run(self, journeys: Sequence[int], *, workers: int = 8) -> None:
        """Take as many cases as there are journeys, each that many steps far."""
        waiting = iter(journeys)
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._work(waiting))

    async def _work(self, journeys: Iterator[int]) -> None:
        for steps in journeys:
            await self._journey(tuple(Step)[:steps])

    async def _journey(self, steps: Sequence[Step]) -> None:
        case_id = new_id()
        version = 1
        for step in steps:
            write = Write(case_id if step is Step.REPORT else new_id(), case_id, step)
            request = Request(write, self._body(step), version)
            answer = await self.send(request)
            if answer is None:
                return
            version = answer.version or version
            self.acknowledged += 1
            self.done.append(request)

    def _body(self, step: Step) -> dict[str, Any]:
        if step is Step.REPORT:
            number = self.random.randrange(1_000_000)
            return {
                "channel": "leader",
                "category": CATEGORY,
                "description": f"演练：居民反映群租 {number}",
                "found_at": utc_now().isoformat(),
                "place": {"area": NEIGHBOURHOOD, "address": f"演示路{number % 500 + 1}号"},
            }
        return {Step.FILE: {"standard": STANDARD}, Step.DISPATCH: {"unit_id": str(self.unit_id)}}.get(
            step, {}
        )

    async def send(self, request: Request) -> Answer | None:
        """Send until it is acknowledged; None if it was refused. Raises `NeverAcknowledged` after 180 s."""
        give_up_at = time.monotonic() + GIVE_UP_SECONDS
        while True:
            self.ledger.sent(request.write)
            sent_at = time.monotonic()
            try:
                response = await self._call(request)
            except httpx.TransportError as error:
                why = type(error).__name__
            else:
                if response.is_success:
                    return self._acknowledge(request, response, sent_at)
                why = f"{response.status_code} {response.text}"
                if response.status_code < 500 and "retry-after" not in response.headers:
                    self.ledger.refused(request.write, why)
                    return None
            self.ledger.unknown(request.write, why)
            if time.monotonic() > give_up_at:
                raise NeverAcknowledged(f"{request.write}: at last {why}")
            await asyncio.sleep(AGAIN_SECONDS)

    async def _call(self, request: Request) -> httpx.Response:
        write = request.write
        headers = {"Authorization": f"Bearer {self.tokens[ROLES[write.step]]}"}
        path = f"/grid/v1/cases/{write.case_id}"
        if write.step is Step.REPORT:
            return await self.client.put(path, json=request.body, headers=headers)
        headers |= {"Idempotency-Key": str(write.id), "If-Match": f'"{request.version}"'}
        return await self.client.post(f"{path}/{write.step}", json=request.body, headers=headers)

    def _acknowledge(self, request: Request, response: httpx.Response, sent_at: float) -> Answer:
        body = response.json()
        answer = Answer(
            receipt=body["receipt_number"] if request.write.step is Step.REPORT else None,
            version=body.get("version"),
            digest=hashlib.sha256(response.content).hexdigest()[:16],
        )
        self.ledger.acknowledged(request.write, answer)
        for since, heard in self._heard:
            if sent_at > since and not heard.done():
                heard.set_result(time.monotonic() - since)
        return answer

    async def first_acknowledgement(self) -> float:
        """Seconds from now to the first acknowledgement of a request that leaves after now."""
        heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._heard.append((time.monotonic(), heard))
        return await heard

    async def repeat(self, count: int) -> None:
        """Send some acknowledged writes once more, long after: the ledger takes down what they answer."""
        for request in self.random.sample(self.done, min(count, len(self.done))):
            await self.send(request)


def journeys(random: Random, writes: int) -> list[int]:
    """How far each case goes, so that all together make exactly so many writes.

    >>> sum(journeys(Random(1), 1000))
    1000
    """
    steps = (1, 1, 2, 4)
    made = [steps[n % len(steps)] for n in range(writes // 2)]
    random.shuffle(made)
    return made
