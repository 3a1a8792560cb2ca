"""What the services of a story know from the start: one district, the catalogue, two units and a duty."""

from __future__ import annotations

from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from libs.common.db import Database
from libs.common.embedded.processes import blocking
from libs.common.events.sequencer import sequence
from libs.common.loading import data_folder
from services.grid.catalogue.service import load_categories
from services.grid.main import SERVICE as GRID
from services.grid.places.loading import load_geography, read_sources
from services.grid.rules.service import load_rules
from tests.flows.clock import MONDAY
from tests.support.databases import migrate

DISTRICT = "310107"


def build_grid(url: str) -> None:
    """A migrated grid database that knows one district, the categories and the rules."""
    migrate("grid", url)
    blocking(partial(_load, url))


def build_tasks(url: str) -> None:
    """A migrated tasks database; its units and duties are entered by the story."""
    migrate("tasks", url)


BUILD = {"grid": build_grid, "tasks": build_tasks}


async def _load(url: str) -> None:
    database = Database(url, pool_size=1)
    folder = data_folder(GRID)

    async def work(session: AsyncSession) -> None:
        await load_geography(session, read_sources(folder, districts=(DISTRICT,)), now=MONDAY)
        await load_categories(session, folder)
        await load_rules(session, folder)

    try:
        await database.transact(work)
        while await database.transact(partial(sequence, limit=1000)):
            pass
    finally:
        await database.close()
