"""What the platform asks of the database, as text that pgbench can run 语句."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any


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
