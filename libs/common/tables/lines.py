"""Writing comma-separated values (CSV), row by row: for lists of any length, in bounded memory.

UTF-8 with a byte order mark, since Excel takes anything else for the local code page. What a spreadsheet
would read as a formula has an apostrophe before it.

>>> sheet = Sheet("案件", (Column("number", "编号"), Column("name", "名称")))
>>> b"".join([head_line(sheet), *lines(sheet, [{"number": "0001", "name": "=1+1"}])]).decode("utf-8-sig")
"编号,名称\\r\\n0001,'=1+1\\r\\n"
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from libs.common.clocks import SHANGHAI
from libs.common.tables.shapes import Column, Kind, Sheet

MEDIA_TYPE = "text/csv; charset=utf-8"
MARK = "\ufeff"
_SUSPECT = ("=", "+", "-", "@", "\t", "\r")


def head_line(sheet: Sheet) -> bytes:
    """The mark and the titles."""
    return (MARK + _line([column.title for column in sheet.columns])).encode()


def lines(sheet: Sheet, rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """A line for each row, values by the columns' keys; a moment is shown in Shanghai's time."""
    for row in rows:
        yield _line([_shown(column, row.get(column.key)) for column in sheet.columns]).encode()


def _line(cells: list[str]) -> str:
    made = io.StringIO()
    csv.writer(made).writerow(cells)
    return made.getvalue()


def _shown(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.kind is Kind.FLAG:
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    text = column.choices.get(str(value), str(value))
    harmless = column.kind in {Kind.WHOLE, Kind.NUMBER, Kind.DAY}
    return f"'{text}" if text.startswith(_SUSPECT) and not harmless else text
