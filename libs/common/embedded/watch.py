"""The watch 守护: a database or broker that ends while the platform runs is started again.

Nobody else looks after them: they are nobody's children, so that they outlive a platform that is killed.

    stop = asyncio.Event()
    await watch([postgres, kafka], stop)
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog

from libs.common.embedded.kafka import Kafka
from libs.common.embedded.postgres import Postgres

EVERY_SECONDS = 0.5

Server = Postgres | Kafka

log = structlog.get_logger(__name__)


def is_down(server: Server) -> bool:
    """Whether one of its processes has ended. A server that was not started here is never down."""
    if isinstance(server, Postgres):
        return server.pid is None
    return server.external is None and None in map(server.pid, range(1, server.brokers + 1))


def revive(server: Server) -> bool:
    """Start it again if it is down; whether it was. Blocks. Raises `ServerFailed`.

    Should somebody else have taken a database's port meanwhile, it comes back on another one, and the
    platform has to be started again.
    """
    if not is_down(server):
        return False
    name = type(server).__name__.lower()
    log.warning("server_down", server=name)
    server.start()
    log.warning("server_up_again", server=name)
    return True


async def watch(servers: Sequence[Server], stop: asyncio.Event, *, every: float = EVERY_SECONDS) -> None:
    """Look after the servers until `stop` is set. One that cannot be started is tried again."""
    while not stop.is_set():
        for server in servers:
            try:
                await asyncio.to_thread(revive, server)
            except Exception as error:  # also what a driver says of a server that ends while it is asked
                log.error("server_failed", problem=f"{type(error).__name__}: {error}")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every)
