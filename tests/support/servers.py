"""The servers of one test run: one PostgreSQL and one Kafka, shared by every pytest-xdist worker.

The first pytest process opens the run: a folder (on a memory disk if there is one) whose path its workers
inherit through the environment. A server is started by the first test that asks for it, and adopted by
whoever asks next: that is what `start()` of the embedded servers does under their own lock. The process that
opened the run ends the servers and removes the folder. Runs that were killed are swept by the next one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from libs.common.embedded.kafka import Kafka
from libs.common.embedded.postgres import Postgres
from libs.common.embedded.processes import PROC, command_line, processes, send, wait_gone
from libs.common.embedded.training import train

RUN = "JIAYUAN_TEST_RUN"
PREFIX = f"jiayuan-tests-{os.geteuid()}-"
MEMORY_DISK = Path("/dev/shm")
MEMORY_NEEDED = 2 << 30
# At once; PostgreSQL by a signal after which it gives its shared memory back.
_END_BY = {"postgres": signal.SIGQUIT, "java": signal.SIGKILL}
SERVICES = ("grid", "tasks", "disputes", "targets")


@dataclass(frozen=True)
class Run:
    """One test run: its folder, and the lock that its opener holds as a sign of life."""

    folder: Path
    alive: TextIO | None = None


def open_run() -> Run:
    """Join the run of the parent process, or open one."""
    inherited = os.environ.get(RUN)
    if inherited:
        return Run(Path(inherited))
    base = _base()
    _sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base))
    # As root the server runs as another user, who has to pass through.
    folder.chmod(0o711)
    alive = (folder / "alive").open("w")
    fcntl.flock(alive, fcntl.LOCK_EX)
    os.environ[RUN] = str(folder)
    return Run(folder, alive)


def close_run(run: Run) -> None:
    """End the run's servers and remove its folder, if this process opened it."""
    if run.alive is None:
        return
    os.environ.pop(RUN, None)
    _end(run.folder)
    run.alive.close()


def postgres_of(run: Run) -> Postgres:
    """The run's PostgreSQL, running. Its data is thrown away, so it does without durability."""
    return _postgres(run.folder).start()


def kafka_of(run: Run) -> Kafka:
    """The run's Kafka: one broker, each service a principal of its own; rules are the tests' to make."""
    return new_kafka(run, "kafka", principals=SERVICES).start()


def new_kafka(run: Run, name: str, *, brokers: int = 1, principals: Collection[str] = ()) -> Kafka:
    """A Kafka of the test's own, not started: to be killed at will, ended at the latest with the run."""
    made = Kafka(run.folder / name, brokers=brokers, principals=principals)
    if made.external is None:
        train()
    return made


def worker_name() -> str:
    """This process's name in names of databases: `gw0` and so on, or `main` without xdist."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def _postgres(folder: Path) -> Postgres:
    return Postgres(folder / "postgres", throwaway=True, max_connections=400)


def _base() -> Path:
    roomy = MEMORY_DISK.is_dir() and shutil.disk_usage(MEMORY_DISK).free >= MEMORY_NEEDED
    return MEMORY_DISK if roomy and os.access(MEMORY_DISK, os.W_OK) else Path(tempfile.gettempdir())


def _sweep(base: Path) -> None:
    """Remove the runs whose opener has died."""
    for folder in base.glob(f"{PREFIX}*"):
        try:
            with (folder / "alive").open("a") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _end(folder)
        except OSError:
            continue


def _end(folder: Path) -> None:
    """End every server that lives in the run's folder, its tests' own ones included, and remove it."""
    _end_platforms(folder)
    for place in (folder, *(Path(note.read_text().strip()) for note in folder.glob("*/location"))):
        for program, how in _END_BY.items():
            servers = [pid for pid in processes() if _is(pid, program, place)]
            send(servers, how)
            wait_gone(servers, 10)
        shutil.rmtree(place, ignore_errors=True)


def _end_platforms(folder: Path) -> None:
    """End what watches over servers of the run and would start them again (tests of chaos)."""
    mark = f"\0JIAYUAN_VAR={folder}/".encode()
    for pid in processes():
        try:
            environment = b"\0" + (PROC / str(pid) / "environ").read_bytes()
        except OSError:
            continue
        if mark in environment:
            send([pid], signal.SIGKILL)
            wait_gone([pid], 10)


def _is(pid: int, program: str, place: Path) -> bool:
    words = command_line(pid)
    return bool(words) and Path(words[0]).name == program and any(f"{place}/" in word for word in words)
