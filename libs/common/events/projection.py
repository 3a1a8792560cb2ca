"""A projection 读模型: what a service keeps of another's records, one row per record, as it was last told.

A service declares it where others have a handler; all rows that a batch brings are written by one statement.

    HANDLERS = {UnitChanged: Projection(KnownUnit)}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Table, TextClause
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase

from libs.common.events.contract import Event
from libs.common.events.statements import statement

Told = tuple[UUID, Event]
"""A record's identity and its full state."""

_PUT = """INSERT INTO {table} ({columns})
    SELECT {columns} FROM json_populate_recordset(NULL::{table}, CAST(:rows AS json))
    ON CONFLICT ({key}) DO UPDATE SET {changed}"""


@dataclass(frozen=True, eq=False)
class Projection:
    """Rows of `model`: `id` is the record's identity, other columns are the event's fields of their name.

    `made` gives those columns that are to be made from the event. Within a batch the last word counts.
    """

    model: type[DeclarativeBase]
    made: Callable[[Any], Mapping[str, Any]] = lambda event: {}

    async def keep(self, session: AsyncSession, told: Iterable[Told]) -> None:
        """Take over the records' full state."""
        rows = {row[self._key]: row for row in (self._row(key, event) for key, event in told)}
        given = orjson.dumps(list(rows.values()), default=str).decode()
        await session.execute(self._put, {"rows": given})

    def _row(self, key: UUID, event: Event) -> dict[str, Any]:
        row = {"id": key, **self.made(event)}
        return {name: row[name] if name in row else getattr(event, name) for name in self._names}

    @cached_property
    def _table(self) -> Table:
        table = self.model.__table__
        assert isinstance(table, Table)
        return table

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self._table.c)

    @cached_property
    def _key(self) -> str:
        (column,) = self._table.primary_key
        return column.name

    @cached_property
    def _put(self) -> TextClause:
        return statement(
            _PUT,
            table=self._table.name,
            columns=", ".join(self._names),
            key=self._key,
            changed=", ".join(f"{name} = excluded.{name}" for name in self._names if name != self._key),
        )
