"""Commands around the event log 事件: topics, republish, reread, recount, parked, redrive, restored."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from libs.common.clocks import utc_now
from libs.common.commands.desk import OPERATOR, Name, closing, console, opened, run, settings_of_process
from libs.common.db import Database
from libs.common.events import epochs, gates, park
from libs.common.events import republish as republishing
from libs.common.events.kafka_client import client_options
from libs.common.events.redrive import Redrive
from libs.common.events.rereading import forget
from libs.common.events.routes import Routes
from libs.common.events.topics import provision
from libs.common.service import Service

app = typer.Typer()

LISTED = 500
"""Rows that `parked` shows of each kind."""


@app.command()
def topics(context: typer.Context) -> None:
    """Make the topics and access rules of the Kafka cluster that JIAYUAN_KAFKA_* name 主题与权限."""
    settings = settings_of_process()
    run(provision(client_options(settings), list(context.obj), prefix=settings.kafka_prefix))
    console.print("[green]✓[/] topics")


@app.command()
def republish(context: typer.Context, service: Name, noun: str) -> None:
    """Send a noun's current state through the log again 重新发布, for new or rebuilt readers."""
    made, _, database = opened(context.obj, service)
    run(closing(database, _republish(made, database, noun)))


@app.command()
def reread(context: typer.Context, service: Name, topic: Annotated[list[str], typer.Argument()]) -> None:
    """Have a service read topics of full state from their beginning 重读. Stop its worker before."""
    made, _, database = opened(context.obj, service)
    known = {event.topic.name: event.topic for event in made.handlers}
    for name in topic:
        if name not in known or not known[name].full_state:
            raise typer.BadParameter(f"{name} is no topic of full state that {service} reads")
    run(closing(database, _reread(made, database, topic)))


@app.command()
def recount(context: typer.Context, service: Name, figures: str) -> None:
    """Forget figures that follow from the log 重新计数: the service's worker counts them anew."""
    made, _, database = opened(context.obj, service)
    if figures not in made.recounts:
        raise typer.BadParameter(f"{service} counts {', '.join(made.recounts) or 'nothing'}")
    run(closing(database, database.transact(made.recounts[figures])))
    console.print(
        f"[green]✓[/] {service}/{figures}: counted anew from the beginning of the log by its worker"
    )


@app.command()
def parked(context: typer.Context, service: Name) -> None:
    """List what a service could not apply 搁置消息, and what it knows from beyond a producer's restore."""
    made, _, database = opened(context.obj, service)
    run(closing(database, _show_parked(made, database)))


@app.command()
def redrive(context: typer.Context, service: Name, topic: str, aggregate: UUID) -> None:
    """Try a parked key again, in order 重投."""
    made, _, database = opened(context.obj, service)
    released = run(closing(database, _redrive(made, database, topic, aggregate)))
    raise typer.Exit(0 if released else 1)


@app.command()
def restored(context: typer.Context, service: Name) -> None:
    """Begin a new epoch after a restore by other means 恢复后新纪元, before the service writes anything."""
    made, _, database = opened(context.obj, service)
    work = partial(epochs.restored, service=made.name, actor=OPERATOR, now=utc_now())
    life = run(closing(database, database.transact(work)))
    console.print(f"[green]✓[/] {service}: epoch {life.epoch}, restored to position {life.restored_to}")


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
    rows = await database.read(partial(park.list_parked, consumer=service.name, limit=LISTED))
    table = Table("parked at", "topic", "aggregate", "version", "reason", "problem")
    for row in rows:
        told = (f"{row.parked_at:%Y-%m-%d %H:%M:%S}", row.topic, row.aggregate_id, row.version)
        table.add_row(*map(str, told), row.reason, row.problem)
    console.print(table if rows else f"[green]✓[/] {service.name}: nothing is parked")
    keys = await database.read(partial(gates.beyond, consumer=service.name, limit=LISTED))
    for (topic, aggregate), state in keys:
        console.print(
            f"  beyond a restore 恢复点之后: {topic} {aggregate} version {state.version}",
            highlight=False,
            soft_wrap=True,
        )


async def _redrive(service: Service, database: Database, topic: str, aggregate: UUID) -> bool:
    driver = Redrive(database, service.name, Routes(service.handlers), actor=OPERATOR)
    told = await driver.key(topic, aggregate, now=utc_now())
    mark = "[green]✓[/]" if told.released else "[red]✗[/]"
    console.print(f"{mark} applied {told.applied}, void {told.dropped} {told.problem}", highlight=False)
    return told.released
