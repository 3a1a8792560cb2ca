"""What the tables of the event path need besides themselves: partitions, and the log's first rows.

`install` runs after `create_all`; the migration that makes the tables runs the same statements.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, event, text

from libs.common.events.models import EventLog

PARTITION_ROWS = 1_000_000
"""Positions per partition of the log."""


def partition_name(number: int) -> str:
    """The table that holds the positions `number * PARTITION_ROWS` and on."""
    return f"log_parts.event_log_{number:06d}"


def partition_statements(number: int, rows: int = PARTITION_ROWS) -> tuple[str, str]:
    """Make a partition and attach it: readers and writers of the log are not stopped by either."""
    name = partition_name(number)
    return (
        f"CREATE TABLE IF NOT EXISTS {name} (LIKE event_log INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
        f"ALTER TABLE event_log ATTACH PARTITION {name}"
        f" FOR VALUES FROM ({number * rows}) TO ({(number + 1) * rows})",
    )


FIRST_ROWS = (
    "INSERT INTO log_head (position, epoch, hash) VALUES (0, 1, decode(repeat('00', 32), 'hex'))"
    " ON CONFLICT DO NOTHING",
    "INSERT INTO log_epoch (epoch, restored_to) VALUES (1, 0) ON CONFLICT DO NOTHING",
)
"""The empty log: position 0, epoch 1, a hash of zeros."""


def install_statements() -> tuple[str, ...]:
    """Everything that must follow the creation of the tables, in order."""
    return ("CREATE SCHEMA IF NOT EXISTS log_parts", *partition_statements(0), *FIRST_ROWS)


def install(connection: Connection) -> None:
    """Make the first partition and the log's first rows, unless they are there."""
    if connection.scalar(text("SELECT to_regclass(:name)"), {"name": partition_name(0)}) is not None:
        return
    for statement in install_statements():
        connection.execute(text(statement))


@event.listens_for(EventLog.metadata, "after_create")
def _after_create(target: Any, connection: Connection, **_: Any) -> None:
    install(connection)
