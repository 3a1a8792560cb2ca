"""The watch: what ends while the platform runs is started again, and a failure is not the end of it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator

import pytest
from structlog.testing import capture_logs

from libs.common.embedded.postgres import Postgres
from libs.common.embedded.watch import is_down, revive, watch
from tests.support.servers import Run


@pytest.fixture
def server(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server of the test's own, which it may kill."""
    folder = run.folder / f"own-{os.getpid()}-{tmp_path_factory.mktemp('watched').name}"
    own = Postgres(folder, throwaway=True, max_connections=20)
    try:
        yield own.start()
    finally:
        own.stop()


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + seconds
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < deadline, "it does not come back"
        await asyncio.sleep(0.02)


async def test_a_database_that_was_killed_comes_back_where_it_was(server: Postgres) -> None:
    port, stop = server.port, asyncio.Event()
    watching = asyncio.create_task(watch([server], stop, every=0.05))
    for _ in range(2):
        await asyncio.to_thread(server.kill)
        await until(server.is_ready)
    stop.set()
    await watching
    assert server.port == port


async def test_a_server_that_cannot_start_is_tried_again(server: Postgres) -> None:
    version, stop = server.data / "PG_VERSION", asyncio.Event()
    kept = version.read_text()
    await asyncio.to_thread(server.stop)
    version.write_text("9\n")
    with capture_logs() as said:
        watching = asyncio.create_task(watch([server], stop, every=0.05))
        await until(lambda: any(line["event"] == "server_failed" for line in said))
    assert is_down(server)
    version.write_text(kept)
    await until(server.is_ready)
    stop.set()
    await watching


async def test_whatever_a_driver_says_of_a_server_that_ends_the_watch_goes_on(server: Postgres) -> None:
    """It was killed while the start still asked it: the watch ended, and nobody looked after it any more."""

    class Ending(Postgres):
        starts = 0

        def start(self) -> Postgres:
            self.starts += 1
            if self.starts == 1:
                raise RuntimeError("the connection was lost in the middle of a question")
            return super().start()

    ending, stop = Ending(server.asked, throwaway=True, max_connections=20), asyncio.Event()
    await asyncio.to_thread(server.kill)
    watching = asyncio.create_task(watch([ending], stop, every=0.05))
    await until(server.is_ready)
    stop.set()
    await watching
    assert ending.starts > 1


def test_what_runs_is_left_alone(server: Postgres) -> None:
    pid = server.pid
    assert not revive(server)
    assert server.pid == pid
