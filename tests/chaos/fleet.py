"""The fleet 进程群: an API and a worker per service as processes of their own, with one database and one bus.

As a deployment has them: `jiayuan serve` and `jiayuan work`, started again by whoever watches over them when
they end. Every call that starts or ends servers blocks.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import orjson

from libs.common.crash import VARIABLE
from libs.common.embedded.kafka import Kafka
from libs.common.embedded.platform import BusKind, Platform
from libs.common.embedded.processes import LOOPBACK, free_port, tail
from libs.common.embedded.training import train
from libs.common.settings import Settings
from services.cli import SERVICES
from tests.chaos.platform import REPOSITORY, PlatformDown

START_SECONDS = 300.0
WATCH_SECONDS = 0.1
STOP_SECONDS = 30.0
API, WORKER, TWIN = "api", "worker", "twin"
"""What a process is; the twin is a second worker of the same service."""

Name = tuple[str, str]
"""Kind and service."""


class Quiet:
    """Progress of the platform's preparation that nobody looks at."""

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Say nothing while it runs."""
        yield

    def say(self, text: str) -> None:
        """Say nothing."""


@dataclass
class Fleet:
    """One platform below one folder, as separate processes."""

    root: Path
    bus: BusKind = "local"
    brokers: int = 1
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[Name, subprocess.Popen[bytes]] = field(default_factory=dict)
    restarts: int = 0
    _watching: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.platform = Platform(
            self.root, tuple(SERVICES.values()), bus=self.bus, public_url=f"http://{LOOPBACK}"
        )
        self.postgres = self.platform.postgres
        if self.bus == "kafka":
            train()
            self.platform.kafka = Kafka(
                self.root / "kafka", brokers=self.brokers, principals=self.platform.names
            )
            self.platform.kafka.external = None
        for service in SERVICES:
            self.ports[service] = free_port(avoid=self.ports.values())

    @property
    def kafka(self) -> Kafka:
        """The brokers."""
        assert self.platform.kafka is not None
        return self.platform.kafka

    async def start(self) -> float:
        """Servers, then processes; answers the seconds until every API was ready. Raises `PlatformDown`."""
        began = time.monotonic()
        await self.platform.prepare(Quiet())
        for service in SERVICES:
            self.launch((API, service))
            self.launch((WORKER, service))
        self._watching = asyncio.create_task(self._watch())
        await self.await_ready()
        return time.monotonic() - began

    def launch(self, name: Name, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a process, or start it again."""
        kind, service = name
        command = ["serve", service, "--port", str(self.ports[service])] if kind == API else ["work", service]
        with self.log(name).open("ab") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "services.cli", *command],
                cwd=REPOSITORY,
                env={**self._environment(service), **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        return self.processes[name]

    def _environment(self, service: str) -> dict[str, str]:
        """The settings as variables; of ours only what programs need to run at all."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JIAYUAN_", "KAFKA_"))}
        settings = self.platform.settings(SERVICES[service])
        return {**kept, "JIAYUAN_VAR": str(self.root), **variables(settings)}

    def log(self, name: Name) -> Path:
        """What a process has said."""
        return self.root / f"{'-'.join(name)}.log"

    async def _watch(self) -> None:
        """Start again what has ended, unarmed, as the machine's own watchman would."""
        while True:
            for name, process in list(self.processes.items()):
                if process.poll() is not None:
                    self.restarts += 1
                    self.launch(name)
            await asyncio.sleep(WATCH_SECONDS)

    async def await_ready(self, seconds: float = START_SECONDS) -> None:
        """Wait until every API is ready. Raises `PlatformDown`."""
        deadline = time.monotonic() + seconds
        async with httpx.AsyncClient(timeout=5) as client:
            for service, port in self.ports.items():
                while not await _is_ready(client, f"http://{LOOPBACK}:{port}/readyz"):
                    if time.monotonic() > deadline:
                        raise PlatformDown(f"{service} is not ready:\n{self.said()}")
                    await asyncio.sleep(0.1)

    def kill(self, name: Name) -> None:
        """`kill -9` of a process; the watch starts it again."""
        self.processes[name].kill()

    def dismiss(self, name: Name, how: signal.Signals = signal.SIGTERM) -> None:
        """End a process for good."""
        process = self.processes.pop(name)
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    async def crash(self, service: str, point: str, seconds: float) -> bool:
        """Arm a point in the service's worker; whether it came there and ended in this time."""
        name = WORKER, service
        old = self.processes.pop(name)
        old.kill()
        old.wait()
        armed = self.launch(name, {VARIABLE: point})
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.processes[name] is not armed or armed.poll() is not None:
                return armed.wait() == 137
            await asyncio.sleep(0.05)
        self.kill(name)
        return False

    async def close(self) -> None:
        """End everything at once."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait()
        if self.bus == "kafka":
            await asyncio.to_thread(self.kafka.kill)
        await asyncio.to_thread(self.postgres.stop)

    def said(self) -> str:
        """The end of every log, for a failure."""
        return "\n".join(f"-- {'-'.join(name)}\n{tail(self.log(name))}" for name in self.processes)


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def variables(settings: Settings) -> dict[str, str]:
    """What differs from the defaults, as the environment of a process says it."""
    told = {
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "BUS": settings.bus,
        "BUS_URLS": orjson.dumps(
            {name: url.get_secret_value() for name, url in settings.bus_urls.items()}
        ).decode(),
        "KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "KAFKA_USERNAME": settings.kafka_username,
        "KAFKA_PASSWORD": settings.kafka_password.get_secret_value(),
        "PUBLIC_URL": settings.public_url,
        "JWKS_FILE": settings.jwks_file,
        "MEDIA_URL": settings.media_url,
        "LOG_LEVEL": "WARNING",
    }
    return {f"JIAYUAN_{name}": value for name, value in told.items()}
