"""Serving HTTP 服务进程: one uvicorn server over one app, stopped within a bounded time."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from libs.common import garbage
from libs.common.http.wire import BoundedProtocol

GRACE_SECONDS = 5
"""How long running requests may take to finish once no new one is taken."""

Call = Callable[[], None]


def nothing() -> None:
    """The default of both calls of `Serving`."""


class Serving(uvicorn.Server):
    """A server that says when it answers and, asked to stop, lingers: readiness fails first.

    uvicorn's own handling would send the signal to the process again, and so cut off what comes after.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.started_call: Call = nothing
        self.draining_call: Call = nothing
        self.linger = 0.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the port, then say so."""
        await super().startup(sockets)
        if self.started:
            garbage.keep_what_is()
            self.started_call()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM as a wish to stop, now and until the process has ended."""
        loop = asyncio.get_running_loop()
        for which in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(which, self.handle_exit, which, None)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Fail readiness at once; stop taking requests after `linger`, on SIGINT at once."""
        self.draining_call()
        delay = self.linger if sig == signal.SIGTERM else 0.0
        asyncio.get_running_loop().call_later(delay, super().handle_exit, sig, frame)


def server(app: ASGIApp, *, host: str, port: int) -> Serving:
    """A server that is not started yet; `await server.serve()` serves until a signal comes."""
    return Serving(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=BoundedProtocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=GRACE_SECONDS,
            server_header=False,
        )
    )
