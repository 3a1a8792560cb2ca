"""One service with its worker in this process, from nothing to an answer and to an orderly end."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from libs.common.embedded.kafka import Kafka
from libs.common.embedded.platform import BusKind, Platform, default_root
from libs.common.embedded.processes import LOOPBACK, free_port
from libs.common.embedded.running import Running
from libs.common.embedded.screen import Screen
from libs.common.http.dev_tokens import DemoScope
from libs.common.ids import new_id
from libs.common.policy import Role
from services.tasks.main import SERVICE as TASKS
from tests.support.servers import Run

SCOPES = {Role.ADMINISTRATOR: DemoScope("演示管理员", ("31",))}


def new_folder(run: Run) -> Path:
    """A folder that the database's user may pass through."""
    folder = run.folder / f"platform-{new_id()}"
    folder.mkdir(mode=0o711)
    return folder


def mode_of(file: Path) -> int:
    """Who may read it."""
    return file.stat().st_mode & 0o777


async def served(platform: Platform, screen: Screen) -> httpx.Response:
    """Start the prepared platform, ask it one thing, and have it stop as Ctrl-C does."""
    port = free_port()
    ready: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()
    running = Running(platform, SCOPES, screen)
    serving = asyncio.create_task(running.serve(host=LOOPBACK, port=port, started=ready.set_result))
    try:
        tokens = await asyncio.wait_for(ready, 120)
        headers = {"Authorization": f"Bearer {tokens['administrator']}"}
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", headers=headers) as client:
            assert (await client.get("/readyz")).status_code == 200
            answer = await client.get("/tasks/v1/units", params={"limit": 1})
        screen.ready(f"http://{LOOPBACK}:{port}", str(running.tokens_path), tokens)
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.wait_for(serving, 60)
    finally:
        for which in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(which)
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return answer


@pytest.mark.parametrize("bus", ["local", pytest.param("kafka", marks=pytest.mark.kafka)])
async def test_a_service_starts_answers_and_stops(
    run: Run, bus: BusKind, request: pytest.FixtureRequest
) -> None:
    said = io.StringIO()
    screen = Screen(Console(file=said, width=200))
    folder = new_folder(run)
    platform = Platform(folder, (TASKS,), bus=bus, public_url="http://jiayuan.test")
    if bus == "kafka":
        shared: Kafka = request.getfixturevalue("kafka")
        platform.kafka = shared
    try:
        await platform.prepare(screen)
        answer = await served(platform, screen)
    finally:
        platform.kafka = None  # Other tests go on with it.
        await platform.stop()
    assert answer.status_code == 200
    assert answer.json()["items"]
    assert mode_of(folder / "tokens.json") == 0o600
    for word in ("PostgreSQL 18", "tasks/units", "家园已就绪", "/docs", "jiayuan token"):
        assert word in said.getvalue()


def test_the_folder_is_var_unless_the_environment_names_another() -> None:
    assert default_root() == Path(os.environ.get("JIAYUAN_VAR", "var"))
