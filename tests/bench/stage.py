"""The stage 测试台: one PostgreSQL with durability at its defaults, databases, and processes on top of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import httpx

from libs.common.db import Database
from libs.common.embedded.postgres import Postgres
from libs.common.embedded.processes import LOOPBACK, PROC, blocking, free_port, tail, wait_until, working_in
from libs.common.loading import load_reference
from libs.common.service import Service
from libs.common.tree import repository_root
from services.grid.main import SERVICE as GRID
from tests.bench.people import People
from tests.support.databases import migrate
from tests.support.servers import MEMORY_DISK

BASE = "grid_base"
"""The database that others are copied from."""

STEADY = 1.5
"""A disk whose fastest spell is more than this many times its slowest is too noisy for ratios."""

SPELLS, SPELL_SECONDS = 5, 0.3
READY_SECONDS = 60.0


def spells(folder: Path) -> list[float]:
    """How many 8 KB writes with fsync the folder's disk does per second, in a few short spells."""
    found = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(SPELLS):
            count, until = 0, time.perf_counter() + SPELL_SECONDS
            while time.perf_counter() < until:
                os.pwrite(file.fileno(), b"\0" * 8192, 0)
                os.fsync(file.fileno())
                count += 1
            found.append(count / SPELL_SECONDS)
    return found


def cpu_seconds(pid: int, *, ended: bool = False) -> float:
    """Seconds of processor time that a process has used, with `ended` its ended children too; 0 if gone."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11 : 15 if ended else 13]) / os.sysconf("SC_CLK_TCK")


def choose_base(root: Path, *, disk: bool) -> tuple[Path, str]:
    """Where the data folder goes, and what to say about it."""
    root.mkdir(parents=True, exist_ok=True)
    found = spells(root)
    told = f"fsyncs/s of the disk {min(found):.0f}..{max(found):.0f}"
    if disk or max(found) <= STEADY * min(found) or not MEMORY_DISK.is_dir():
        return root, f"disk ({told})"
    return MEMORY_DISK, f"tmpfs: the disk is too noisy ({told})"


@dataclass
class Process:
    """A process of the platform, with its log."""

    popen: subprocess.Popen[bytes]
    log: Path
    url: str = ""

    @property
    def pid(self) -> int:
        """Its number."""
        return self.popen.pid

    @property
    def cpu(self) -> float:
        """Seconds of processor time that it has used."""
        return cpu_seconds(self.pid)

    def settle(self, seconds: float = 120.0) -> None:
        """Wait until it does nothing any more: an API builds its index of places after the first report."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            before = self.cpu
            time.sleep(0.5)
            if self.cpu - before <= 0.05:
                return

    def end(self) -> None:
        """Ask it to stop, and insist after a while."""
        self.popen.terminate()
        try:
            self.popen.wait(15)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait(15)


@dataclass
class Stage:
    """Servers and processes of one run, below one folder; everything ends with `close`."""

    folder: Path
    _processes: list[Process] = field(default_factory=list)

    @cached_property
    def postgres(self) -> Postgres:
        """The server; it notes when each transaction committed, which costs next to nothing."""
        return Postgres(self.folder / "postgres", settings={"track_commit_timestamp": "on"}).start()

    @cached_property
    def people(self) -> People:
        """Who calls."""
        return People(self.folder / "keys")

    def database(self, name: str, service: Service = GRID, template: str = "") -> str:
        """The URL of a database: a copy of `template`, or a fresh one with the service's reference data."""
        if not self.run_sql("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            if template:
                return self.postgres.clone(template, name)
            url = self.postgres.ensure_database(name, service.name)
            migrate(service.name, url)
            loaded(url, service)
        return self.postgres.url_for(name, service.name)

    def grid(self, name: str) -> str:
        """The URL of a database of `grid` with the whole city's reference data and no case, made once."""
        self.database(BASE)
        return self.database(name, template=BASE)

    def database_cpu(self) -> float:
        """Seconds of processor time that the server's processes have used, ended ones included."""
        first = self.postgres.pid
        assert first is not None, "the server runs"
        others = [pid for pid in working_in(self.postgres.data) if pid != first]
        return cpu_seconds(first, ended=True) + sum(map(cpu_seconds, others))

    def awaited(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Whether the condition came to hold within the time."""
        return wait_until(condition, seconds, every=0.2)

    def run_sql(self, database: str, sql: str) -> list[tuple[object, ...]]:
        """One statement as superuser."""
        return self.postgres.run_sql(sql, database)

    @contextmanager
    def api(self, url: str, **settings: str) -> Iterator[Process]:
        """An API process of `grid` over the database, ready to answer."""
        port = free_port()
        made = self._start(("serve", "grid", "--port", str(port)), self.environment(url, **settings))
        made.url = f"http://{LOOPBACK}:{port}"
        try:
            if not wait_until(lambda: _is_ready(made), READY_SECONDS):
                raise RuntimeError(f"the API is not ready:\n{tail(made.log)}")
            yield made
        finally:
            made.end()

    @contextmanager
    def worker(self, url: str, service: str = "grid", **settings: str) -> Iterator[Process]:
        """A worker process of the service."""
        made = self._start(("work", service), self.environment(url, **settings))
        try:
            yield made
        finally:
            made.end()

    def environment(self, url: str, **settings: str) -> dict[str, str]:
        """The settings of a process."""
        given = {
            "database_url": url,
            "jwks_file": str(self.people.jwks),
            "media_url": "memory:///",
            "requests_per_second": "0",
            **settings,
        }
        return {f"JIAYUAN_{name.upper()}": value for name, value in given.items()}

    def _start(self, command: tuple[str, ...], environment: Mapping[str, str]) -> Process:
        log = self.folder / f"process-{len(self._processes)}.log"
        with log.open("ab") as out:
            popen = subprocess.Popen(
                [sys.executable, "-m", "services.cli", *command],
                cwd=repository_root(),
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        made = Process(popen, log)
        self._processes.append(made)
        return made

    def close(self) -> None:
        """End what still runs and remove the folder."""
        for process in self._processes:
            if process.popen.poll() is None:
                process.end()
        if "postgres" in self.__dict__:
            self.postgres.stop()
            shutil.rmtree(self.postgres.folder, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def loaded(url: str, service: Service) -> None:
    """Load the service's reference data and empty its outbox."""

    async def run() -> None:
        database = Database(url, pool_size=2)
        try:
            await load_reference(database, service, say=lambda line: None)
        finally:
            await database.close()

    blocking(run)


@contextmanager
def new_stage(base: Path) -> Iterator[Stage]:
    """A stage in a folder of its own below `base`."""
    folder = Path(tempfile.mkdtemp(prefix=f"jiayuan-bench-{os.geteuid()}-", dir=base))
    folder.chmod(0o711)  # as root the server runs as another user, who has to pass through
    stage = Stage(folder)
    try:
        yield stage
    finally:
        stage.close()


def _is_ready(process: Process) -> bool:
    if process.popen.poll() is not None:
        raise RuntimeError(f"the API ended:\n{tail(process.log)}")
    try:
        return httpx.get(f"{process.url}/readyz", timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def drained(stage: Stage, database: str, seconds: float = 120.0) -> None:
    """Wait until the worker has taken everything out of the outbox."""
    stage.awaited(lambda: not stage.run_sql(database, "SELECT 1 FROM outbox LIMIT 1"), seconds)
