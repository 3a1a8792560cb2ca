"""What one cell says, as the value that its column wants.

>>> from types import SimpleNamespace as Cell
>>> valued(Column("day", "生效日期", Kind.DAY), Cell(value="2026年7月1日", data_type="s"), 100)
datetime.date(2026, 7, 1)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from libs.common.clocks import SHANGHAI
from libs.common.tables.shapes import LISTED, Column, Kind
from libs.common.text import TextInvalid, clean_text


class Cell(Protocol):
    """A cell as the library reads it; `data_type` is f for a formula, e for an error, s for text."""

    @property
    def value(self) -> Any:
        """What it holds."""

    @property
    def data_type(self) -> str:
        """What kind of thing that is."""


class CellFault(Exception):
    """Why a cell is wrong, in both languages."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en


_UNESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_PARTS = re.compile("[、,，;；]")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_FLAGS = {"是": True, "否": False, "TRUE": True, "FALSE": False}


def valued(column: Column, cell: Cell, characters: int) -> Any:
    """The value, or None for an empty cell. Raises `CellFault`."""
    value = cell.value
    if cell.data_type == "f":
        raise CellFault("formula", "不接受公式，请粘贴为数值", "formulas are not taken, paste the value")
    if cell.data_type == "e":
        raise CellFault("error-value", "单元格为错误值", "the cell holds an error value")
    if isinstance(value, str):
        value = _cleaned(value, characters)
    if value is None or value == "":
        if column.required:
            raise CellFault("missing", "必填", "a value is needed")
        return [] if column.many else None
    if column.many:
        return [_chosen(column, part) for part in _parts(column, _text(value))]
    if column.choices:
        return _chosen(column, _text(value))
    return _READ[column.kind](value)


def _parts(column: Column, text: str) -> list[str]:
    parts = _PARTS.split(text) if column.separator == LISTED else text.split(column.separator)
    return [part.strip() for part in parts if part.strip()]


def _cleaned(value: str, characters: int) -> str:
    unescaped = _UNESCAPE.sub(lambda found: chr(int(found[1], 16)), value)
    try:
        text = clean_text(unescaped).strip()
    except TextInvalid as error:
        raise CellFault(error.code, error.text("zh"), error.text("en")) from None
    if len(text) > characters:
        raise CellFault("too-long", f"最多 {characters} 个字符", f"at most {characters} characters")
    return text


def _chosen(column: Column, shown: str) -> str:
    if not column.choices:
        return shown
    for value, title in column.choices.items():
        if shown in (title, value):
            return value
    listed = "、".join(column.choices.values())
    raise CellFault("choice-unknown", f"应为以下之一：{listed}", f"give one of these: {listed}")


def _text(value: Any) -> str:
    """Text; a whole number counts as its digits, and whoever wants zeros in front sets the cell to text."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value):
        return str(int(value))
    raise CellFault("text-wanted", "应为文本，请将单元格格式设为“文本”", "text is wanted")


def _whole(value: Any) -> int:
    number = _number(value)
    if number != number.to_integral_value():
        raise CellFault("whole-wanted", "应为整数", "a whole number is wanted")
    return int(number)


def _number(value: Any) -> Decimal:
    fault = CellFault("number-wanted", "应为数字", "a number is wanted")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise fault
    try:
        number = Decimal(unicodedata.normalize("NFKC", str(value)))
    except InvalidOperation:
        raise fault from None
    if not number.is_finite() or abs(number) >= 10**15:
        raise fault
    return number


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        value = value.date() if value.time() == time() else None
    if isinstance(value, str):
        value = _written_day(value)
    if isinstance(value, date):
        return value
    raise CellFault("day-wanted", "应为日期，例如 2026-07-01", "a date is wanted, such as 2026-07-01")


def _written_day(written: str) -> date | None:
    found = _DAY.fullmatch(written)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _moment(value: Any) -> datetime:
    fault = CellFault(
        "moment-wanted", "应为日期时间，例如 2026-07-01 08:30:00", "a time is wanted: 2026-07-01 08:30:00"
    )
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise fault from None
    if not isinstance(value, datetime):
        raise fault
    return (value if value.tzinfo else value.replace(tzinfo=SHANGHAI)).astimezone(UTC)


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    shown = value.upper() if isinstance(value, str) else ""
    if shown not in _FLAGS:
        raise CellFault("flag-wanted", "应为“是”或“否”", "give 是 or 否")
    return _FLAGS[shown]


_READ: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _text,
    Kind.WHOLE: _whole,
    Kind.NUMBER: _number,
    Kind.DAY: _day,
    Kind.MOMENT: _moment,
    Kind.FLAG: _flag,
}
