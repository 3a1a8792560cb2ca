"""Files made to harm: refused before they cost anything."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest

from libs.common.tables import Column, Limits, Sheet, TableRefused, read_workbook, write_workbook

SHEET = Sheet("小类", (Column("code", "代码"),))
GOOD = write_workbook([(SHEET, [{"code": "0001"}])])
PAGE = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def remade(changes: dict[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    """The good file with parts put in its place, or added."""
    made = BytesIO()
    with ZipFile(BytesIO(GOOD)) as source, ZipFile(made, "w", method) as target:
        for part in source.infolist():
            target.writestr(part.filename, changes.pop(part.filename, source.read(part)))
        for name, content in changes.items():
            target.writestr(name, content)
    return made.getvalue()


def page(rows: str, before: str = "") -> bytes:
    return remade(
        {PAGE: f'{before}<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>'.encode()}
    )


def bomb() -> bytes:
    return remade({"xl/media/a.bin": b"\0" * (3 << 20)})


def lying_bomb() -> bytes:
    """A page whose entry says that it is small, with the sum of that much: the rest must stay packed."""
    page = BOMB_HEAD + b" " * (64 << 20)
    content = bytearray(remade({PAGE: page}))
    for true, false in ((len(page), len(BOMB_HEAD)), (zlib.crc32(page), zlib.crc32(BOMB_HEAD))):
        content = content.replace(struct.pack("<I", true), struct.pack("<I", false))
    return bytes(content)


def twice() -> bytes:
    """Two parts of one name."""
    content = remade({"xl/one.xml": b"1", "xl/two.xml": b"2"})
    return content.replace(b"xl/two.xml", b"xl/one.xml")


def encrypted() -> bytes:
    content = bytearray(GOOD)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    return bytes(content)


def corrupt() -> bytes:
    """The packed bytes of one part are broken."""
    made = bytearray(remade({"xl/media/a.bin": bytes(range(256)) * 40}))
    place = made.index(b"xl/media/a.bin") + len("xl/media/a.bin")
    made[place : place + 20] = b"\xff" * 20
    return bytes(made)


BOMB_HEAD = f'<worksheet xmlns="{NAMESPACE}"><sheetData/></worksheet>'.encode()
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))


@pytest.mark.parametrize(
    "make, says",
    [
        (lambda: b"", "no .xlsx"),
        (lambda: b"code,name\n0001,x", "no .xlsx"),
        (lambda: GOOD[:200], "no .xlsx"),
        (lambda: GOOD + b"\0" * (2 << 20), "larger than 1024 KiB"),
        (bomb, "too large when unpacked"),
        (twice, "no .xlsx"),
        (corrupt, "no .xlsx"),
        (encrypted, "encrypted"),
        (lambda: remade({}, ZIP_BZIP2), "encrypted or packed"),
        (lambda: remade({f"xl/x{n}.xml": b"" for n in range(600)}), "too large when unpacked"),
        (lambda: remade({"xl/vbaProject.bin": b"x"}), "macros"),
        (lambda: page("<row", ""), "broken"),
        (lambda: page("&a8;", f'<!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHS}]>'), "broken"),
        (lambda: page("&a;", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'), "broken"),
        (lambda: page('<row r="1"><c r="ZZZZZZ1" t="inlineStr"><is><t>x</t></is></c></row>'), "broken"),
    ],
)
def test_refused(make: Callable[[], bytes], says: str) -> None:
    with pytest.raises(TableRefused, match=says) as refused:
        read_workbook(make(), [SHEET], Limits(size=1 << 20, unpacked=2 << 20))
    assert refused.value.data["reason_zh"]


def test_a_row_beyond_the_last_one_costs_nothing() -> None:
    head = '<row r="1"><c r="A1" t="inlineStr"><is><t>代码</t></is></c></row>'
    far = '<row r="99999999999"><c r="A99999999999" t="inlineStr"><is><t>x</t></is></c></row>'
    assert list(read_workbook(page(head + far), [SHEET]).rows(SHEET)) == []


def test_a_sheet_hidden_behind_a_gap_is_still_counted() -> None:
    head = '<row r="1"><c r="A1" t="inlineStr"><is><t>代码</t></is></c></row>'
    cells = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{n}</t></is></c></row>' for n in (2, 900000, 900001)
    )
    book = read_workbook(page(head + cells), [SHEET], Limits(rows=2))
    assert [row.number for row in book.rows(SHEET)] == [2, 900000]
    assert [error.code for error in book.errors] == ["too-many-rows"]


def test_a_part_is_unpacked_no_further_than_it_says() -> None:
    content = lying_bomb()
    tracemalloc.start()
    book = read_workbook(content, [SHEET], Limits(unpacked=1 << 20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [error.code for error in book.errors] == ["column-missing"], "of the page, its head was read"
    assert peak < 8 << 20


def test_the_planted_parts_are_read_where_nothing_is_wrong() -> None:
    assert len(bomb()) < 1 << 20
    assert [row["code"] for row in read_workbook(remade({}), [SHEET]).rows(SHEET)] == ["0001"]
