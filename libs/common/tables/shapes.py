"""What a sheet holds, how much is read, and what is wrong with a cell. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from libs.common.errors import Invalid

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""Of a workbook (.xlsx)."""

LISTED = "、"
"""What parts several values in one cell, unless the column says otherwise."""

MOST_ERRORS = 200
"""So many wrong cells are named; beyond them only the count is told."""


class Kind(StrEnum):
    """What a column's cells hold."""

    TEXT = "text"  # 文本: codes keep their zeros
    WHOLE = "whole"  # 整数
    NUMBER = "number"  # 数字, a Decimal
    DAY = "day"  # 日期, local
    MOMENT = "moment"  # 时间: aware UTC in code, Shanghai in the cell
    FLAG = "flag"  # 是/否


@dataclass(frozen=True)
class Column:
    """One column: the key in code, the title in the sheet's first row.

    `choices`: value -> what the cell shows of it, offered as a list. `many`: several values in one cell,
    parted by 、 (, and ; are read as well), or by a `separator` of the column's own, such as a line break.
    `width` is in characters.
    """

    key: str
    title: str
    kind: Kind = Kind.TEXT
    required: bool = True
    choices: Mapping[str, str] = field(default_factory=dict)
    many: bool = False
    separator: str = LISTED
    note: str = ""
    width: int = 16


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: a title of at most 31 characters, its columns in order.

    A sheet that is not `required` may be missing from a file that is read.
    """

    title: str
    columns: tuple[Column, ...]
    required: bool = True


@dataclass(frozen=True)
class Limits:
    """How much of a file is read: bytes as sent, bytes unpacked, rows per sheet, characters per cell."""

    size: int = 4 << 20
    unpacked: int = 32 << 20
    rows: int = 5000
    characters: int = 4000


@dataclass(frozen=True)
class CellError:
    """What is wrong with one cell, or with a sheet (`row` 0). `cell` is its address: C7."""

    sheet: str
    row: int
    column: str
    cell: str
    code: str
    zh: str
    en: str

    def told(self, language: str) -> dict[str, Any]:
        """The error as a problem document shows it."""
        where = {"sheet": self.sheet, "row": self.row or None, "column": self.column, "cell": self.cell}
        known = {name: value for name, value in where.items() if value}
        return {**known, "code": self.code, "detail": self.zh if language == "zh" else self.en}


class TableRefused(Invalid):
    """The file is no workbook, or one that is not read: too large, encrypted, with macros (无法读取)."""

    code = "table-refused"
    zh = "无法读取该文件：{reason_zh}"
    en = "The file cannot be read: {reason}"


class TableInvalid(Invalid):
    """Cells of the workbook are not valid; each is named (表格内容有误)."""

    code = "table-invalid"
    zh = "表格有 {count} 处不符合要求，未作任何改动"
    en = "{count} cell(s) of the workbook are not valid, nothing was changed"

    def __init__(self, cells: Sequence[CellError], **data: Any) -> None:
        self.cells = tuple(cells)
        super().__init__(**{"count": len(self.cells)} | data)

    def faults(self, language: str) -> list[dict[str, Any]]:
        """The wrong cells, the first `MOST_ERRORS` of them."""
        return [cell.told(language) for cell in self.cells[:MOST_ERRORS]]
