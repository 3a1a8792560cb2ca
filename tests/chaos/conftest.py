"""The platforms of the chaos tests."""

from __future__ import annotations

import fcntl
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from libs.common.embedded.platform import BusKind
from libs.common.ids import new_id
from tests.chaos.arena import Arena, arena
from tests.chaos.evidence import settled
from tests.chaos.fleet import Fleet
from tests.chaos.platform import Running, copy_of
from tests.chaos.sizes import seed, sizes
from tests.support.servers import Run

FIRST_SETTLE_SECONDS = 120.0

Note = Callable[[str, object], None]


@pytest.fixture
def note(record_property: Note) -> Note:
    """`note("figures", text)`: a line that the run shows at its end."""
    return record_property


@pytest.fixture(scope="session")
def prepared(run: Run) -> Path:
    """The folder of a platform that was started once and stopped, made by the first who asks in a run."""
    folder = run.folder / "chaos-prepared"
    with folder.with_suffix(".lock").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        if file.read() != "made":
            prepare(folder)
            file.write("made")
    return folder


def prepare(folder: Path) -> None:
    """Start a platform that has nothing, and stop it once its reference data have arrived everywhere."""
    first = Running(folder)
    try:
        first.start()
        first.await_answer()
        settled(first.postgres, FIRST_SETTLE_SECONDS)
        assert first.stop(signal.SIGTERM) == 0, first.said()
    finally:
        first.end()


@pytest.fixture
def platform(run: Run, prepared: Path) -> Iterator[Running]:
    """A platform of the test's own, not running; with durability, unlike the servers of other tests."""
    with alone(run, "platform"):
        root = run.folder / f"chaos-{new_id()}"
        copy_of(prepared, root)
        made = Running(root)
        try:
            yield made
        finally:
            made.end()


@asynccontextmanager
async def fleet(run: Run, prepared: Path, bus: BusKind, brokers: int = 1) -> AsyncIterator[Arena]:
    """A fleet with everything around it, for the tests of one file."""
    with alone(run, "arena"):
        root = run.folder / f"chaos-{bus}-{new_id()}"
        copy_of(prepared, root)
        async with arena(Fleet(root, bus, brokers), sizes(), seed()) as made:
            yield made


@contextmanager
def alone(run: Run, lane: str) -> Iterator[None]:
    """One such platform of a lane at a time: more at once say more of the machine than of the platform."""
    with (run.folder / f"chaos-{lane}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
