"""`jiayuan`: the one composition root 命令行. It alone knows every service."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections import Counter, defaultdict
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from libs.common import loading, migration
from libs.common.clocks import utc_now
from libs.common.db import Database
from libs.common.embedded.platform import DEFAULTS, BusKind, Platform, default_root
from libs.common.embedded.postgres import Postgres
from libs.common.embedded.processes import ServerFailed
from libs.common.embedded.revising import write_migration
from libs.common.embedded.running import Running
from libs.common.embedded.screen import Screen
from libs.common.errors import DomainError
from libs.common.events import audit, epochs, gates, park
from libs.common.events import republish as republishing
from libs.common.events.kafka_client import client_options
from libs.common.events.redrive import Redrive
from libs.common.events.rereading import forget
from libs.common.events.routes import Routes
from libs.common.events.topics import provision
from libs.common.http.assembly import service_app
from libs.common.http.dev_tokens import DEMO_SCOPES, DemoScope, DevIssuer
from libs.common.ids import new_id, stable_id
from libs.common.policy import Actor, Role
from libs.common.service import Loaded, Service
from libs.common.serving import server
from libs.common.settings import Settings
from libs.common.telemetry import configure_logging
from libs.common.worker import Worker
from services.disputes.main import SERVICE as DISPUTES
from services.grid.main import SERVICE as GRID
from services.grid.places.domain import estate_key, identity
from services.targets.main import SERVICE as TARGETS
from services.tasks.main import SERVICE as TASKS

SERVICES: dict[str, Service] = {service.name: service for service in (GRID, TASKS, DISPUTES, TARGETS)}
DEMO_UNIT = stable_id("unit", "310107005.enforcement-team")
DEMO_ESTATES = tuple(identity("estate", estate_key("310107005001", number)) for number in (0, 1))
DEMO_BODIES = {
    Role.MEDIATOR: stable_id("body", "310107005001.studio"),
    Role.CENTRE_COORDINATOR: stable_id("body", "310107005.centre"),
    Role.DISTRICT_MEDIATION: stable_id("body", "310107.committee"),
}
DEMO_TERM = timedelta(days=365)

OPERATOR = Actor("system:operator", Role.ADMINISTRATOR)
"""Who acts at the terminal: whoever may run commands on the machine."""

T = TypeVar("T")

DRAIN_SECONDS = 5.0
"""How long an API goes on serving after readiness began to fail: the gateway looks away first."""

app = typer.Typer(no_args_is_help=True, add_completion=False, help="家园 Jiayuan")
audit_app = typer.Typer(no_args_is_help=True, help="审计 Audit of the event log")
app.add_typer(audit_app, name="audit")
console = Console(stderr=True)

Name = Annotated[str, typer.Argument(help="grid | tasks | disputes | targets")]


def main() -> None:
    """The entry point of the `jiayuan` command."""
    app()


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
        _run(_up(platform, host, port))


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
    made, settings, database = _opened(service)
    made_app = service_app(made, settings=settings, database=database)
    serving = server(made_app, host=host, port=port)
    serving.draining_call, serving.linger = made_app.health.drain, DRAIN_SECONDS
    _run(_closing(database, serving.serve()))


@app.command()
def work(service: Name) -> None:
    """Run one service's worker 后台进程: sequencer, publisher, consumer, sweeps."""
    made, settings, database = _opened(service)
    _run(_closing(database, _work(Worker(made, settings, database))))


@app.command()
def migrate(service: Name) -> None:
    """Bring one service's database to head 数据库迁移."""
    made, _, database = _opened(service)
    _run(_closing(database, migration.upgrade(database.engine, made.name)))
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
        made, _, database = _opened(name)
        work = loading.load_reference(
            database, made, say=partial(console.print, highlight=False), again=again
        )
        count = len(did := _run(_closing(database, work)))
        done += did
        console.print(f"[green]✓[/] {name}: {count} loaded")
    _show_sources(done)


@app.command()
def token(role: Annotated[str, typer.Argument(help=" | ".join(Role))]) -> None:
    """Print a development token for a role 开发令牌, valid for 15 minutes."""
    if role not in set(Role):
        raise typer.BadParameter(f"one of: {', '.join(Role)}")
    issuer = DevIssuer.open(default_root() / "keys", issuer=DEFAULTS.issuer, audience=DEFAULTS.audience)
    print(issuer.mint(Role(role), demo_scopes()[Role(role)], utc_now()))


@app.command()
def topics() -> None:
    """Make the topics and access rules of the Kafka cluster that JIAYUAN_KAFKA_* name 主题与权限."""
    settings = Settings()
    _run(provision(client_options(settings), list(SERVICES), prefix=settings.kafka_prefix))
    console.print("[green]✓[/] topics")


@app.command()
def republish(service: Name, noun: str) -> None:
    """Send a noun's current state through the log again 重新发布, for new or rebuilt readers."""
    made, _, database = _opened(service)
    _run(_closing(database, _republish(made, database, noun)))


@app.command()
def reread(service: Name, topic: Annotated[list[str], typer.Argument()]) -> None:
    """Have a service read topics of full state from their beginning 重读. Stop its worker before."""
    made, _, database = _opened(service)
    known = {event.topic.name: event.topic for event in made.handlers}
    for name in topic:
        if name not in known or not known[name].full_state:
            raise typer.BadParameter(f"{name} is no topic of full state that {service} reads")
    _run(_closing(database, _reread(made, database, topic)))


@app.command()
def parked(service: Name) -> None:
    """List what a service could not apply 搁置消息."""
    made, _, database = _opened(service)
    _run(_closing(database, _show_parked(made, database)))


@app.command()
def redrive(service: Name, topic: str, aggregate: UUID) -> None:
    """Try a parked key again, in order 重投."""
    made, _, database = _opened(service)
    _run(_closing(database, _redrive(made, database, topic, aggregate)))


@app.command()
def restored(service: Name) -> None:
    """Begin a new epoch after a restore from backup 恢复后新纪元, before the service writes anything."""
    made, _, database = _opened(service)

    async def begin() -> None:
        work = partial(epochs.restored, service=made.name, actor=OPERATOR, now=utc_now())
        life = await database.transact(work)
        console.print(f"[green]✓[/] {service}: epoch {life.epoch}, restored to position {life.restored_to}")

    _run(_closing(database, begin()))


@audit_app.command()
def verify(
    service: Name,
    checkpoint: Annotated[str, typer.Option(help="a line that an earlier run printed")] = "",
) -> None:
    """Recompute the hash chain and every digest of a service's log 审计校验; exit code 1 on a fault."""
    _, _, database = _opened(service)
    kept = audit.Checkpoint.parse(checkpoint) if checkpoint else None
    report = _run(_closing(database, database.read(partial(audit.verify, checkpoint=kept))))
    for erasure in report.erased:
        console.print(
            f"  erased 已依法删除: position {erasure.position} by {erasure.by}, {erasure.at:%Y-%m-%d}"
        )
    for fault in report.faults:
        console.print(f"[red]✗[/] {fault}", highlight=False)
    mark = "[green]✓[/]" if report.intact else "[red]✗[/]"
    console.print(f"{mark} {service}: {report.events} events, {report.batches} batches")
    if report.head is not None:
        print(report.head.render())
    raise typer.Exit(0 if report.intact else 1)


@app.command(name="new-id")
def new_id_command() -> None:
    """Print a fresh UUIDv7 新标识: what a client names a new case with."""
    print(new_id())


def _opened(name: str) -> tuple[Service, Settings, Database]:
    if name not in SERVICES:
        raise typer.BadParameter(f"one of: {', '.join(SERVICES)}")
    settings = Settings()
    configure_logging(level=settings.log_level, json=settings.log_json)
    url = settings.database_url.get_secret_value() or _embedded_url(name)
    return SERVICES[name], settings, Database(url, pool_size=settings.pool_size, name=f"jiayuan-{name}")


def _embedded_url(name: str) -> str:
    """The database of the platform that runs on this machine, for an operator at its terminal."""
    folder = default_root() / "postgres"
    if not folder.exists():
        raise typer.BadParameter("JIAYUAN_DATABASE_URL is not set, and no platform was started here")
    return Postgres(folder).url_for(name, name)


async def _republish(service: Service, database: Database, noun: str) -> None:
    with console.status(f"{service.name}/{noun} …") as status:
        batches = await republishing.republish(
            database, service, noun, said=lambda last: status.update(f"{service.name}/{noun}: {last}")
        )
    console.print(f"[green]✓[/] {service.name}/{noun}: {batches} batches")


async def _reread(service: Service, database: Database, names: list[str]) -> None:
    keys = await database.transact(partial(forget, consumer=service.name, topics=names))
    console.print(f"[green]✓[/] {service.name}: {keys} keys will be read again")


async def _show_parked(service: Service, database: Database) -> None:
    rows = await database.read(partial(park.list_parked, consumer=service.name, limit=500))
    table = Table("parked at", "topic", "aggregate", "version", "reason", "problem")
    for row in rows:
        told = (f"{row.parked_at:%Y-%m-%d %H:%M:%S}", row.topic, row.aggregate_id, row.version)
        table.add_row(*map(str, told), row.reason, row.problem)
    console.print(table if rows else f"[green]✓[/] {service.name}: nothing is parked")
    for (topic, aggregate), state in await database.read(partial(gates.beyond, consumer=service.name)):
        console.print(
            f"  beyond a restore 恢复点之后: {topic} {aggregate} version {state.version}", highlight=False
        )


async def _redrive(service: Service, database: Database, topic: str, aggregate: UUID) -> None:
    driver = Redrive(database, service.name, Routes(service.handlers), actor=OPERATOR)
    told = await driver.key(topic, aggregate, now=utc_now())
    mark = "[green]✓[/]" if told.released else "[red]✗[/]"
    console.print(f"{mark} applied {told.applied}, void {told.dropped} {told.problem}", highlight=False)


async def _work(worker: Worker) -> None:
    stop = asyncio.Event()
    _stop_on_signal(stop)
    await worker.run(stop)


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


async def _closing(database: Database, work: Coroutine[Any, Any, T]) -> T:
    """Do the work, then give the database's connections back."""
    try:
        return await work
    finally:
        await database.close()


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; Ctrl-C is an orderly stop, and what cannot go on says why in one line."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    except (ServerFailed, DomainError) as error:
        console.print(f"[red]✗[/] {error}", highlight=False)
        raise typer.Exit(1) from None


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
