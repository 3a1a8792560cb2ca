"""Migrations 数据库迁移: two histories per database, the toolbox's and the service's own, run in that order.

Append-only once landed; expand before contract. `upgrade` runs inside one transaction per history under
an advisory lock, so that several starting processes migrate once.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import AsyncEngine

from libs.common.tree import repository_root

TOOLBOX = "toolbox"
LOCK = 0x6A69617975616E  # "jiayuan"
"""The advisory lock under which a database's schema changes."""


def folder(history: str) -> Path:
    """Where a history's env.py and versions lie; `history` is `toolbox` or a service's name."""
    root = repository_root()
    return root / ("libs/common" if history == TOOLBOX else f"services/{history}") / "migrations"


def config(history: str, connection: Connection | None = None) -> Config:
    """Alembic's configuration of one history, bound to an open connection where there is one."""
    made = Config()
    made.set_main_option("script_location", str(folder(history)))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def upgrade_connection(connection: Connection, service: str, *, to: str = "head") -> None:
    """Bring the toolbox's and the service's tables to `to`, under a lock (synchronous connection)."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    for history in (TOOLBOX, service):
        command.upgrade(config(history, connection), to if history == service else "head")


async def upgrade(engine: AsyncEngine, service: str) -> None:
    """Bring a service's database to head, in one transaction."""
    async with engine.begin() as connection:
        await connection.run_sync(upgrade_connection, service)


def heads(service: str) -> dict[str, str | None]:
    """The newest revision of both histories, by version table."""
    return {
        version_table(history): ScriptDirectory.from_config(config(history)).get_current_head()
        for history in (TOOLBOX, service)
    }


def at_head(connection: Connection, service: str) -> bool:
    """Whether both histories of the database stand at their newest revision."""
    return all(
        MigrationContext.configure(connection, opts={"version_table": table}).get_current_revision() == head
        for table, head in heads(service).items()
    )


def version_table(history: str) -> str:
    """The table in which a history keeps its revision."""
    return f"{history}_version"


def run(context: EnvironmentContext | Any, metadata: MetaData, history: str) -> None:
    """What every env.py does: run the migrations on the connection it was given."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        version_table=version_table(history),
        include_object=_ours(metadata),
        # Expressions come back in PostgreSQL's own words; the gate compares defaults exactly.
        compare_server_default=False,
    )
    context.run_migrations()


def _ours(metadata: MetaData) -> Any:
    """Leave out what other histories and the log's partitions own."""

    def include(entity: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        if kind == "table":
            return name in metadata.tables
        return not (kind == "index" and reflected and entity.table.name not in metadata.tables)

    return include


async def revise(engine: AsyncEngine, history: str, message: str, *, into: Path | None = None) -> None:
    """Write a new migration of the history: what its models have and the database at head lacks.

    It goes beside the others unless `into` names another folder.
    """

    def write(connection: Connection) -> None:
        made = config(history, connection)
        usual = folder(history) / "versions"
        made.set_main_option(
            "version_locations", os.pathsep.join(map(str, (usual, *([into] if into else []))))
        )
        number = 1 + sum(1 for _ in ScriptDirectory.from_config(made).walk_revisions())
        command.revision(
            made, message, autogenerate=True, version_path=str(into or usual), rev_id=f"{number:04d}"
        )

    async with engine.begin() as connection:
        await connection.run_sync(write)
