"""What is asked of a database while something is done."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
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
