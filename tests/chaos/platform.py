"""The platform as `make run` starts it, in processes of its own that may be killed. Every call blocks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import orjson

from libs.common.embedded.kafka import Kafka
from libs.common.embedded.platform import BusKind
from libs.common.embedded.postgres import Postgres
from libs.common.embedded.processes import LOOPBACK, free_port, is_alive, tail, wait_gone, wait_until

REPOSITORY = Path(__file__).parents[2]
FIRST_START_SECONDS = 240.0
"""The first start makes and loads the whole city's reference data."""


class PlatformDown(AssertionError):
    """The platform ended, or did not answer in time."""


class Running:
    """One platform below one folder: `jiayuan up` as a process, its PostgreSQL, its Kafka."""

    def __init__(self, root: Path, bus: BusKind = "local") -> None:
        self.root = root
        self.bus = bus
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.output = root / "output.log"
        self._process: subprocess.Popen[bytes] | None = None
        root.mkdir(exist_ok=True)
        # As root the database runs as another user, who has to pass through.
        root.chmod(0o711)

    def copy_of(self, prepared: Path) -> None:
        """Begin as a copy of a stopped platform's folder, with a database port of its own."""
        subprocess.run(["cp", "-a", f"{prepared}/.", str(self.root)], check=True)
        keep = self.postgres.keep
        keep.save({name: value for name, value in keep.load().items() if name != "port"})

    @property
    def postgres(self) -> Postgres:
        """The platform's database server."""
        return Postgres(self.root / "postgres")

    @property
    def kafka(self) -> Kafka:
        """The platform's own broker, whatever cluster other tests are given: it is there to be killed."""
        broker = Kafka(self.root / "kafka")
        broker.external = None
        return broker

    def start(self) -> None:
        """Start the process; it adopts the servers that run. Does not wait."""
        command = [sys.executable, "-m", "services.cli", "up", "--port", str(self.port), "--bus", self.bus]
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

    def tokens(self) -> dict[str, str]:
        """Tokens by role."""
        tokens: dict[str, str] = orjson.loads((self.root / "tokens.json").read_bytes())
        return tokens

    def kill(self) -> None:
        """`kill -9` of the platform's process; database and broker go on."""
        self._signal(signal.SIGKILL)

    def kill_postgres(self) -> None:
        """`kill -9` of the database's first process."""
        self.postgres.kill()

    def kill_broker(self) -> None:
        """`kill -9` of the broker."""
        self.kafka.kill()

    def stop(self, how: signal.Signals, seconds: float = 60.0) -> int:
        """Ask the process to stop; answers its exit code."""
        return self._signal(how, seconds)

    def _signal(self, how: signal.Signals, seconds: float = 60.0) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        return self._process.wait(seconds)

    def servers(self) -> list[int]:
        """The processes of database and broker that are up."""
        found = [self.postgres.pid, self.kafka.pid() if self.bus == "kafka" else None]
        return [pid for pid in found if pid is not None and is_alive(pid)]

    def end(self) -> None:
        """End everything at once, at the end of a test."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        left = self.servers()
        if self.bus == "kafka":
            self.kafka.kill()
        self.postgres.stop()
        wait_gone(left, 30)

    def said(self) -> str:
        """The end of its output and its log, for a failure."""
        return f"{tail(self.output)}\n{tail(self.root / 'jiayuan.log')}"
