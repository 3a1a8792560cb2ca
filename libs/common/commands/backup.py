"""`jiayuan backup` and `jiayuan restore` 备份与恢复: of this machine's platform, or one service by settings.

Where `JIAYUAN_DATABASE_URL` is set (compose, cluster) it names the one service's database that is meant.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from libs.common.clocks import utc_now
from libs.common.commands.desk import (
    INTERRUPTED,
    OPERATOR,
    Services,
    console,
    run,
    service_named,
    settings_of_process,
)
from libs.common.embedded import backup as folders
from libs.common.embedded.backup import Manifest
from libs.common.embedded.place import Place, by_settings, on_this_machine
from libs.common.embedded.platform import default_root
from libs.common.embedded.screen import Screen
from libs.common.events.bus import Restored

app = typer.Typer()

Folder = Annotated[Path, typer.Argument(help="the folder of the backup 备份目录")]
Chosen = Annotated[
    list[str] | None, typer.Option("--service", help="grid | tasks | disputes | targets; all if not given")
]


@app.command()
def backup(
    context: typer.Context,
    folder: Folder,
    service: Chosen = None,
    verify: Annotated[bool, typer.Option("--verify", help="only check a backup that exists")] = False,
) -> None:
    """Write databases and photos to a new folder 备份, while the platform works; --verify checks one."""
    screen = Screen(console)
    if verify:
        manifest, _ = run(folders.verify(folder, progress=screen), interrupted=INTERRUPTED)
    else:
        names = _chosen(context.obj, service)
        manifest = run(_back_up(folder, names, screen), interrupted=INTERRUPTED)
    _show(folder, manifest)


@app.command()
def restore(
    context: typer.Context,
    folder: Folder,
    service: Chosen = None,
    replace: Annotated[bool, typer.Option("--replace", help="replace what the databases hold")] = False,
) -> None:
    """Bring databases and photos back from a backup 恢复, in a new epoch each. Stop the platform before."""
    names = _chosen(context.obj, service)
    begun = run(_restore(folder, names, replace, Screen(console)), interrupted=INTERRUPTED)
    console.print(f"[green]✓[/] restored 已恢复: {', '.join(one.producer for one in begun)}")
    console.print("  before you start anything, read “Restore” in docs/guides/operators.md", highlight=False)
    console.print("  启动之前请阅读 docs/guides/operators.zh-CN.md “恢复”", highlight=False)


async def _back_up(folder: Path, names: Collection[str], screen: Screen) -> Manifest:
    async with _place(names, screen, make=False) as place:
        return await folders.back_up(folder, place, now=utc_now(), progress=screen)


async def _restore(folder: Path, names: Collection[str], replace: bool, screen: Screen) -> list[Restored]:
    Manifest.read(folder)  # Before a server is made for nothing.
    async with _place(names, screen, make=True) as place:
        return await folders.restore(
            folder, place, replace=replace, by=OPERATOR, now=utc_now(), progress=screen
        )


def _chosen(services: Services, asked: list[str] | None) -> list[str]:
    """The services that are meant. Raises `typer.BadParameter`."""
    names = list(dict.fromkeys(service_named(services, name).name for name in asked or services))
    if settings_of_process().database_url.get_secret_value() and len(names) != 1:
        raise typer.BadParameter(
            "JIAYUAN_DATABASE_URL names one database: say of which", param_hint="--service"
        )
    return names


@asynccontextmanager
async def _place(names: Collection[str], screen: Screen, *, make: bool) -> AsyncIterator[Place]:
    settings = settings_of_process()
    if settings.database_url.get_secret_value():
        yield by_settings(settings, next(iter(names)))
        return
    async with on_this_machine(default_root(), names, make=make, progress=screen) as place:
        yield place


def _show(folder: Path, manifest: Manifest) -> None:
    table = Table("service", "epoch", "position", "schema")
    for name, state in manifest.services.items():
        table.add_row(name, str(state.epoch), str(state.position), " ".join(state.revisions.values()))
    console.print(table)
    told = f"{folder}: {manifest.made_at}, Jiayuan {manifest.version}, {manifest.photos} photos 张照片"
    console.print(f"[green]✓[/] {told}", highlight=False, soft_wrap=True)
