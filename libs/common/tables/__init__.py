"""Workbooks 电子表格: rows written as Excel, and read back with every wrong cell named.

A room says what its sheets hold; the rest is the same for all of them:

    CLASSES = Sheet("小类", (Column("code", "代码"), Column("limit", "时限", Kind.WHOLE, required=False)))

    content = write_workbook([(CLASSES, [{"code": "0202", "limit": 2}])])

    book = read_workbook(content, [CLASSES])    # TableRefused: it is no workbook, or more than is read
    for row in book.rows(CLASSES):
        if row["code"] in known:
            book.wrong(row, "code", "code-taken", "代码已被使用", "the code is taken")
    book.check()                                # TableInvalid: every wrong cell at once

Formulas are refused and never worked out; text is written as text, so that no cell of ours becomes one.
Reading takes up to a second or two: an edge calls it in a thread.
"""

from libs.common.tables.reading import Book, Row, read_workbook
from libs.common.tables.shapes import (
    MEDIA_TYPE,
    CellError,
    Column,
    Kind,
    Limits,
    Sheet,
    TableInvalid,
    TableRefused,
)
from libs.common.tables.writing import Workbook, write_workbook

__all__ = [
    "MEDIA_TYPE",
    "Book",
    "CellError",
    "Column",
    "Kind",
    "Limits",
    "Row",
    "Sheet",
    "TableInvalid",
    "TableRefused",
    "Workbook",
    "read_workbook",
    "write_workbook",
]
