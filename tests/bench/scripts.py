"""Scripts of the limits 极限脚本, made from rows that the platform itself has written.

The same columns with the same contents into the same tables with the same indexes; only what must be unique
is made anew. So a limit follows every change of the schema by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.stage import Stage

SAMPLES = 8
MULTI = 128
"""Rows of the statement of many rows."""

# Ids in order of time, as a client's UUIDv7 are: the run, then the count within it, then the client.
KEY = (
    "CAST(lpad(to_hex(CAST(:run AS bigint)), 8, '0') || lpad(to_hex(CAST(:n AS bigint)), 8, '0')"
    " || '7000' || lpad(to_hex(CAST(:client_id AS bigint)), 12, '0') AS uuid)"
)
RECEIPT = f"'B' || substr(md5(CAST({KEY} AS text)), 1, 16)"


@dataclass(frozen=True)
class Row:
    """A row as literals by column, what is empty left out."""

    table: str
    columns: Mapping[str, str]

    def insert(self, **changed: str) -> str:
        """The statement that writes it, some columns by other expressions."""
        told = {**self.columns, **changed}
        return f"INSERT INTO {self.table} ({', '.join(told)}) VALUES ({', '.join(told.values())});"


@dataclass(frozen=True)
class Sample:
    """What one report has written."""

    case: Row
    history: Row
    outbox: Row


def samples(stage: Stage, database: str, count: int = SAMPLES) -> list[Sample]:
    """The rows of some reports that no step has followed and no sequencer has taken."""
    ids = stage.run_sql(
        database,
        "SELECT c.id FROM grid_case c JOIN outbox o ON o.aggregate_id = c.id WHERE c.version = 1"
        f" ORDER BY c.id LIMIT {count}",
    )
    return [
        Sample(
            _row(stage, database, "grid_case", f"id = '{key}'"),
            _row(stage, database, "history", f"aggregate_id = '{key}'"),
            _row(stage, database, "outbox", f"aggregate_id = '{key}'"),
        )
        for (key,) in ids
    ]


def _row(stage: Stage, database: str, table: str, where: str) -> Row:
    columns = stage.run_sql(
        database,
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        f" WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
    )
    told = ", ".join(f"quote_nullable({name}::text)" for name, _ in columns)
    (found,) = stage.run_sql(database, f"SELECT {told} FROM {table} WHERE {where} LIMIT 1")
    given = {
        str(name): f"({_VARIABLE.sub(_COLON, str(text))})::{kind}"
        for (name, kind), text in zip(columns, found, strict=True)
        if text != "NULL" and (table, name) not in _DRAWN
    }
    return Row(table, given)


_VARIABLE, _COLON = re.compile(r":(?=[^0-9:\s'])"), "' || chr(58) || '"
"""A colon before a letter would be a variable to pgbench, inside of quotes too."""

_DRAWN = {("outbox", "id"), ("outbox", "recorded_at")}
"""Columns that the database fills in itself."""


def row_by_row(folder: Path, found: Sequence[Sample]) -> list[Path]:
    """One transaction per report: three inserts, one after the other."""
    return [
        _write(
            folder / f"row-{number}.sql",
            "\\set n :n + 1",
            "BEGIN;",
            one.case.insert(id=KEY, receipt_number=RECEIPT),
            one.history.insert(aggregate_id=KEY),
            one.outbox.insert(aggregate_id=KEY, event_id=KEY),
            "COMMIT;",
        )
        for number, one in enumerate(found)
    ]


def many_rows(folder: Path, found: Sequence[Sample], rows: int = MULTI) -> list[Path]:
    """One statement for so many reports."""
    return [
        _write(folder / f"many-{number}.sql", f"\\set n :n + {rows}", _together(one, rows))
        for number, one in enumerate(found)
    ]


def _together(one: Sample, rows: int) -> str:
    key = KEY.replace(":n ", "(:n + i) ")
    case = {**one.case.columns, "id": "key", "receipt_number": "'B' || substr(md5(CAST(key AS text)), 1, 16)"}
    history = {**one.history.columns, "aggregate_id": "made.id"}
    outbox = {**one.outbox.columns, "aggregate_id": "told.aggregate_id", "event_id": "told.aggregate_id"}
    return (
        f"WITH given AS (SELECT {key} AS key FROM generate_series(0, {rows - 1}) AS i),"
        f" made AS ({selected('grid_case', case)} FROM given ON CONFLICT DO NOTHING RETURNING id),"
        f" told AS ({selected('history', history)} FROM made RETURNING aggregate_id)"
        f" {selected('outbox', outbox)} FROM told;"
    )


def selected(table: str, columns: Mapping[str, Any]) -> str:
    """The statement that writes these columns, up to where they come from."""
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(map(str, columns.values()))}"


def one_step(folder: Path, found: Sequence[Sample], run: int, known: int) -> list[Path]:
    """One transaction per step: a case that exists is locked and changed, history and outbox are told.

    `known` cases of each of 32 clients were made by the run `run` of `row_by_row`.
    """
    key = KEY.replace(":run", str(run)).replace(":n ", ":k ")
    return [
        _write(
            folder / f"step-{number}.sql",
            "\\set n :n + 1",
            f"\\set k random(1, {known})",
            "\\set v :n * 32 + :client_id + (:run % 100) * 10000000",
            "BEGIN;",
            f"UPDATE grid_case SET version = version + 1, state = 'accepted', queue = 'to_file',"
            f" step_due_at = now(), queue_due_at = now() WHERE id = {key};",
            one.history.insert(aggregate_id=key, version=":v"),
            one.outbox.insert(aggregate_id=key, version=":v", event_id=KEY),
            "COMMIT;",
        )
        for number, one in enumerate(found)
    ]


def _write(file: Path, *lines: str) -> Path:
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file
