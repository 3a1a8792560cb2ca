"""Numbers for people: receipts 回执号 and matter numbers 案件编号, 工单编号. None of them is a key.

A receipt is derived from the id at intake, can be read out over the telephone and finds typing errors. A
matter number is made when the matter is accepted and says when and where.

>>> from uuid import UUID
>>> receipt = receipt_number(UUID("019ab000-0000-7000-8000-000000000001"))
>>> receipt == read_receipt(receipt.lower().replace("-", " "))
True
>>> from datetime import date
>>> matter_number("G", date(2026, 11, 22), "310115136", 42)
'G20261122-310115136-000421'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import reduce
from hashlib import blake2b
from uuid import UUID

from libs.common.areas import check_code
from libs.common.errors import Invalid

# Crockford's base 32: no I, L, O or U, so that nothing is misread and nothing is misspelt.
_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {symbol: value for value, symbol in enumerate(_SYMBOLS)}
_TIMES_X = [value << 1 ^ (0b100101 if value & 16 else 0) for value in range(32)]  # modulo x^5 + x^2 + 1
_MISREAD = str.maketrans("OIL", "011", "- ")
_RECEIPT = re.compile(f"[{_SYMBOLS}]{{14}}")

_DAY_MS = 86_400_000
_DAYS = 1 << 15  # three symbols, enough until 2059
_RANDOM_BITS = 50  # ten symbols: in a day of a million receipts a clash has a chance of 1 in 2,000

# H. M. Damm's quasigroup (2004): every single wrong digit and every exchange of neighbours is found.
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip


class NumberInvalid(Invalid):
    """Mistyped, or not a number of this kind."""

    code = "number-invalid"
    zh = "编号“{number}”有误，请核对"
    en = "The number '{number}' is not right, please check it"


def receipt_number(key: UUID) -> str:
    """The receipt of a record: three symbols of the id's day, ten of its hash, one check symbol.

    The same id always gives the same receipt. Different ids almost never give the same (see `_RANDOM_BITS`);
    a unique index is what makes sure.
    """
    day = (key.int >> 80) // _DAY_MS % _DAYS
    digest = int.from_bytes(blake2b(key.bytes, digest_size=8).digest(), "big")
    value = day << _RANDOM_BITS | digest >> 64 - _RANDOM_BITS
    symbols = "".join([_SYMBOLS[value >> shift & 31] for shift in range(60, -1, -5)])
    return _grouped(symbols + _SYMBOLS[_TIMES_X[_residue(symbols)]])


def read_receipt(written: str) -> str:
    """The receipt as it is stored, from what a person typed or said. Raises `NumberInvalid`.

    Case, blanks and hyphens do not matter; O reads 0, I and L read 1.
    """
    symbols = written.upper().translate(_MISREAD)
    if not _RECEIPT.fullmatch(symbols) or _residue(symbols):
        raise NumberInvalid(number=written)
    return _grouped(symbols)


def check_digit(digits: str) -> str:
    """The check digit (Damm) of the digits in the string; other characters are skipped."""
    return reduce(lambda interim, digit: _DAMM[int(interim)][int(digit)], re.sub("[^0-9]", "", digits), "0")


@dataclass(frozen=True)
class MatterNumber:
    """What a matter number says: prefix, local day, area (9 digits), serial within that day and area."""

    prefix: str
    day: date
    area: str
    serial: int

    def __str__(self) -> str:
        body = f"{self.day:%Y%m%d}-{self.area}-{self.serial:05}"
        return f"{self.prefix}{body}{check_digit(body)}"


def matter_number(prefix: str, day: date, area: str, serial: int) -> str:
    """Date, subdistrict, serial and check digit. A wider area is filled with zeros, a narrower one cut.

    Serials begin at 1 and may leave gaps. Raises `AreaCodeInvalid`, and `NumberInvalid` for a serial below 1.
    """
    if serial < 1:
        raise NumberInvalid(number=serial)
    return str(MatterNumber(prefix, day, check_code(area)[:9].ljust(9, "0"), serial))


_MATTER = re.compile(r"([A-Z]*)([0-9]{8})-?([0-9]{9})-?([0-9]{5,})([0-9])")


def read_matter_number(written: str) -> MatterNumber:
    """The parts of a matter number, case and hyphens apart. Raises `NumberInvalid`."""
    found = _MATTER.fullmatch(written.strip().upper())
    if not found:
        raise NumberInvalid(number=written)
    prefix, day, area, serial, check = found.groups()
    if check_digit(day + area + serial) != check:
        raise NumberInvalid(number=written)
    try:
        return MatterNumber(prefix, date.fromisoformat(day), area, int(serial))
    except ValueError:
        raise NumberInvalid(number=written) from None


def _grouped(symbols: str) -> str:
    return f"{symbols[:3]}-{symbols[3:7]}-{symbols[7:11]}-{symbols[11:]}"


def _residue(symbols: str) -> int:
    """The check value: a polynomial over GF(32), so that it finds what the check digit finds."""
    value = 0
    for symbol in symbols:
        value = _TIMES_X[value] ^ _VALUES[symbol]
    return value
