"""A terminal for the tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
import structlog
from typer.testing import CliRunner, Result

from services.cli import app

Jiayuan = Callable[..., Awaitable[Result]]
"""`await jiayuan("parked", "grid", database_url=url)`: a command under these `JIAYUAN_*` settings."""


@pytest.fixture
def jiayuan() -> Iterator[Jiayuan]:
    """The command line; what it does to the logging of this process ends with the test."""
    before = structlog.get_config()

    async def invoke(*arguments: str, **settings: str) -> Result:
        env = {f"JIAYUAN_{name.upper()}": value for name, value in settings.items()}
        return await asyncio.to_thread(CliRunner().invoke, app, arguments, env={"COLUMNS": "300", **env})

    yield invoke
    structlog.configure(**before)
