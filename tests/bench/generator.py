"""The load generator 压测进程: `python -m tests.bench.generator` reads an order from stdin, tells on stdout.

One connection per journey at a time, kept alive, no pipelining: the next request leaves when the answer to
the last has come. Requests are bytes made beforehand as far as possible and answers are looked at only as far
as needed, so that the generator is not the limit: it says how much of a core it took.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

import orjson
import uvloop

from tests.bench.journeys import JOURNEYS, Answer, Journey

HEAD_END = b"\r\n\r\n"


class Refused(RuntimeError):
    """An answer that no journey expects: its status and body."""


@dataclass
class Book:
    """What came back within the measured time, in seconds per request, by kind of request."""

    opens: float
    closes: float
    times: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)

    def note(self, kind: str, began: float, ended: float) -> None:
        """One answer; those outside the measured time do not count."""
        if self.opens <= ended < self.closes:
            self.times.setdefault(kind, []).append(ended - began)


class Caller(asyncio.Protocol):
    """One connection, walking one journey after the other."""

    def __init__(self, journey: Journey, book: Book, ended: asyncio.Future[None]) -> None:
        self._journey = journey
        self._book = book
        self._ended = ended
        self._buffer = b""
        self._steps: Generator[tuple[str, bytes], Answer, None]
        self._transport: asyncio.Transport
        self._kind, self._began, self._set_out = "", 0.0, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Set out."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is none by inheritance
        self._start()

    def _start(self) -> None:
        self._steps = self._journey()
        self._set_out = time.perf_counter()
        self._send(next(self._steps))

    def _send(self, request: tuple[str, bytes]) -> None:
        self._kind, raw = request
        self._began = time.perf_counter()
        self._transport.write(raw)

    def data_received(self, data: bytes) -> None:
        """Take a whole answer, then go on."""
        buffer = self._buffer + data if self._buffer else data
        end = buffer.find(HEAD_END)
        length = _length(buffer, end) if end > 0 else -1
        if length < 0 or len(buffer) < end + 4 + length:
            self._buffer = buffer
            return
        self._buffer = b""
        self._take(Answer(int(buffer[9:12]), buffer[:end], buffer[end + 4 :]))

    def _take(self, answer: Answer) -> None:
        now = time.perf_counter()
        self._book.note(self._kind, self._began, now)
        self._book.statuses[answer.status] += 1
        if answer.status >= 300 and answer.status != 503:
            self._book.refusals.append(f"{self._kind}: {answer.status} {answer.body[:400].decode()}")
            self._transport.close()
            return
        if now >= self._book.closes:
            self._transport.close()
            return
        try:
            self._send(self._steps.send(answer))
        except StopIteration:
            self._book.note("journey", self._set_out, now)
            self._start()

    def connection_lost(self, error: Exception | None) -> None:
        """The end of this connection's part."""
        if not self._ended.done():
            self._ended.set_result(None)


def _length(buffer: bytes, end: int) -> int:
    at = buffer.find(b"content-length: ", 0, end + 2)
    return int(buffer[at + 16 : buffer.index(b"\r", at)]) if at > 0 else -1


async def drive(order: dict[str, Any]) -> dict[str, Any]:
    """Drive the load that the order describes; answers what was measured."""
    loop = asyncio.get_running_loop()
    address = urlsplit(order["url"])
    opens = time.perf_counter() + order["warm"]
    book = Book(opens, opens + order["seconds"])
    began, ends = time.process_time(), []
    for number in range(order["connections"]):
        journey = JOURNEYS[order["journey"]](number, order)
        ended: asyncio.Future[None] = loop.create_future()
        ends.append(ended)
        await loop.create_connection(partial(Caller, journey, book, ended), address.hostname, address.port)
    await asyncio.wait(ends, timeout=order["warm"] + order["seconds"] + 60)
    busy = (time.process_time() - began) / (order["warm"] + order["seconds"])
    return {
        "times": {kind: [round(one * 1e6) for one in times] for kind, times in book.times.items()},
        "statuses": {str(status): count for status, count in book.statuses.items()},
        "refusals": book.refusals[:3],
        "seconds": order["seconds"],
        "busy": busy,
    }


def main() -> None:
    """Read the order, drive, answer."""
    order = orjson.loads(sys.stdin.buffer.read())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.buffer.write(orjson.dumps(runner.run(drive(order))))


if __name__ == "__main__":
    main()
