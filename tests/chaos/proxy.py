"""A TCP proxy of our own 代理: cuts connections, all at once or when an answer is on its way."""

from __future__ import annotations

import asyncio
from random import Random

from libs.common.embedded.processes import LOOPBACK


class Proxy:
    """Listens on a port and passes everything to `target`.

    `losses` is the share of answers that are lost: the request has gone through, then both sides are cut.
    """

    def __init__(self, target: int, random: Random) -> None:
        self.target = target
        self.random = random
        self.losses = 0.0
        self.cuts = 0
        self.links: set[_Link] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen; answers the URL."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Link(self), LOOPBACK, 0)
        port = self._server.sockets[0].getsockname()[1]
        return f"http://{LOOPBACK}:{port}"

    def cut(self) -> None:
        """Cut every connection now, whatever is under way."""
        for link in list(self.links):
            link.cut()

    async def close(self) -> None:
        """Stop listening and let go of every connection."""
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.sleep(0)


class _Link(asyncio.Protocol):
    """One client's connection and its twin to the server."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.client: asyncio.Transport | None = None
        self.twin: _Twin | None = None
        self.waiting: list[bytes] = []
        self._dialling: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.client = transport
        self.proxy.links.add(self)
        self._dialling = asyncio.get_running_loop().create_task(self._dial())

    async def _dial(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, twin = await loop.create_connection(lambda: _Twin(self), LOOPBACK, self.proxy.target)
        except OSError:
            self.cut()
            return
        self.twin = twin
        if self.client is None or self.client.is_closing():
            twin.close()
            return
        for data in self.waiting:
            twin.write(data)
        self.waiting.clear()

    def data_received(self, data: bytes) -> None:
        if self.twin is None:
            self.waiting.append(data)
        else:
            self.twin.write(data)

    def answered(self, data: bytes) -> None:
        """The server has said something: pass it on, or lose it."""
        if self.proxy.losses and self.proxy.random.random() < self.proxy.losses:
            self.cut()
        elif self.client is not None and not self.client.is_closing():
            self.client.write(data)

    def cut(self) -> None:
        """Reset both sides."""
        self.proxy.cuts += 1
        if self.client is not None:
            self.client.abort()
        if self.twin is not None:
            self.twin.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.proxy.links.discard(self)
        if self.twin is not None:
            self.twin.close()


class _Twin(asyncio.Protocol):
    """The connection to the server on behalf of one client."""

    def __init__(self, link: _Link) -> None:
        self.link = link
        self.server: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.server = transport

    def write(self, data: bytes) -> None:
        """To the server."""
        if self.server is not None and not self.server.is_closing():
            self.server.write(data)

    def data_received(self, data: bytes) -> None:
        self.link.answered(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.link.client is not None:
            self.link.client.abort()

    def close(self) -> None:
        """Let go of the server at once."""
        if self.server is not None:
            self.server.abort()
