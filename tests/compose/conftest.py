"""The platform of docker-compose.yml, running, with an issuer of the test's own."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from libs.common.embedded.processes import LOOPBACK
from libs.common.embedded.training import train
from libs.common.http.dev_tokens import JWKS_FILE, DevIssuer
from libs.common.ids import new_id
from libs.common.tree import repository_root
from tests.chaos.conftest import alone, note
from tests.compose import composition
from tests.compose.deployment import Deployment
from tests.support.servers import Run

__all__ = ["note"]

ISSUER, AUDIENCE = "https://id.city.example", "jiayuan-city"


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder, without a line per request."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def place(run: Run) -> Path:
    """A folder below which servers may run as another user, swept with the run."""
    folder = run.folder / f"compose-{new_id()}"
    folder.mkdir(mode=0o711)
    return folder


@pytest.fixture
def issuer(place: Path) -> DevIssuer:
    """The city's identity provider."""
    return DevIssuer.open(place / "keys", issuer=ISSUER, audience=AUDIENCE)


@pytest.fixture
def keys_url(place: Path, issuer: DevIssuer) -> Iterator[str]:
    """Where the provider publishes its public keys."""
    served = partial(Quiet, directory=str(place / "keys"))
    with ThreadingHTTPServer((LOOPBACK, 0), served) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{LOOPBACK}:{server.server_port}/{JWKS_FILE}"
        server.shutdown()


@pytest.fixture
def data(place: Path) -> Path:
    """What `deploy/prepare.sh` makes."""
    folder = place / "data"
    prepare(folder)
    return folder


def prepare(folder: Path) -> None:
    """Run the script that an operator runs first."""
    script = repository_root() / "deploy" / "prepare.sh"
    subprocess.run(["sh", str(script), str(folder)], check=True, capture_output=True)


@pytest.fixture
def platform(run: Run, place: Path, data: Path, keys_url: str) -> Iterator[Deployment]:
    """Everything up, in the order of the file."""
    with (data / "jiayuan.env").open("a", encoding="utf-8") as settings:
        told = {"ISSUER": ISSUER, "AUDIENCE": AUDIENCE, "JWKS_URL": keys_url}
        settings.writelines(f"JIAYUAN_{name}={value}\n" for name, value in told.items())
    train()
    home = place / "parts"
    home.mkdir(mode=0o711)
    with alone(run, "platform"):
        made = Deployment(composition.read({"COMPOSE_DATA": str(data)}), home)
        try:
            made.up()
            yield made
        finally:
            made.end()
