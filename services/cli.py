"""`jiayuan`: the one composition root 命令行. It alone knows every service."""

from __future__ import annotations

from libs.common import garbage  # noqa: F401 - before what makes many objects

# isort: split
import asyncio
import signal
import socket
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from libs.common import loading, migration
from libs.common.clocks import utc_now
from libs.common.commands import audit, backup, events
from libs.common.commands.desk import OPERATOR, Name, closing, console, opened, run, settings_of_process
from libs.common.coordinates import Crs
from libs.common.embedded.platform import DEFAULTS, BusKind, Platform, default_root
from libs.common.embedded.revising import write_migration
from libs.common.embedded.running import Running
from libs.common.embedded.screen import Screen
from libs.common.http.app import pages, probes
from libs.common.http.assembly import service_app
from libs.common.http.dev_tokens import DEMO_SCOPES, DemoScope, DevIssuer
from libs.common.http.health import Health
from libs.common.ids import new_id, stable_id
from libs.common.policy import Role
from libs.common.service import Loaded, Service
from libs.common.serving import server
from libs.common.telemetry import configure_logging
from libs.common.worker import Worker
from services.grid.places.domain import estate_key, identity

NAMES = ("grid", "tasks", "disputes", "targets")


class ByName(Mapping[str, Service]):
    """The services by name. A process that runs one of them imports that one only, and starts sooner."""

    def __getitem__(self, name: str) -> Service:
        if name not in NAMES:
            raise KeyError(name)
        service: Service = import_module(f"services.{name}.main").SERVICE
        return service

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


SERVICES: Mapping[str, Service] = ByName()
DEMO_UNIT = stable_id("unit", "310107005.enforcement-team")
DEMO_ESTATES = tuple(identity("estate", estate_key("310107005001", number)) for number in (0, 1))
DEMO_BODIES = {
    Role.MEDIATOR: stable_id("body", "310107005001.studio"),
    Role.CENTRE_COORDINATOR: stable_id("body", "310107005.centre"),
    Role.DISTRICT_MEDIATION: stable_id("body", "310107.committee"),
}
DEMO_TERM = timedelta(days=365)

DRAIN_SECONDS = 5.0
"""How long an API goes on serving after readiness began to fail: the gateway looks away first."""

app = typer.Typer(no_args_is_help=True, add_completion=False, help="家园 Jiayuan")
app.add_typer(events.app)
app.add_typer(backup.app)
app.add_typer(audit.app, name="audit")


def main() -> None:
    """The entry point of the `jiayuan` command."""
    app()


@app.callback()
def begin(context: typer.Context) -> None:
    """家园 Jiayuan."""
    context.obj = SERVICES


def demo_scopes() -> dict[Role, DemoScope]:
    """Whom the development tokens speak for: the demonstration's places, with a unit, bodies, estates."""
    bound: dict[Role, dict[str, Any]] = {
        Role.UNIT_CLERK: {"unit_id": DEMO_UNIT},
        Role.UNIT_LEADER: {"unit_id": DEMO_UNIT},
        Role.FIRM_MANAGER: {"estates": DEMO_ESTATES},
        Role.COMMITTEE_MEMBER: {"estates": DEMO_ESTATES, "term": DEMO_TERM},
        **{role: {"body_id": body} for role, body in DEMO_BODIES.items()},
    }
    return {role: replace(scope, **bound.get(role, {})) for role, scope in DEMO_SCOPES.items()}


@app.command()
def up(
    bus: Annotated[str, typer.Option(help="local | kafka")] = "local",
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
) -> None:
    """Start the whole platform on this machine 启动: servers, databases, APIs and workers."""
    kind: BusKind = "kafka" if bus == "kafka" else "local"
    if bus not in ("local", "kafka"):
        raise typer.BadParameter("local or kafka", param_hint="--bus")
    _require_free(host, port)
    root = default_root()
    root.mkdir(parents=True, exist_ok=True)
    platform = Platform(root, tuple(SERVICES.values()), bus=kind, public_url=f"http://{host}:{port}")
    with (root / "jiayuan.log").open("a", encoding="utf-8", buffering=1) as log:
        configure_logging(level=DEFAULTS.log_level, stream=log)
        run(_up(platform, host, port))


async def _up(platform: Platform, host: str, port: int) -> None:
    screen = Screen(console)
    try:
        await platform.prepare(screen)
        running = Running(platform, demo_scopes(), screen)
        await running.serve(
            host=host,
            port=port,
            started=lambda tokens: screen.ready(f"http://{host}:{port}", str(running.tokens_path), tokens),
        )
    finally:
        with screen.step("停止 Stopping"):
            await platform.stop()


@app.command(name="serve")
def serve_command(
    service: Name,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
) -> None:
    """Serve one service's API 接口进程; settings from JIAYUAN_* variables."""
    made, settings, database = opened(SERVICES, service)
    made_app = service_app(made, settings=settings, database=database)
    serving = server(made_app, host=host, port=port)
    serving.draining_call, serving.linger = made_app.health.drain, DRAIN_SECONDS
    run(closing(database, serving.serve()))


@app.command(name="pages")
def pages_command(
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
) -> None:
    """Serve the pages and the document of all services' interfaces 接口文档进程; it needs no database."""
    settings_of_process()
    run(server(pages(tuple(SERVICES.values())), host=host, port=port).serve())


@app.command()
def work(
    service: Name,
    host: Annotated[str, typer.Option(help="where to answer probes")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: answer no probes")] = 0,
) -> None:
    """Run one service's worker 后台进程: sequencer, publisher, consumer, sweeps."""
    made, settings, database = opened(SERVICES, service)
    run(closing(database, _work(Worker(made, settings, database), host, port)))


@app.command()
def migrate(service: Name) -> None:
    """Bring one service's database to head 数据库迁移."""
    made, _, database = opened(SERVICES, service)
    run(closing(database, migration.upgrade(database.engine, made.name)))
    console.print(f"[green]✓[/] {service}: {migration.heads(service)}")


@app.command()
def revise(history: Annotated[str, typer.Argument(help="toolbox, or a service")], message: str) -> None:
    """Write the next migration from the models 编写迁移, on a throw-away database."""
    if history not in (migration.TOOLBOX, *SERVICES):
        raise typer.BadParameter(f"one of: {', '.join((migration.TOOLBOX, *SERVICES))}")
    of = history if history in SERVICES else next(iter(SERVICES))
    write_migration(history, message, of=of)


@app.command()
def load(
    service: Annotated[str, typer.Argument(help="all | grid | tasks | disputes | targets")] = "all",
    again: Annotated[bool, typer.Option(help="load even what has not changed")] = False,
) -> None:
    """Load reference data 装载基础数据: plans, units, targets, measures, areas; idempotent."""
    done: list[Loaded] = []
    for name in SERVICES if service == "all" else (service,):
        made, _, database = opened(SERVICES, name)
        work = loading.load_reference(
            database, made, say=partial(console.print, highlight=False), again=again
        )
        count = len(did := run(closing(database, work)))
        done += did
        console.print(f"[green]✓[/] {name}: {count} loaded")
    _show_sources(done)


@app.command(name="import-unit-grids")
def import_unit_grids(
    file: Annotated[Path, typer.Argument(help="GeoJSON; each polygon with its code", exists=True)],
    crs: Annotated[Crs, typer.Option(help="coordinate system of the file 坐标系")],
    effective_from: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="first day 启用日期")],
    source: Annotated[str, typer.Option(help="where it comes from 来源")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only check 仅检查")] = False,
) -> None:
    """Import surveyed unit grids 单元网格入库: whole neighbourhoods, in force from a day on."""
    surveys = import_module("services.grid.surveys.service")
    _, _, database = opened(SERVICES, "grid")
    given = surveys.survey_of(file.read_bytes(), crs, effective_from.date(), source, dry_run=dry_run)
    take = partial(surveys.take, given=given, viewer=None, actor=OPERATOR, now=utc_now())
    outcome = run(closing(database, database.transact(take)))
    for finding in outcome.findings:
        mark = "[yellow]![/]" if finding.warning else "[red]✗[/]"
        where = f"{finding.code or ''} {finding.other_code or ''} {finding.lon or ''} {finding.lat or ''}"
        console.print(f"{mark} {finding.feature}: {finding.kind} {where} {finding.detail or ''}".rstrip())
    told = f"{outcome.cells} unit grids of {outcome.neighbourhoods} neighbourhoods, {outcome.errors} errors"
    done = f"edition {outcome.edition}, {outcome.ended} ended" if outcome.edition else "nothing imported"
    console.print(f"[green]✓[/] {told}; {done}")
    if outcome.errors:
        raise typer.Exit(1)


@app.command()
def token(role: Annotated[str, typer.Argument(help=" | ".join(Role))]) -> None:
    """Print a development token for a role 开发令牌, valid for 15 minutes."""
    if role not in set(Role):
        raise typer.BadParameter(f"one of: {', '.join(Role)}")
    issuer = DevIssuer.open(default_root() / "keys", issuer=DEFAULTS.issuer, audience=DEFAULTS.audience)
    print(issuer.mint(Role(role), demo_scopes()[Role(role)], utc_now()))


@app.command(name="new-id")
def new_id_command() -> None:
    """Print a fresh UUIDv7 新标识: what a client names a new case with."""
    print(new_id())


async def _work(worker: Worker, host: str, port: int) -> None:
    stop = asyncio.Event()
    if not port:
        _stop_on_signal(stop)
        await worker.run(stop)
        return
    health = Health(worker.service.name, worker.database, dict(worker.watchdogs))
    serving = server(probes(health), host=host, port=port)
    serving.draining_call = stop.set
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run(stop))
        group.create_task(serving.serve())


def _show_sources(done: list[Loaded]) -> None:
    """What each document contributed, and what could not be taken 各文件装载情况."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for did in done:
        for source, counts in did.by_source.items():
            found[source].update(counts)
    if found:
        kinds = sorted({kind for counts in found.values() for kind in counts})
        table = Table("source 来源", *kinds, show_footer=True)
        for source, counts in found.items():
            table.add_row(source, *(str(counts[kind]) for kind in kinds))
        for column, kind in zip(table.columns[1:], kinds, strict=True):
            column.footer, column.justify = str(sum(c[kind] for c in found.values())), "right"
        console.print(table)
    refused = sum(len(did.refused) for did in done)
    if refused:
        console.print(f"[red]✗[/] {refused} rows were not taken 未能装载 {refused} 行")


def _stop_on_signal(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for which in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(which, stop.set)


def _require_free(host: str, port: int) -> None:
    """Say at once, before minutes of work, that the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            console.print(
                f"[red]✗[/] 端口 {port} 不可用 port {port} cannot be used: {error.strerror}; PORT=8001"
            )
            raise typer.Exit(1) from None


if __name__ == "__main__":
    main()
