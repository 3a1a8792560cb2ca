"""Reading a workbook: bounded, without formulas or macros, every wrong cell told.

>>> from libs.common.tables import Kind, write_workbook
>>> sheet = Sheet("小类", (Column("code", "代码"), Column("limit", "时限", Kind.WHOLE)))
>>> book = read_workbook(write_workbook([(sheet, [{"code": "0202", "limit": 2}])]), [sheet])
>>> [dict(row) for row in book.rows(sheet)], book.errors
([{'code': '0202', 'limit': 2}], [])
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from shutil import copyfileobj
from typing import Any, TypeVar
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import openpyxl
from openpyxl.utils import get_column_letter
from pydantic import BaseModel, ValidationError

from libs.common.http.languages import message
from libs.common.tables.cells import CellFault, valued
from libs.common.tables.shapes import CellError, Column, Limits, Sheet, TableInvalid, TableRefused

Shape = TypeVar("Shape", bound=BaseModel)

MOST_PARTS = 500
"""Files inside of a workbook."""

MOST_COLUMNS = 100
LAST_ROW = 1_048_576
_CHUNK = 1 << 16
_MACROS = "vbaproject"


class Row(Mapping[str, Any]):
    """One row as values by the columns' keys: None is an empty cell, a wrong cell's key is missing.

    `number` is the row's in the sheet; `sound` says that none of its cells is wrong so far.
    """

    def __init__(self, sheet: Sheet, number: int) -> None:
        self.sheet = sheet
        self.number = number
        self.sound = True
        self._values: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def put(self, key: str, value: Any) -> None:
        """Set what the cell of the column holds."""
        self._values[key] = value

    def spoil(self, key: str) -> None:
        """The cell is wrong: nothing may be made of it, nor of the row."""
        self._values.pop(key, None)
        self.sound = False


class Book:
    """What was read: rows by sheet, and what is wrong with them so far."""

    def __init__(self) -> None:
        self.errors: list[CellError] = []
        self._rows: dict[str, list[Row]] = {}
        self._letters: dict[tuple[str, str], str] = {}

    def rows(self, sheet: Sheet) -> Sequence[Row]:
        """The rows of the sheet that are not empty, wrong ones included; none if it is missing."""
        return self._rows.get(sheet.title, [])

    def has(self, sheet: Sheet) -> bool:
        """Whether the file holds the sheet."""
        return sheet.title in self._rows

    def wrong(self, row: Row, key: str, code: str, zh: str, en: str) -> None:
        """Note that the row's cell of this column is wrong."""
        row.spoil(key)
        title = next((column.title for column in row.sheet.columns if column.key == key), key)
        letter = self._letters.get((row.sheet.title, key), "")
        cell = f"{letter}{row.number}" if letter else ""
        self.errors.append(CellError(row.sheet.title, row.number, title, cell, code, zh, en))

    def shape(self, row: Row, model: type[Shape]) -> Shape | None:
        """The row as the model, or None with its cells told.

        Empty cells leave the model's defaults; columns that it does not know are for people only.
        """
        if not row.sound:
            return None
        known = {key: row[key] for key in model.model_fields if row.get(key) is not None}
        try:
            return model.model_validate(known)
        except ValidationError as error:
            for fault in error.errors():
                key = str(fault["loc"][0]) if fault["loc"] else row.sheet.columns[0].key
                self.wrong(row, key, fault["type"], message(fault, "zh"), message(fault, "en"))
            return None

    def check(self) -> None:
        """Raise `TableInvalid` with every wrong cell, if there is one."""
        if self.errors:
            raise TableInvalid(self.errors)

    def take(self, sheet: Sheet, rows: Iterator[tuple[Any, ...]], limits: Limits) -> None:
        """Read the sheet's rows, its titles first."""
        self._rows[sheet.title] = []
        columns = self._columns(sheet, next(rows, ()))
        blank: tuple[Any, ...] | None = None
        for number, cells in enumerate(rows, 2):
            if cells is blank:
                continue  # a gap is told as one and the same row, up to a million times
            if all(_empty(cell) for cell in cells):
                blank = cells
                continue
            if len(self._rows[sheet.title]) >= limits.rows:
                zh, en = f"最多 {limits.rows} 行", f"at most {limits.rows} rows"
                self._told(sheet, number, "", ("too-many-rows", zh, en))
                return
            self._rows[sheet.title].append(self._row(Row(sheet, number), columns, cells, limits))

    def missing(self, sheet: Sheet) -> None:
        """Note that the file lacks the sheet."""
        self._told(sheet, 0, "", ("sheet-missing", "缺少此工作表", "the sheet is missing"))

    def _row(self, row: Row, columns: Mapping[int, Column], cells: tuple[Any, ...], limits: Limits) -> Row:
        for column in row.sheet.columns:
            row.put(column.key, None)
        for place, column in columns.items():
            try:
                row.put(column.key, valued(column, cells[place], limits.characters))
            except CellFault as fault:
                self.wrong(row, column.key, fault.code, fault.zh, fault.en)
        for place, cell in enumerate(cells):
            if place not in columns and not _empty(cell):
                letter = get_column_letter(place + 1)
                zh, en = "此列没有标题", "the column has no title"
                self._told(row.sheet, row.number, f"{letter}{row.number}", ("column-untitled", zh, en))
        return row

    def _columns(self, sheet: Sheet, head: tuple[Any, ...]) -> dict[int, Column]:
        """Place -> column, by the titles of the first row; what does not fit is told."""
        by_title = {_plain(column.title): column for column in sheet.columns}
        found: dict[int, Column] = {}
        for place, cell in enumerate(head):
            if _empty(cell):
                continue
            column, letter = by_title.get(_plain(str(cell.value))), get_column_letter(place + 1)
            if column is None:
                told = ("column-unknown", "没有这一列，请以导出的表格为准", "there is no such column")
                self._told(sheet, 1, f"{letter}1", told)
            elif column in found.values():
                self._told(sheet, 1, f"{letter}1", ("column-twice", "此列重复", "the column occurs twice"))
            else:
                found[place] = column
                self._letters[sheet.title, column.key] = letter
        for column in sheet.columns:
            if column.required and column not in found.values():
                told = ("column-missing", f"缺少列“{column.title}”", f"the column {column.title} is missing")
                self._told(sheet, 1, "", told)
        return found

    def _told(self, sheet: Sheet, row: int, cell: str, told: tuple[str, str, str]) -> None:
        self.errors.append(CellError(sheet.title, row, "", cell, *told))


def read_workbook(content: bytes, sheets: Sequence[Sheet], limits: Limits | None = None) -> Book:
    """The rows of these sheets; other sheets are not looked at.

    Raises `TableRefused` where nothing can be read at all. What is wrong with cells is in `Book.errors`.
    """
    limits = limits or Limits()
    packed, book = _unpacked(content, limits), Book()
    try:
        source = openpyxl.load_workbook(packed, read_only=True, keep_links=False)
        for sheet in sheets:
            if sheet.title in source.sheetnames:
                made = source[sheet.title]
                book.take(sheet, made.iter_rows(1, LAST_ROW, 1, MOST_COLUMNS), limits)
            elif sheet.required:
                book.missing(sheet)
        source.close()
    except Exception as error:  # a broken file makes the library raise whatever comes
        raise _refused("文件已损坏", f"it is broken ({type(error).__name__})") from error
    return book


def _unpacked(content: bytes, limits: Limits) -> BytesIO:
    """The same workbook, packed anew of what was read within bounds.

    A part may hold more than its entry says, and the library would unpack it in one go.
    """
    if len(content) > limits.size:
        raise _refused(f"文件超过 {limits.size >> 10} KiB", f"it is larger than {limits.size >> 10} KiB")
    made = BytesIO()
    try:
        with ZipFile(BytesIO(content)) as packed, ZipFile(made, "w", ZIP_STORED) as clean:
            for part in _checked(packed.infolist(), limits):
                with packed.open(part) as opened, clean.open(part.filename, "w") as copy:
                    copyfileobj(opened, copy, _CHUNK)
    except (BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError) as error:
        raise _refused("不是 .xlsx 工作簿", "it is no .xlsx workbook") from error
    return made


def _checked(parts: Sequence[ZipInfo], limits: Limits) -> Sequence[ZipInfo]:
    """The parts, if they may be unpacked. Raises `TableRefused`."""
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > limits.unpacked:
        raise _refused("解压后过大", "it is too large when unpacked")
    if any(_MACROS in part.filename.lower() for part in parts):
        raise _refused("文件含有宏", "it holds macros")
    if any(part.flag_bits & 1 or part.compress_type not in {ZIP_STORED, ZIP_DEFLATED} for part in parts):
        raise _refused("文件已加密或压缩方式不受支持", "it is encrypted or packed in an unknown way")
    if len({part.filename for part in parts}) < len(parts):
        raise BadZipFile("a name occurs twice")
    return parts


def _refused(zh: str, en: str) -> TableRefused:
    return TableRefused(reason_zh=zh, reason=en)


def _plain(title: str) -> str:
    """A title as it is compared: wide and narrow brackets are one, a star that marks it as needed is none."""
    return unicodedata.normalize("NFKC", title).strip().rstrip("*")


def _empty(cell: Any) -> bool:
    return cell.value is None or (isinstance(cell.value, str) and not cell.value.strip())
