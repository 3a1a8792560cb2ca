"""What the platform asks of the database, as text that pgbench can run 语句."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, event

from libs.common.db import Database


@asynccontextmanager
async def statements(database: Database) -> AsyncIterator[list[tuple[str, Sequence[Any]]]]:
    """What is asked of the database meanwhile, with the values."""
    asked: list[tuple[str, Sequence[Any]]] = []

    def note(connection: Connection, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        asked.append((statement, values))

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def literal(statement: str, values: Sequence[Any]) -> str:
    """The statement with its values written into it.

    >>> literal("SELECT $1::VARCHAR, $2::INTEGER, $10", ["it's", 51, *[0] * 7, "z"])
    "SELECT 'it''s'::VARCHAR, 51::INTEGER, 'z'"
    """
    return re.sub(r"\$(\d+)", lambda place: _written(values[int(place[1]) - 1]), statement)


def _written(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return f"ARRAY[{', '.join(map(_written, value))}]"
    told = value.isoformat() if isinstance(value, datetime) else str(value)
    return "'" + told.replace("'", "''") + "'"
