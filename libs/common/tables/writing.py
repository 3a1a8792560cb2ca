"""Writing a workbook: row by row, text as text, with choices to pick from and a sheet that explains.

>>> sheet = Sheet("小类", (Column("code", "代码"), Column("name", "名称")))
>>> write_workbook([(sheet, [{"code": "0202", "name": "=1+1"}])])[:2]
b'PK'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import zip_longest
from typing import Any

import openpyxl
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from libs.common.clocks import SHANGHAI
from libs.common.tables.shapes import LISTED, Column, Kind, Sheet

Values = Mapping[str, Any]

NOTES = Sheet(
    "填表说明",
    (
        Column("sheet", "工作表"),
        Column("column", "列", width=20),
        Column("required", "是否必填", Kind.FLAG),
        Column("choices", "可填内容", width=48),
        Column("note", "说明", width=64),
    ),
)
"""The last sheet of every workbook; it is not read."""

OPTIONS = "选项"
"""The hidden sheet that the lists to pick from point to."""

LAST_ROW = 1_048_576
_FORMATS = {Kind.TEXT: "@", Kind.DAY: "yyyy-mm-dd", Kind.MOMENT: "yyyy-mm-dd hh:mm:ss"}
_SUSPECT = ("=", "+", "-", "@", "\t")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_KINDS = {
    Kind.TEXT: "文本",
    Kind.WHOLE: "整数",
    Kind.NUMBER: "数字",
    Kind.DAY: "日期，如 2026-07-01",
    Kind.MOMENT: "日期时间，如 2026-07-01 08:30:00",
    Kind.FLAG: "是 / 否",
}


class Workbook:
    """A workbook that is written while its rows come.

    >>> workbook = Workbook()
    >>> add = workbook.sheet(Sheet("案件", (Column("number", "编号"),)))
    >>> add({"number": "0001"})
    >>> workbook.content()[:2]
    b'PK'
    """

    def __init__(self) -> None:
        self._book = openpyxl.Workbook(write_only=True)
        self._sheets: list[Sheet] = []
        self._options: list[Sequence[str]] = []

    def sheet(self, sheet: Sheet) -> Callable[[Values], None]:
        """Begin a sheet; what is returned is called with each row, a mapping of the columns' keys."""
        self._sheets.append(sheet)
        return _Sheet(self._begin(sheet), sheet)

    def content(self) -> bytes:
        """End the workbook: its bytes. Nothing can be added afterwards."""
        notes = _Sheet(self._begin(NOTES), NOTES)
        for sheet in self._sheets:
            for column in sheet.columns:
                notes(_explained(sheet, column))
        if self._options:
            self._write_options()
        made = BytesIO()
        self._book.save(made)
        return made.getvalue()

    def _begin(self, sheet: Sheet) -> Any:
        made: Any = self._book.create_sheet(sheet.title)
        made.freeze_panes = "A2"
        for place, column in enumerate(sheet.columns, 1):
            letter = get_column_letter(place)
            dimension = made.column_dimensions[letter]
            dimension.width = column.width
            if column.kind in _FORMATS:
                dimension.number_format = _FORMATS[column.kind]
            if sheet is not NOTES:
                made.data_validations.append(self._validation(column, f"{letter}2:{letter}{LAST_ROW}"))
        made.append([_head(made, column) for column in sheet.columns])
        return made

    def _validation(self, column: Column, cells: str) -> DataValidation:
        shown = list(column.choices.values()) or (["是", "否"] if column.kind is Kind.FLAG else [])
        prompt = column.note or _KINDS[column.kind]
        told: dict[str, Any] = {"promptTitle": column.title[:32], "prompt": prompt[:255]}
        if not shown or column.many:
            return DataValidation(sqref=cells, allow_blank=True, showInputMessage=True, **told)
        self._options.append(shown)
        letter = get_column_letter(len(self._options))
        listed = f"'{OPTIONS}'!${letter}$1:${letter}${len(shown)}"
        return DataValidation(
            "list", listed, sqref=cells, allow_blank=True, showInputMessage=True, showErrorMessage=True,
            errorTitle=column.title[:32], error="请从列表中选择", **told,
        )  # fmt: skip

    def _write_options(self) -> None:
        made = self._book.create_sheet(OPTIONS)
        made.sheet_state = "hidden"
        for row in zip_longest(*self._options):
            made.append([_filled(WriteOnlyCell(made), shown) for shown in row])


class _Sheet:
    """A sheet that has begun: called with a row, it writes it. Each column has its cells made once."""

    def __init__(self, made: Any, sheet: Sheet) -> None:
        self._made = made
        self._columns = [
            (column, _styled(made, column), _styled(made, column, quoted=True)) for column in sheet.columns
        ]

    def __call__(self, values: Values) -> None:
        row: list[Cell | None] = []
        for column, plain, quoted in self._columns:
            shown = _shown(column, values.get(column.key))
            cell = quoted if isinstance(shown, str) and shown.startswith(_SUSPECT) else plain
            row.append(_filled(cell, shown))
        self._made.append(row)


def write_workbook(sheets: Iterable[tuple[Sheet, Iterable[Values]]]) -> bytes:
    """The workbook of these sheets with their rows, values by the columns' keys.

    Text stays text whatever it begins with; None is an empty cell; a moment is shown in Shanghai's time.
    """
    workbook = Workbook()
    for sheet, rows in sheets:
        add = workbook.sheet(sheet)
        for values in rows:
            add(values)
    return workbook.content()


def _explained(sheet: Sheet, column: Column) -> Values:
    shown = "、".join(column.choices.values()) or _KINDS[column.kind]
    parted = "可多项，以“、”分隔" if column.separator == LISTED else "可多项，各占一行"
    return {
        "sheet": sheet.title,
        "column": column.title,
        "required": column.required,
        "choices": f"{shown}（{parted}）" if column.many else shown,
        "note": column.note,
    }


def _head(made: Any, column: Column) -> Cell:
    cell = _filled(WriteOnlyCell(made), column.title)
    assert cell is not None, "a column has a title"
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="FFF2CC" if column.required else "E7E6E6")
    return cell


def _styled(made: Any, column: Column, *, quoted: bool = False) -> Cell:
    cell = WriteOnlyCell(made)
    cell.number_format = _FORMATS.get(column.kind, "General")
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.quotePrefix = quoted
    return cell


def _filled(cell: Cell, shown: Any) -> Cell | None:
    """The cell with its content: the library would take text that begins with = for a formula."""
    if shown is None:
        return None
    cell.value = shown
    if isinstance(shown, str):
        cell.data_type = "s"
    return cell


def _shown(column: Column, value: Any) -> str | int | float | date | None:
    """The value as the cell holds it."""
    if value is None:
        return None
    if column.many:
        return _clean(column.separator.join(column.choices.get(str(one), str(one)) for one in value)) or None
    if column.kind is Kind.FLAG:
        return "是" if value else "否"
    if column.kind is Kind.TEXT or column.choices:
        return _clean(column.choices.get(str(value), str(value))) or None
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0)
    assert isinstance(value, int | float | date | Decimal), f"{column.key} holds no {column.kind}"
    return float(value) if isinstance(value, Decimal) else value


def _clean(text: str) -> str:
    """The text without what a workbook cannot hold; what would read as an escaped character is escaped."""
    return _ESCAPE.sub("_x005F_", ILLEGAL_CHARACTERS_RE.sub("", text))
