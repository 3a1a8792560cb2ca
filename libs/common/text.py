"""Text: what may be stored, what is shown of persons, and how dates and numbers are written.

>>> mask_name("张三丰"), mask_phone("13812341234"), mask_id("310101199001011234")
('张**', '138****1234', '310***********1234')
>>> mask_address("秀沿路1028弄12号501室")
'秀沿路1028弄12号'
>>> from decimal import Decimal
>>> written_number(Decimal("1234.50"), "万㎡")
'1,234.5 万㎡'
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from annotated_types import GroupedMetadata
from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from libs.common.clocks import SHANGHAI
from libs.common.errors import DomainError, Invalid


class TextInvalid(Invalid):
    """The text holds what cannot be stored, shown or compared safely."""

    code = "text-invalid"
    zh = "文本含有不可用的字符 {character}（第 {place} 个字符）"
    en = "The text holds the unusable character {character} at place {place}"


class PhoneInvalid(Invalid):
    """Not a telephone number."""

    code = "phone-invalid"
    zh = "电话号码无效"
    en = "Not a valid telephone number"


# Control characters other than tab and line feed, surrogates that stand alone, and noncharacters.
_UNUSABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BREAK = re.compile("\r\n?")


def clean_text(text: str) -> str:
    """The text as it is stored: composed (Unicode NFC), lines ended by a line feed alone.

    Raises `TextInvalid` on NUL and other control characters, lone surrogates and noncharacters.
    """
    text = _BREAK.sub("\n", text)
    unusable = _UNUSABLE.search(text)
    if unusable:
        raise TextInvalid(character=f"U+{ord(unusable[0]):04X}", place=unusable.start() + 1)
    return unicodedata.normalize("NFC", text)


def clean_line(text: str) -> str:
    """The same for one line: tabs and line breaks are refused too. Raises `TextInvalid`."""
    text = clean_text(text)
    for place, character in enumerate(text, 1):
        if character in "\t\n\u2028\u2029":
            raise TextInvalid(character=f"U+{ord(character):04X}", place=place)
    return text


def _for_fields(check: Callable[[str], str]) -> Callable[[object], object]:
    """The check as pydantic wants it: other types pass on to its own refusal, errors become field errors."""

    def checked(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return check(value)
        except DomainError as error:
            told = {"en": error.text("en"), "zh": error.text("zh")}
            raise PydanticCustomError("text_invalid", "{en}", told) from None

    return checked


@dataclass(frozen=True)
class text(GroupedMetadata):  # noqa: N801 - reads like the constraint that it is: Annotated[str, text(500)]
    """A pydantic constraint: clean text without blanks around it, its length in characters within bounds."""

    max_length: int
    min_length: int = 1
    lines: bool = True

    def __iter__(self) -> Iterator[object]:
        yield StringConstraints(
            strip_whitespace=True, min_length=self.min_length, max_length=self.max_length, strict=True
        )
        yield BeforeValidator(_for_fields(clean_text if self.lines else clean_line))


Text = Annotated[str, text(4000)]
"""What people write: one to 4,000 characters."""

Line = Annotated[str, text(200, lines=False)]
"""One line, such as a title, a name or an address: one to 200 characters."""

_PHONE = re.compile(
    r"(?:1[3-9]\d{9}"  # mobile
    r"|0(?:10|2\d|[3-9]\d{2})[2-9]\d{6,7}|[2-9]\d{6,7}"  # landline, with and without its area code
    r"|[48]00\d{7}|1\d{2,4}|9\d{4,5}"  # service numbers
    r"|\+[1-9]\d{6,14})"  # abroad
    r"(?:-\d{1,6})?",
    re.ASCII,
)


def clean_phone(phone: str) -> str:
    """The number as it is stored: digits alone, an extension behind a hyphen, no +86. Raises `PhoneInvalid`.

    >>> clean_phone("+86 138-1234-1234"), clean_phone("（021）5812 3456转801")
    ('13812341234', '02158123456-801')
    """
    number = re.sub("转|ext\\.?", "x", unicodedata.normalize("NFKC", phone), flags=re.IGNORECASE)
    main, _, extension = number.partition("x")
    # A last group behind a hyphen is part of the number if it can be, else an extension.
    for digits, more in ((main, extension), main.rpartition("-")[::2]):
        digits = re.sub(r"^(?:\+|00)86", "", re.sub(r"[\s()\-]", "", digits))
        whole = f"{digits}-{more.strip()}" if more else digits
        if _PHONE.fullmatch(whole):
            return whole
    raise PhoneInvalid()


Phone = Annotated[
    str, StringConstraints(max_length=40, strict=True), AfterValidator(_for_fields(clean_phone))
]
"""A telephone number, stored as `clean_phone` leaves it."""


def mask_name(name: str) -> str:
    """A person's name with its first character alone: 张**."""
    return f"{name[0]}**" if name else ""


def mask_phone(phone: str) -> str:
    """The first three and last four digits, less of a short number: 138****1234, 021****3456."""
    number = re.sub(r"\D", "", re.sub(r"-\d{1,6}$", "", phone))
    if len(number) < 8:
        return "****" if phone else ""
    return f"{number[:3]}****{number[-4:]}" if len(number) > 10 else f"****{number[-4:]}"


def mask_id(number: str) -> str:
    """The first three and last four characters of an identity number; the first alone of a short one."""
    if len(number) < 12:
        return number[:1] + "*" * (len(number) - 1)
    return number[:3] + "*" * (len(number) - 7) + number[-4:]


_NUMBERS = re.compile(
    r"(?P<matter>[A-Z]\d{8}-\d{9}-\d{6})"  # numbers of cases and orders name no person
    r"|(?P<identity>(?<!\d)\d{17}[\dXx](?!\d))"
    r"|(?<!\d)(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\d{7,12})(?!\d)"
)


def mask_numbers(text: str) -> str:
    """What people wrote, with what looks like a telephone or an identity number masked.

    >>> mask_numbers("请回电13812341234，身份证310101199001011234")
    '请回电138****1234，身份证310***********1234'
    """
    return _NUMBERS.sub(_masked_number, text)


def _masked_number(found: re.Match[str]) -> str:
    if found["matter"]:
        return found[0]
    return mask_id(found[0]) if found["identity"] else mask_phone(re.sub("[ -]", "", found[0]))


Masked = Annotated[str, AfterValidator(mask_numbers)]
"""What people wrote, as it is shown."""

_DOOR = r"[0-9０-９][0-9０-９甲乙丙丁\-－]*"
_LANE = rf"{_DOOR}(?:支)?弄"
_HOUSE = rf"{_DOOR}号(?!线|桥|门|出)楼?"
_TO_THE_HOUSE = re.compile(rf"^.*?(?:{_LANE}(?:{_LANE})?(?:{_HOUSE})?|{_HOUSE})", re.DOTALL)
_BUILDING = re.compile(
    "(?:[0-9０-９A-Za-z]+|[零〇一二三四五六七八九十百]+)(?:号楼|幢|栋|座|单元|层|楼|室|户|房)"
)


def mask_address(address: str) -> str:
    """The address down to lane 弄 or house number 号, or before the building: no storey, no room."""
    house = _TO_THE_HOUSE.match(address)
    if house:
        return house[0]
    building = _BUILDING.search(address)
    return address[: building.start()] if building else address


def written_date(day: date) -> str:
    """2026年11月22日."""
    return f"{day.year}年{day.month}月{day.day}日"


def written_instant(instant: datetime) -> str:
    """The local time in Shanghai of an aware instant: 2026年11月22日 14:05."""
    local = instant.astimezone(SHANGHAI)
    return f"{written_date(local)} {local:%H:%M}"


def written_number(value: Decimal | int, unit: str = "") -> str:
    """Grouped by thousands, with all decimals that say something, before its unit: 1,234.5 万㎡."""
    number = f"{Decimal(value):,f}"
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return f"{number} {unit}".rstrip()


def written_rate(numerator: Decimal | int, denominator: Decimal | int) -> str:
    """A rate in per cent with one decimal, or — where there is nothing to divide by: 95.3%."""
    if not denominator:
        return "—"
    return f"{Decimal(100) * numerator / denominator:.1f}%"
