"""A platform of its own for generated requests, and how much is asked for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from libs.common.embedded.processes import LOOPBACK, free_port, tail, wait_until
from tests.flows.conftest import flow_template
from tests.fuzz.budget import Amount, asked
from tests.fuzz.callers import Callers
from tests.support.databases import Databases
from tests.support.servers import SERVICES

START_SECONDS = 120.0


@dataclass(frozen=True)
class Target:
    """Where the four services answer, and who may call."""

    url: str
    folder: Path
    callers: Callers

    def background(self) -> str:
        """What went wrong behind the requests."""
        faults = self.folder / "faults.txt"
        return faults.read_text() if faults.exists() else ""

    def document(self, service: str) -> dict[str, Any]:
        """The service's OpenAPI document."""
        answer: dict[str, Any] = httpx.get(f"{self.url}/{service}/openapi.json").json()
        return answer


@pytest.fixture
def amount() -> Amount:
    """How much is asked for."""
    return asked()


@pytest.fixture(scope="module")
def target(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The four services in a process of their own, over databases of their own."""
    folder = tmp_path_factory.mktemp("fuzz")
    names = {name: databases.clone(flow_template(databases, name), "fuzz")[0] for name in SERVICES}
    port, output = free_port(), folder / "output.log"
    (folder / "given.json").write_bytes(orjson.dumps({"port": port, "databases": names}))
    callers, url = Callers(folder), f"http://{LOOPBACK}:{port}"
    with output.open("ab") as file:
        command = [sys.executable, "-m", "tests.fuzz.serve", str(folder)]
        process = subprocess.Popen(command, stdout=file, stderr=file)

    def ready() -> bool:
        assert process.poll() is None, tail(output)
        try:
            return httpx.get(f"{url}/readyz").is_success
        except httpx.TransportError:
            return False

    try:
        assert wait_until(ready, START_SECONDS), tail(output)
        callers.settle(url)
        yield Target(url, folder, callers)
    finally:
        process.terminate()
        process.wait(30)
        for name in names.values():
            databases.drop(name)
