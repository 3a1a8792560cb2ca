"""What the services of a story know from the start: a town, catalogues, bodies, rules and a few measures.

Only what stories play with: everything here is told anew to every reader of every world. Units and duties,
plans and targets are entered by the story.
"""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import yaml
from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.embedded.processes import blocking
from libs.common.events.sequencer import sequence
from libs.common.loading import data_folder
from services.disputes.bodies.service import load as load_bodies
from services.disputes.main import SERVICE as DISPUTES
from services.disputes.rules.service import load as load_mediation_rules
from services.disputes.types.service import load as load_types
from services.grid.catalogue.service import load_categories
from services.grid.main import SERVICE as GRID
from services.grid.places.loading import load_geography, read_sources
from services.grid.rules.service import load_rules
from services.targets.main import SERVICE as TARGETS
from services.targets.rules.service import load as load_target_rules
from services.tasks.main import SERVICE as TASKS
from services.tasks.measures.service import load as load_measures
from tests.flows.clock import MONDAY
from tests.support.databases import migrate

DISTRICT = "310107"
TOWN = "310107005"
MEASURES = ("SH-1.2", "KQ-G1.3", "KQ-C08")
"""One that serves seven targets; two that name the same eight chargers."""

Work = Callable[[AsyncSession], Awaitable[object]]


def build_grid(url: str) -> None:
    """A migrated grid database that knows one town, the categories and the rules."""
    folder = data_folder(GRID)
    whole = read_sources(folder, districts=(DISTRICT,))
    town = replace(whole, areas=[row for row in whole.areas if _in_town(row["code"])])

    async def work(session: AsyncSession) -> None:
        await load_geography(session, town, now=MONDAY)
        await load_categories(session, folder)
        await load_rules(session, folder)

    _fill("grid", url, work)


def build_tasks(url: str) -> None:
    """A migrated tasks database that knows a few measures of the plans."""
    folder = data_folder(TASKS)
    told = yaml.load((folder / "measures.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    told["measures"] = [row for row in told["measures"] if row["code"] in MEASURES]

    async def work(session: AsyncSession) -> None:
        with tempfile.TemporaryDirectory() as made:
            narrowed = _instead(folder, Path(made), "measures.yaml", yaml.safe_dump(told, allow_unicode=True))
            await load_measures(session, narrowed)

    _fill("tasks", url, work)


def build_disputes(url: str) -> None:
    """A migrated disputes database that knows the types, the rules and the bodies of one town."""
    folder = data_folder(DISPUTES)
    head, *rows = (folder / "areas.csv").read_text("utf-8").splitlines()
    town = "\n".join([head, *(row for row in rows if _in_town(row.partition(",")[0]))])

    async def work(session: AsyncSession) -> None:
        await load_types(session, folder)
        await load_mediation_rules(session, folder)
        with tempfile.TemporaryDirectory() as made:
            await load_bodies(session, _instead(folder, Path(made), "areas.csv", town))

    _fill("disputes", url, work)


def build_targets(url: str) -> None:
    """A migrated targets database that knows the rules; plans and targets are entered by the story."""
    _fill("targets", url, partial(load_target_rules, folder=data_folder(TARGETS)))


BUILD = {"grid": build_grid, "tasks": build_tasks, "disputes": build_disputes, "targets": build_targets}


def _in_town(code: str) -> bool:
    """Whether the area is the town, a part of it, or what it lies in."""
    return code.startswith(TOWN) or TOWN.startswith(code)


def _instead(folder: Path, made: Path, name: str, content: str) -> Path:
    """A folder with the same files but for one."""
    for path in folder.iterdir():
        (made / path.name).symlink_to(path)
    (made / name).unlink()
    (made / name).write_text(content, "utf-8")
    return made


def _fill(service: str, url: str, work: Work) -> None:
    """Migrate, load, and put what was published into the log."""
    migrate(service, url)

    async def run() -> None:
        database = Database(url, pool_size=1)
        try:
            await database.transact(work)
            while await database.transact(partial(sequence, limit=1000)):
                pass
        finally:
            await database.close()

    blocking(run)
