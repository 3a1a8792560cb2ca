"""The platform as docker-compose.yml has it, in processes of this machine.

Started in the file's order, held to be there when the file's health checks say so.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from libs.common.embedded.postgres import SUPERUSER, Postgres
from libs.common.embedded.processes import LOOPBACK, tail
from libs.common.tree import repository_root
from tests.compose import programs
from tests.compose.composition import COMPLETED, Part
from tests.compose.places import Places

START_SECONDS = 900.0
STOP_SECONDS = 30.0


class PartFailed(AssertionError):
    """A part ended, or did not become healthy in time."""


class Deployment:
    """All parts of a composition below one folder. Every call blocks."""

    def __init__(self, parts: Mapping[str, Part], root: Path) -> None:
        self.parts = parts
        self.places = Places(parts, root)
        self.took: dict[str, float] = {}
        """Seconds until each part was healthy or done, from the beginning."""
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._postgres: Postgres | None = None
        self._ending = False

    @property
    def url(self) -> str:
        """The gateway's address."""
        return f"http://{LOOPBACK}:{self.places.port(self.parts['gateway'])}"

    @property
    def postgres(self) -> Postgres:
        """The database server."""
        assert self._postgres is not None, "not started"
        return self._postgres

    def database_url(self, service: str) -> str:
        """A service's database, as the superuser."""
        return self.postgres.url_for(service, SUPERUSER)

    # -- life

    def up(self) -> None:
        """Start each part when those that it waits for are healthy or done. Raises `PartFailed`."""
        began = time.monotonic()
        coming: dict[str, Future[None]] = {}

        def bring(part: Part) -> None:
            for name in part.waits:
                coming[name].result()
            self.start(part.name)
            self.took[part.name] = time.monotonic() - began

        with ThreadPoolExecutor(len(self.parts)) as pool:
            # In an order in which nobody waits for one who has not begun.
            for name in in_order(self.parts):
                coming[name] = pool.submit(bring, self.parts[name])
            try:
                for done in coming.values():
                    done.result()
            except BaseException:
                self._ending = True
                raise

    def start(self, name: str) -> None:
        """Start one part, and wait until it is healthy or, if it runs once, done. Raises `PartFailed`."""
        part = self.parts[name]
        self.places.furnish(part)
        if part.image == programs.DATABASE:
            self._postgres = programs.database(part, self.places)
        else:
            self._launch(part)
        if part.runs_once:
            self._until(part, lambda: self._running[name].poll() is not None)
            if self._running[name].returncode != 0:
                raise PartFailed(f"{name} ended with {self._running[name].returncode}\n{self.said(name)}")
        else:
            self._until(part, lambda: self.is_healthy(name))

    def kill(self, *names: str) -> None:
        """`kill -9`, as a machine or the kernel ends a process."""
        for name in names:
            self._running[name].kill()
            self._running[name].wait(STOP_SECONDS)

    def restart(self, name: str) -> None:
        """Stop the part in order, and start it again."""
        self._stop([name])
        self.start(name)

    def end(self) -> None:
        """End everything, the gateway first."""
        self._ending = True
        self._stop([name for name in reversed(in_order(self.parts)) if name in self._running])
        if self._postgres is not None:
            self._postgres.stop()

    def is_healthy(self, name: str) -> bool:
        """Whether the file's own check says so."""
        part = self.parts[name]
        try:
            ran = subprocess.run(
                programs.check(part, self.places),
                env=programs.environment(part, self.places),
                capture_output=True,
                timeout=part.seconds("timeout"),
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
        return ran.returncode == 0

    def said(self, name: str) -> str:
        """The end of the part's output."""
        return tail(self._output(name))

    # -- steps

    def _output(self, name: str) -> Path:
        return self.places.root / f"{name}.log"

    def _launch(self, part: Part) -> None:
        with self._output(part.name).open("ab") as output:
            self._running[part.name] = subprocess.Popen(
                programs.command(part, self.places),
                cwd=repository_root() if part.image == programs.OURS else self.places.folder(part),
                env=programs.environment(part, self.places),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def _until(self, part: Part, holds: Callable[[], bool]) -> None:
        every = 0.05 if part.runs_once else part.seconds("start_interval")
        deadline = time.monotonic() + START_SECONDS
        while not holds():
            process = self._running.get(part.name)
            if not part.runs_once and process is not None and process.poll() is not None:
                raise PartFailed(f"{part.name} ended by itself:\n{self.said(part.name)}")
            if self._ending or time.monotonic() > deadline:
                raise PartFailed(f"{part.name} is not there:\n{self.said(part.name)}")
            time.sleep(every)

    def _stop(self, names: list[str]) -> None:
        for name in names:
            self._running[name].send_signal(signal.SIGTERM)
        for name in names:
            try:
                self._running[name].wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._running[name].kill()
                self._running[name].wait(STOP_SECONDS)


def in_order(parts: Mapping[str, Part]) -> list[str]:
    """The names, everybody behind those that they wait for. Raises `ValueError` for a circle."""
    placed: list[str] = []
    while len(placed) < len(parts):
        free = [name for name, part in parts.items() if name not in placed and set(part.waits) <= set(placed)]
        if not free:
            raise ValueError(f"these wait for each other: {sorted(set(parts) - set(placed))}")
        placed += free
    return placed


def jobs(parts: Mapping[str, Part]) -> set[str]:
    """The parts that somebody waits for to be done."""
    return {name for part in parts.values() for name, what in part.waits.items() if what == COMPLETED}
