"""`jiayuan audit` 审计: whether a service's log is what was written."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from libs.common.commands.desk import Name, closing, console, opened, run
from libs.common.events import audit

app = typer.Typer(no_args_is_help=True, help="审计 Audit of the event log")


@app.callback()
def begin() -> None:
    """审计 Audit of the event log."""


@app.command()
def verify(
    context: typer.Context,
    service: Name,
    checkpoint: Annotated[str, typer.Option(help="a line that an earlier run printed")] = "",
) -> None:
    """Recompute the hash chain and every digest of a service's log 审计校验; exit code 1 on a fault."""
    kept = _parsed(checkpoint)
    _, _, database = opened(context.obj, service)
    report = run(closing(database, database.read(partial(audit.verify, checkpoint=kept))))
    for erasure in report.erased:
        console.print(
            f"  erased 已依法删除: position {erasure.position} by {erasure.by}, {erasure.at:%Y-%m-%d}"
        )
    for fault in report.faults:
        console.print(f"[red]✗[/] {fault}", highlight=False)
    mark = "[green]✓[/]" if report.intact else "[red]✗[/]"
    console.print(f"{mark} {service}: {report.events} events, {report.batches} batches")
    if report.head is not None:
        typer.echo(report.head.render())
    raise typer.Exit(0 if report.intact else 1)


def _parsed(line: str) -> audit.Checkpoint | None:
    try:
        return audit.Checkpoint.parse(line) if line else None
    except ValueError:
        raise typer.BadParameter("a position and a hash", param_hint="--checkpoint") from None
