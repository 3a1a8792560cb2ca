"""The platform as `make run` starts it, in processes of its own that may be killed. Every call blocks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from libs.common.embedded.postgres import Postgres
from libs.common.embedded.processes import LOOPBACK, free_port, is_alive, tail, wait_gone, wait_until

REPOSITORY = Path(__file__).parents[2]
FIRST_START_SECONDS = 600.0
"""The first start makes and loads the whole city's reference data."""


class PlatformDown(AssertionError):
    """The platform ended, or did not answer in time."""


def copy_of(prepared: Path, root: Path) -> None:
    """Make the folder as a copy of a stopped platform's, with a database port of its own."""
    root.mkdir()
    # As root the database runs as another user, who has to pass through.
    root.chmod(0o711)
    subprocess.run(["cp", "-a", f"{prepared}/.", str(root)], check=True)
    keep = Postgres(root / "postgres").keep
    keep.save({name: value for name, value in keep.load().items() if name != "port"})


class Running:
    """One platform below one folder: `jiayuan up` as a process, and its PostgreSQL."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.output = root / "output.log"
        self._process: subprocess.Popen[bytes] | None = None
        root.mkdir(exist_ok=True)
        # As root the database runs as another user, who has to pass through.
        root.chmod(0o711)

    @property
    def postgres(self) -> Postgres:
        """The platform's database server."""
        return Postgres(self.root / "postgres")

    def start(self) -> None:
        """Start the process; it adopts the database that runs. Does not wait."""
        command = [sys.executable, "-m", "services.cli", "up", "--port", str(self.port)]
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "KAFKA_BOOTSTRAP_SERVERS"}
        return {**kept, "JIAYUAN_VAR": str(self.root)}

    def await_answer(self, seconds: float = FIRST_START_SECONDS) -> float:
        """Wait until it is ready; answers the seconds. Raises `PlatformDown`."""
        started = time.monotonic()
        if not wait_until(self._is_ready, seconds):
            raise PlatformDown(f"not ready within {seconds:.0f} s:\n{self.said()}")
        return time.monotonic() - started

    def _is_ready(self) -> bool:
        self.require_alive()
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def require_alive(self) -> None:
        """Raises `PlatformDown` if the process has ended by itself."""
        if self._process is None or self._process.poll() is not None:
            raise PlatformDown(f"the platform ended by itself:\n{self.said()}")

    def kill(self) -> None:
        """`kill -9` of the platform's process; the database goes on."""
        self._signal(signal.SIGKILL)

    def stop(self, how: signal.Signals, seconds: float = 60.0) -> int:
        """Ask the process to stop; answers its exit code."""
        return self._signal(how, seconds)

    def _signal(self, how: signal.Signals, seconds: float = 60.0) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        return self._process.wait(seconds)

    def servers(self) -> list[int]:
        """The process of the database, if it is up."""
        pid = self.postgres.pid
        return [pid] if pid is not None and is_alive(pid) else []

    def end(self) -> None:
        """End everything at once, at the end of a test."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        left = self.servers()
        self.postgres.stop()
        wait_gone(left, 30)

    def said(self) -> str:
        """The end of its output and its log, for a failure."""
        return f"{tail(self.output)}\n{tail(self.root / 'jiayuan.log')}"
