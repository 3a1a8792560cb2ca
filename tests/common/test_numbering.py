from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.areas import AreaCodeInvalid
from libs.common.ids import new_id
from libs.common.numbering import (
    MatterNumber,
    NumberInvalid,
    check_digit,
    matter_number,
    read_matter_number,
    read_receipt,
    receipt_number,
)

KEY = UUID("019ab000-0000-7000-8000-00000000000b")
RECEIPT = receipt_number(KEY)
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def test_a_receipt_never_changes() -> None:
    assert RECEIPT == "KXZ-1138-G0TY-C72"


@pytest.mark.parametrize(
    "written",
    [RECEIPT.lower(), RECEIPT.replace("-", ""), f" {RECEIPT} ", RECEIPT.replace("0", "O").replace("1", "l")],
)
def test_a_receipt_is_read_as_people_write_it(written: str) -> None:
    assert read_receipt(written) == RECEIPT


@pytest.mark.parametrize(
    "written", ["", RECEIPT[:-1], RECEIPT + "0", "回执" + RECEIPT[2:], RECEIPT[:-1] + "U"]
)
def test_what_is_no_receipt(written: str) -> None:
    with pytest.raises(NumberInvalid) as caught:
        read_receipt(written)
    assert caught.value.data == {"number": written}


def test_receipts_are_different_and_grow_with_the_days() -> None:
    keys = [new_id() for _ in range(20_000)]
    assert len({receipt_number(key) for key in keys}) == len(keys)
    tomorrow = UUID(int=KEY.int + (86_400_000 << 80))
    assert RECEIPT[:3] < receipt_number(tomorrow)[:3]


@given(st.uuids(), st.integers(0, 13), st.sampled_from(SYMBOLS))
def test_every_mistyped_symbol_is_found(key: UUID, place: int, symbol: str) -> None:
    receipt = receipt_number(key)
    assert read_receipt(receipt) == receipt
    symbols = receipt.replace("-", "")
    wrong = symbols[:place] + symbol + symbols[place + 1 :]
    if wrong != symbols:
        with pytest.raises(NumberInvalid):
            read_receipt(wrong)


@given(st.uuids(), st.integers(0, 12))
def test_every_exchange_of_neighbours_in_a_receipt_is_found(key: UUID, place: int) -> None:
    symbols = receipt_number(key).replace("-", "")
    wrong = symbols[:place] + symbols[place + 1] + symbols[place] + symbols[place + 2 :]
    if wrong != symbols:
        with pytest.raises(NumberInvalid):
            read_receipt(wrong)


@pytest.mark.parametrize(("digits", "check"), [("572", "4"), ("", "0"), ("5-7 2", "4")])
def test_the_check_digit_is_damms(digits: str, check: str) -> None:
    assert check_digit(digits) == check


@given(st.text("0123456789", min_size=1, max_size=25), st.data())
def test_wrong_digits_and_exchanges_change_the_check_digit(digits: str, data: st.DataObject) -> None:
    assert check_digit(digits + check_digit(digits)) == "0"
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from("0123456789"))
    exchanged = digits[:place] + digits[place : place + 2][::-1] + digits[place + 2 :]
    for wrong in (digits[:place] + other + digits[place + 1 :], exchanged):
        assert (wrong == digits) == (check_digit(wrong) == check_digit(digits))


@pytest.mark.parametrize(
    ("area", "serial", "number"),
    [
        ("310115136", 42, "G20261122-310115136-000421"),
        ("310115136001007", 42, "G20261122-310115136-000421"),
        ("310115", 99999, "G20261122-310115000-999999"),
        ("31", 123456, "G20261122-310000000-1234565"),
    ],
)
def test_matter_numbers(area: str, serial: int, number: str) -> None:
    assert matter_number("G", date(2026, 11, 22), area, serial) == number
    parts = MatterNumber("G", date(2026, 11, 22), area[:9].ljust(9, "0"), serial)
    assert read_matter_number(number) == parts
    assert read_matter_number(number.lower().replace("-", "")) == parts


@given(st.sampled_from(["", "G", "RX"]), DAYS, st.integers(1, 10**7))
def test_matter_numbers_say_what_they_were_made_of(prefix: str, day: date, serial: int) -> None:
    number = matter_number(prefix, day, "310115136", serial)
    assert read_matter_number(number) == MatterNumber(prefix, day, "310115136", serial)
    assert str(read_matter_number(number)) == number


@pytest.mark.parametrize(
    "written",
    [
        "",
        "G20261122-310115136-000428",
        "G20261122-310115136-0042",
        "G2026112-310115136-000421",
        "20261399-310115136-00001" + check_digit("20261399-310115136-00001"),
    ],
)
def test_what_is_no_matter_number(written: str) -> None:
    with pytest.raises(NumberInvalid):
        read_matter_number(written)


def test_matter_numbers_are_not_made_of_nonsense() -> None:
    with pytest.raises(AreaCodeInvalid):
        matter_number("G", date(2026, 11, 22), "31011", 1)
    with pytest.raises(NumberInvalid):
        matter_number("G", date(2026, 11, 22), "310115136", 0)
