"""Workbooks: what is written comes back, what is wrong is told cell by cell, nothing of ours is a formula."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from libs.common.http.problems import problem
from libs.common.tables import Book, Column, Kind, Limits, Sheet, TableInvalid, read_workbook, write_workbook
from libs.common.text import clean_text

UNITS = {"hours": "工作时", "days": "工作日"}
LOOPS = {"self": "自循环", "micro": "微循环"}
SHEET = Sheet(
    "小类",
    (
        Column("code", "代码", note="四位数字，以文本填写"),
        Column("name", "名称", required=False),
        Column("days", "时限（天）", Kind.WHOLE, required=False),
        Column("amount", "时限", Kind.WHOLE, required=False),
        Column("weight", "权重", Kind.NUMBER, required=False),
        Column("day", "生效日期", Kind.DAY, required=False),
        Column("at", "记录时间", Kind.MOMENT, required=False),
        Column("open", "公开", Kind.FLAG, required=False),
        Column("unit", "单位", choices=UNITS, required=False),
        Column("loops", "循环", choices=LOOPS, many=True, required=False),
        Column("words", "别名", many=True, required=False),
        Column("clauses", "出处", many=True, separator="\n", required=False),
    ),
)
FULL: dict[str, Any] = {
    "code": "0202",
    "name": "楼道堆物",
    "days": 3,
    "amount": 2,
    "weight": Decimal("0.5"),
    "day": date(2026, 7, 1),
    "at": datetime(2026, 7, 1, 0, 30, tzinfo=UTC),
    "open": True,
    "unit": "days",
    "loops": ["self", "micro"],
    "words": ["堆物", "杂物"],
    "clauses": ["通知, 沪府〔2018〕8号|二(四)、7", "办法"],
}
EMPTY: dict[str, Any] = {column.key: [] if column.many else None for column in SHEET.columns}


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(BytesIO(content))


def made(*rows: list[Any], titles: list[str] | None = None, sheet: str = "小类") -> bytes:
    """A workbook as another program would write it."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = sheet
    page.append(titles or [column.title for column in SHEET.columns])
    for row in rows:
        page.append(row)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def read(content: bytes, **limits: int) -> Book:
    return read_workbook(content, [SHEET], Limits(**limits))


def test_what_is_written_comes_back() -> None:
    book = read(write_workbook([(SHEET, [FULL, {"code": "0001", "open": False}])]))
    assert book.errors == []
    assert [dict(row) for row in book.rows(SHEET)] == [FULL, EMPTY | {"code": "0001", "open": False}]
    assert [row.number for row in book.rows(SHEET)] == [2, 3]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=8))
def test_any_text_comes_back_as_it_is_stored(texts: list[str]) -> None:
    kept = []
    for text in texts:
        try:
            kept.append(clean_text(text).strip())
        except Exception:
            continue
    book = read(write_workbook([(SHEET, [{"code": "0001", "name": text} for text in kept])]))
    assert [row["name"] or "" for row in book.rows(SHEET)] == kept


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_text_never_becomes_a_formula(text: str) -> None:
    content = write_workbook([(SHEET, [{"code": text, "words": [text]}])])
    page = opened(content)["小类"]
    assert [(page[cell].data_type, page[cell].value, page[cell].quotePrefix) for cell in ("A2", "K2")] == [
        ("s", text, True),
        ("s", text, True),
    ]
    assert read(content).rows(SHEET)[0]["code"] == text


def test_the_workbook_helps_who_fills_it_in() -> None:
    book = opened(write_workbook([(SHEET, [FULL])]))
    page = book["小类"]
    assert page.freeze_panes == "A2"
    assert page["A2"].number_format == "@"
    assert page.column_dimensions["A"].number_format == "@"
    prompts = {str(one.sqref).split(":")[0]: one for one in page.data_validations.dataValidation}
    assert prompts["A2"].prompt == "四位数字，以文本填写"
    assert prompts["I2"].type == "list"
    assert prompts["J2"].type is None, "a list would refuse two values in one cell"
    assert prompts["I2"].formula1 == "'选项'!$B$1:$B$2"
    assert [cell.value for cell in book["选项"]["B"][:2]] == ["工作时", "工作日"]
    assert book["选项"].sheet_state == "hidden"
    assert [cell.value for cell in book["填表说明"][10]][:4] == ["小类", "单位", "否", "工作时、工作日"]


@pytest.mark.parametrize(
    "key, cell, value",
    [
        ("code", 1202, "1202"),
        ("code", " 0202 ", "0202"),
        ("amount", "３", 3),
        ("amount", 3.0, 3),
        ("weight", "0.25", Decimal("0.25")),
        ("day", "2026年7月1日", date(2026, 7, 1)),
        ("day", "2026/7/1", date(2026, 7, 1)),
        ("at", "2026-07-01 08:30", datetime(2026, 7, 1, 0, 30, tzinfo=UTC)),
        ("at", datetime(2026, 7, 1, 8, 30), datetime(2026, 7, 1, 0, 30, tzinfo=UTC)),  # noqa: DTZ001
        ("open", False, False),
        ("open", "是", True),
        ("unit", "days", "days"),
        ("loops", "自循环,micro", ["self", "micro"]),
    ],
)
def test_what_people_write_is_understood(key: str, cell: Any, value: Any) -> None:
    book = read(made(*filled(key, cell)))
    assert (book.errors, book.rows(SHEET)[0][key]) == ([], value)


def filled(key: str, cell: Any) -> list[list[Any]]:
    """One row in which this column holds the cell."""
    row: list[Any] = [None] * len(SHEET.columns)
    row[0] = "0001"
    row[[column.key for column in SHEET.columns].index(key)] = cell
    return [row]


@pytest.mark.parametrize(
    "key, cell, code",
    [
        ("code", 1.5, "text-wanted"),
        ("code", True, "text-wanted"),
        ("name", "=1+1", "formula"),
        ("name", "#N/A", "error-value"),
        ("name", "_x0000_", "text-invalid"),
        ("name", "字" * 101, "too-long"),
        ("amount", 1.5, "whole-wanted"),
        ("amount", "两", "number-wanted"),
        ("amount", True, "number-wanted"),
        ("weight", "1e400", "number-wanted"),
        ("day", "2026-02-30", "day-wanted"),
        ("day", "明天", "day-wanted"),
        ("day", datetime(2026, 7, 1, 8), "day-wanted"),  # noqa: DTZ001
        ("day", 5, "day-wanted"),
        ("at", "明天", "moment-wanted"),
        ("at", 5, "moment-wanted"),
        ("open", "也许", "flag-wanted"),
        ("open", 1, "flag-wanted"),
        ("unit", "光年", "choice-unknown"),
        ("loops", "自循环、光年", "choice-unknown"),
    ],
)
def test_a_wrong_cell_is_told(key: str, cell: Any, code: str) -> None:
    book = read(made([None, "第一行"], *filled(key, cell)), characters=100)
    first, found = book.errors
    assert (first.code, first.cell) == ("missing", "A2")
    place = [column.key for column in SHEET.columns].index(key)
    assert (found.code, found.cell, found.column) == (
        code,
        f"{'ABCDEFGHIJKL'[place]}3",
        SHEET.columns[place].title,
    )
    row = book.rows(SHEET)[1]
    assert key not in row
    assert not row.sound


class Shape(BaseModel):
    code: str = Field(pattern="^[0-9]{4}$")
    amount: int = Field(default=7, ge=1)


def test_a_row_takes_the_shape_of_a_model_or_is_told() -> None:
    book = read(made(["0001"], ["12", None, None, 0], [None] * 10, ["0002", "=1"], ["0003", None, None, 2]))
    shapes = [book.shape(row, Shape) for row in book.rows(SHEET)]
    assert shapes == [Shape(code="0001", amount=7), None, None, Shape(code="0003", amount=2)]
    assert {(error.cell, error.code, error.zh) for error in book.errors} == {
        ("A3", "string_pattern_mismatch", "格式不正确"),
        ("D3", "greater_than_equal", "不能小于 1"),
        ("B5", "formula", "不接受公式，请粘贴为数值"),
    }
    with pytest.raises(TableInvalid) as refused:
        book.check()
    document = problem(refused.value, "zh")
    assert (document["status"], document["data"]) == (422, {"count": 3})
    assert document["errors"][0] == {
        "sheet": "小类", "row": 5, "column": "名称", "cell": "B5",
        "code": "formula", "detail": "不接受公式，请粘贴为数值",
    }  # fmt: skip
    assert problem(refused.value, "en")["errors"][0]["detail"] == "formulas are not taken, paste the value"


def test_a_fault_without_a_cell_names_what_it_can() -> None:
    book = read(made(["0001"], titles=["代码"]))
    row = book.rows(SHEET)[0]
    book.wrong(row, "amount", "odd", "奇怪", "odd")
    assert (book.errors[0].column, book.errors[0].cell) == ("时限", "")
    book.wrong(row, "nothing", "odd", "奇怪", "odd")
    assert book.errors[1].column == "nothing"


def test_a_sound_book_passes() -> None:
    read(made(["0001"])).check()


@pytest.mark.parametrize(
    "titles, rows, codes",
    [
        (["名称", "代码"], [["甲", "0001"]], []),
        (["名称"], [["甲"]], ["column-missing"]),
        (["代码", "代码"], [], ["column-twice"]),
        (["代码", "备注"], [["0001", "甲"]], ["column-unknown", "column-untitled"]),
        (["代码", "", "名称"], [["0001", "甲", "乙"]], ["column-untitled"]),
        (["代码*"], [["0001"]], []),
        (["代码", "时限(天)"], [["0001", 1]], []),
    ],
)
def test_titles_say_what_a_column_holds(titles: list[str], rows: list[list[Any]], codes: list[str]) -> None:
    assert [error.code for error in read(made(*rows, titles=titles)).errors] == codes


def test_a_sheet_may_be_missing_only_where_it_is_not_needed() -> None:
    content = made(["0001"], sheet="别的")
    assert [(error.code, error.row) for error in read(content).errors] == [("sheet-missing", 0)]
    optional = Sheet("小类", SHEET.columns, required=False)
    book = read_workbook(content, [optional])
    assert (book.errors, book.has(optional), list(book.rows(optional))) == ([], False, [])


def test_an_empty_sheet_lacks_its_titles() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "小类"
    content = BytesIO()
    book.save(content)
    assert [error.code for error in read(content.getvalue()).errors] == ["column-missing"]


def test_more_rows_than_are_read_are_told() -> None:
    book = read(made(*([f"{number:04}"] for number in range(4))), rows=3)
    assert [(error.code, error.row) for error in book.errors] == [("too-many-rows", 5)]
    assert len(book.rows(SHEET)) == 3
