"""What a connection may send before there is a request 连接限额: a head of bounded size, in bounded time.

uvicorn's own protocol over httptools holds a head of any size in memory for as long as it takes, and takes
what follows a chunked body for more headers of the request that is being answered.
"""

from __future__ import annotations

import asyncio
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from libs.common.http.faults import HeadersTooLarge
from libs.common.http.limits import ADDRESS_LIMIT, HEADERS_LIMIT
from libs.common.http.problems import respond

HEAD_LIMIT = ADDRESS_LIMIT + HEADERS_LIMIT + (8 << 10)
"""Most bytes of an unfinished head; below it the app itself refuses, with the trace of the request."""

HEAD_SECONDS = 30.0
"""How long a head may take to arrive."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with bounds on the head of a request."""

    head_seconds = HEAD_SECONDS
    _in_head = False
    _head = 0
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first head."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; end the connection when a head is not done and too large."""
        super().data_received(data)
        if not self._in_head:
            return
        self._head += len(data)
        if self._head > HEAD_LIMIT:
            self.transport.write(_REFUSAL)
            self.transport.close()
        elif self._waiting is None:
            self._wait()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head, self._head = True, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header of the head; trailers are not read."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there: the app decides about it."""
        self._in_head = False
        self._arrived()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self.head_seconds, self.transport.close)

    def _arrived(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


def _refusal() -> bytes:
    """The answer to a head that is too large, before there is a request: the connection ends with it."""
    answer = respond(HeadersTooLarge(limit=HEADERS_LIMIT), None, headers={"Connection": "close"})
    head = [b"HTTP/1.1 431 Request Header Fields Too Large"]
    head += [name + b": " + value for name, value in answer.raw_headers]
    return b"\r\n".join([*head, b"", cast("bytes", answer.body)])


_REFUSAL = _refusal()
