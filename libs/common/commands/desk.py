"""What every command stands on 命令行基础: a service's database, the terminal, and how a command ends."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
import uvloop
from rich.console import Console
from rich.markup import escape

from libs.common.db import Database
from libs.common.embedded.platform import default_root
from libs.common.embedded.postgres import Postgres
from libs.common.embedded.processes import ServerFailed
from libs.common.errors import DomainError
from libs.common.policy import Actor, Role
from libs.common.service import Service
from libs.common.settings import Settings
from libs.common.telemetry import configure_logging

T = TypeVar("T")
Services = Mapping[str, Service]

OPERATOR = Actor("system:operator", Role.ADMINISTRATOR)
"""Who acts at the terminal: whoever may run commands on the machine."""

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C cut short."""

Name = Annotated[str, typer.Argument(help="grid | tasks | disputes | targets")]

console = Console(stderr=True)


def service_named(services: Services, name: str) -> Service:
    """The service. Raises `typer.BadParameter` for a name that is none."""
    if name not in services:
        raise typer.BadParameter(f"{name}: one of {', '.join(services)}")
    return services[name]


def settings_of_process() -> Settings:
    """What the `JIAYUAN_*` variables say; logging is set up by them."""
    settings = Settings()
    configure_logging(level=settings.log_level, json=settings.log_json)
    return settings


def opened(services: Services, name: str) -> tuple[Service, Settings, Database]:
    """The service with its database: the one that the settings name, or the platform's of this machine."""
    service, settings = service_named(services, name), settings_of_process()
    url = settings.database_url.get_secret_value() or _embedded_url(default_root(), name)
    return service, settings, Database(url, pool_size=settings.pool_size, name=f"jiayuan-{name}")


def _embedded_url(root: Path, name: str) -> str:
    """The database of the platform that runs on this machine, for an operator at its terminal."""
    folder = root / "postgres"
    if not folder.exists():
        raise typer.BadParameter("JIAYUAN_DATABASE_URL is not set, and no platform was started here")
    return Postgres(folder).url_for(name, name)


async def closing(database: Database, work: Coroutine[Any, Any, T]) -> T:
    """Do the work, then give the database's connections back."""
    try:
        return await work
    finally:
        await database.close()


def run(work: Coroutine[Any, Any, T], *, interrupted: int = 0) -> T:
    """Run to the end; Ctrl-C exits with `interrupted`, and what cannot go on says why in one line (1)."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work)
    except KeyboardInterrupt:
        if interrupted:
            console.print("[red]✗[/] interrupted 已中断")
        raise typer.Exit(interrupted) from None
    except (ServerFailed, DomainError, OSError) as error:
        fail(str(error))


def fail(problem: str) -> NoReturn:
    """Say what is wrong and exit with 1."""
    console.print(f"[red]✗[/] {escape(problem)}", highlight=False, soft_wrap=True)
    raise typer.Exit(1) from None
