from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from libs.common.text import (
    Line,
    Phone,
    PhoneInvalid,
    Text,
    TextInvalid,
    clean_line,
    clean_phone,
    clean_text,
    mask_address,
    mask_id,
    mask_name,
    mask_numbers,
    mask_phone,
    text,
    written_date,
    written_instant,
    written_number,
    written_rate,
)

TEXT: TypeAdapter[str] = TypeAdapter(Text)
LINE: TypeAdapter[str] = TypeAdapter(Line)
PHONE: TypeAdapter[str] = TypeAdapter(Phone)
SHORT: TypeAdapter[str] = TypeAdapter(Annotated[str, text(5, min_length=0)])


@pytest.mark.parametrize(
    ("given_", "stored"),
    [
        ("楼道堆物\r\n第二行\r第三行\t。", "楼道堆物\n第二行\n第三行\t。"),
        ("e\u0301", "é"),
        ("㎡，１２３", "㎡，１２３"),  # NFC only: nothing that a person wrote is replaced
        ("👨‍👩‍👧 𠮷", "👨‍👩‍👧 𠮷"),
        ("", ""),
    ],
)
def test_text_is_stored_composed(given_: str, stored: str) -> None:
    assert clean_text(given_) == stored


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1b", "\x7f", "\x85", "\ud800", "\uffff"])
def test_unusable_characters_are_named(character: str) -> None:
    with pytest.raises(TextInvalid) as caught:
        clean_text(f"好{character}")
    assert caught.value.data == {"character": f"U+{ord(character):04X}", "place": 2}
    with pytest.raises(ValidationError):
        TEXT.validate_python(f"好{character}")


@pytest.mark.parametrize("break_", ["\n", "\r", "\t", "\u2028", "\x00"])
def test_a_line_has_no_breaks(break_: str) -> None:
    with pytest.raises(TextInvalid):
        clean_line(f"东{break_}西")


@given(st.text())
def test_clean_text_is_clean_or_refused(anything: str) -> None:
    try:
        stored = clean_text(anything)
    except TextInvalid:
        return
    assert clean_text(stored) == stored
    assert unicodedata.is_normalized("NFC", stored)
    stored.encode()


def test_field_types_trim_then_measure() -> None:
    assert SHORT.validate_python("\u3000 12345 \n") == "12345"
    assert SHORT.validate_json('"  "') == ""
    assert TEXT.validate_json('"一\\r\\n二"') == "一\n二"
    assert LINE.validate_python(" 小区 ") == "小区"
    assert SHORT.json_schema() == {"type": "string", "minLength": 0, "maxLength": 5}


@pytest.mark.parametrize(
    ("adapter", "value", "kind"),
    [
        (SHORT, "123456", "string_too_long"),
        (SHORT, "\u0958" * 3, "string_too_long"),  # three characters that NFC turns into six
        (TEXT, " \n ", "string_too_short"),
        (TEXT, 5, "string_type"),
        (TEXT, b"x", "string_type"),
        (TEXT, "\x00", "text_invalid"),
        (LINE, "a\nb", "text_invalid"),
        (LINE, "x" * 201, "string_too_long"),
        (PHONE, "x", "text_invalid"),
        (PHONE, "1" * 41, "string_too_long"),
        (PHONE, 13812341234, "string_type"),
    ],
)
def test_field_types_refuse(adapter: TypeAdapter[str], value: object, kind: str) -> None:
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(value)
    (error,) = caught.value.errors()
    assert error["type"] == kind


def test_a_field_error_speaks_both_languages() -> None:
    with pytest.raises(ValidationError) as caught:
        TEXT.validate_json('"{x}\\u0000"')
    (error,) = caught.value.errors()
    assert error["msg"] == "The text holds the unusable character U+0000 at place 4"
    assert "U+0000" in error["ctx"]["zh"]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("13812341234", "13812341234"),
        ("+86 138 1234 1234", "13812341234"),
        ("0086-13812341234", "13812341234"),
        ("１３８１２３４１２３４", "13812341234"),
        ("021-58123456", "02158123456"),
        ("(021) 5812-3456 转 801", "02158123456-801"),
        ("58123456", "58123456"),
        ("0512-6812345", "05126812345"),
        ("400-820-8820", "4008208820"),
        ("12345", "12345"),
        ("962121", "962121"),
        ("110", "110"),
        ("+1 415 555 0100", "+14155550100"),
    ],
)
def test_phones_are_stored_as_digits(written: str, stored: str) -> None:
    assert clean_phone(written) == stored
    assert clean_phone(stored) == stored
    assert PHONE.validate_python(written) == stored


@pytest.mark.parametrize(
    "written", ["", "电话", "1", "12812341234", "138123412345", "13812341234转a", "021-1", "+0123456"]
)
def test_no_phones(written: str) -> None:
    with pytest.raises(PhoneInvalid):
        clean_phone(written)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张三", "张**"), ("欧阳修", "欧**"), ("John Smith", "J**"), ("", ""), ("𠮷田", "𠮷**")],
)
def test_names_are_masked(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341234", "138****1234"),
        ("02158123456", "021****3456"),
        ("021-58123456", "021****3456"),
        ("02158123456-801", "021****3456"),
        ("021-5812-3456", "****"),
        ("58123456", "****3456"),
        ("5812345", "****"),
        ("+14155550100", "141****0100"),
        ("", ""),
    ],
)
def test_phones_are_masked(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("310101199001011234", "310***********1234"),
        ("310101900101123", "310********1123"),
        ("E12345678", "E********"),
        ("", ""),
    ],
)
def test_identity_numbers_are_masked(number: str, shown: str) -> None:
    assert mask_id(number) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("浦东新区康桥镇秀沿路1028弄12号501室", "浦东新区康桥镇秀沿路1028弄12号"),
        ("秀沿路1028弄", "秀沿路1028弄"),
        ("秀沿路1028弄5支弄12号楼501", "秀沿路1028弄5支弄12号楼"),
        ("人民大道200号甲", "人民大道200号"),
        ("中山东一路12-1号2楼（王女士）", "中山东一路12-1号"),
        ("近地铁2号线，秀沿路3号301", "近地铁2号线，秀沿路3号"),
        ("阳光小区3栋2单元501室", "阳光小区"),
        ("阳光小区三号楼五零一室", "阳光小区"),
        ("中山东一路外滩", "中山东一路外滩"),
        ("", ""),
    ],
)
def test_addresses_are_masked_to_the_house(address: str, shown: str) -> None:
    assert mask_address(address) == shown


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"))
def test_a_masked_phone_hides_the_middle(phone: str) -> None:
    shown = mask_phone(phone)
    assert shown[3:7] == "****"
    assert len(shown) == 11


def test_dates_and_instants() -> None:
    assert written_date(date(2026, 11, 2)) == "2026年11月2日"
    assert written_instant(datetime(2026, 11, 22, 16, 5, tzinfo=UTC)) == "2026年11月23日 00:05"


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (Decimal("1234.50"), "万㎡", "1,234.5 万㎡"),
        (1234567, "", "1,234,567"),
        (1500, "台", "1,500 台"),
        (Decimal("100.00"), "%", "100 %"),
        (Decimal("1E+3"), "", "1,000"),
        (Decimal("-0.5"), "", "-0.5"),
        (0, "个", "0 个"),
    ],
)
def test_numbers(value: Decimal | int, unit: str, shown: str) -> None:
    assert written_number(value, unit) == shown


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [(953, 1000, "95.3%"), (2, 3, "66.7%"), (0, 5, "0.0%"), (0, 0, "—"), (Decimal("1.5"), 1, "150.0%")],
)
def test_rates(numerator: Decimal | int, denominator: int, shown: str) -> None:
    assert written_rate(numerator, denominator) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("请回电13812341234或021-58123456", "请回电138****1234或021-****3456"),
        ("138-1234-1234、138 1234 1234", "138****1234、138****1234"),
        ("身份证310101199001011234，31010119900101123X", "身份证310***********1234，310***********123X"),
        ("并入G20261123-310101002-000015", "并入G20261123-310101002-000015"),
        ("3号楼12室，5000元，12345", "3号楼12室，5000元，12345"),
        ("编号123456789012345", "编号123456789012345"),
        ("", ""),
    ],
)
def test_numbers_of_persons_are_masked_in_what_people_wrote(written: str, shown: str) -> None:
    assert mask_numbers(written) == shown
    assert mask_numbers(shown) == shown
