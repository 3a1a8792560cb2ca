"""Databases of one test run: a migrated template per service, and clones of it (about 20 ms each).

The four databases of a run share one cluster, each under a role of its own, as `make run` has them.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from itertools import count
from pathlib import Path

from sqlalchemy.ext.asyncio import create_async_engine

from libs.common.embedded.postgres import Postgres
from libs.common.embedded.processes import blocking
from libs.common.migration import upgrade
from tests.support.servers import worker_name

Build = Callable[[str], None]
"""Fills a new, empty database, given its URL."""


class Databases:
    """Templates made once per run, and clones for whoever asks. Every method blocks."""

    def __init__(self, postgres: Postgres, folder: Path) -> None:
        self.postgres = postgres
        self.folder = folder
        self._serial = count(1)

    def template(self, name: str, build: Build, *, owner: str = "") -> str:
        """The name of the template `<name>_template`, filled by `build` if this is the first to ask.

        It belongs to the role `owner`, or to one of its own name.
        """
        template = f"{name}_template"
        with (self.folder / f"{template}.lock").open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            if file.read() != "built":
                self.postgres.drop(template)
                build(self.postgres.ensure_database(template, owner or name))
                file.write("built")
        return template

    def of_service(self, service: str) -> str:
        """The template of a service: both its histories migrated, no rows."""
        return self.template(service, lambda url: migrate(service, url))

    def clone(self, template: str, purpose: str = "") -> tuple[str, str]:
        """A copy for this worker, as (name, URL). Names do not repeat."""
        name = f"{template.removesuffix('_template')}_{worker_name()}_{purpose or 'own'}_{next(self._serial)}"
        return name, self.postgres.clone(template, name)

    def drop(self, name: str) -> None:
        """Drop a clone."""
        self.postgres.drop(name)


def migrate(service: str, url: str) -> None:
    """Bring the database to head, in a loop of its own."""

    async def run() -> None:
        engine = create_async_engine(url)
        try:
            await upgrade(engine, service)
        finally:
            await engine.dispose()

    blocking(run)
