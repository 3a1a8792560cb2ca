"""Administrative areas by code 行政区划代码: levels, nesting and scope are arithmetic on prefixes.

A code has 2, 4, 6, 9 or 12 digits (GB/T 2260, GB/T 10114 and the statistical rules of the National Bureau of
Statistics), and 15 for a unit grid 单元网格. Names, validity dates and successors are reference data of the
`grid` service. Codes are plain strings; what comes from outside passes `check_code` once.

>>> ancestors_of("310115136")
('31', '3101', '310115')
>>> contains("310115", "310115136001"), prefix_at("310115136001007", AreaLevel.TOWNSHIP)
(True, '310115136')
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from libs.common.errors import Invalid


class AreaLevel(StrEnum):
    """The levels, from wide to narrow."""

    PROVINCE = "province"  # 省级
    CITY = "city"  # 地级; 市辖区 of a municipality
    DISTRICT = "district"  # 县级: 区
    TOWNSHIP = "township"  # 乡级: 街道, 镇, 乡
    NEIGHBOURHOOD = "neighbourhood"  # 村级: 居委会, 村委会
    UNIT_GRID = "unit_grid"  # 单元网格


class TownshipKind(StrEnum):
    """What a township-level area is."""

    SUBDISTRICT = "subdistrict"  # 街道
    TOWN = "town"  # 镇
    TOWNSHIP = "township"  # 乡
    QUASI = "quasi"  # 类乡级: parks, farms, development zones


class CommitteeKind(StrEnum):
    """Whose committee runs a neighbourhood."""

    RESIDENTS = "residents"  # 居民委员会
    VILLAGERS = "villagers"  # 村民委员会
    OTHER = "other"  # outside the two ranges; only the name tells


class AreaCodeInvalid(Invalid):
    """Not an area code, or of a level that cannot answer the question."""

    code = "area-code-invalid"
    zh = "行政区划代码“{area}”无效"
    en = "'{area}' is not a valid area code here"


_LENGTHS = {
    AreaLevel.PROVINCE: 2,
    AreaLevel.CITY: 4,
    AreaLevel.DISTRICT: 6,
    AreaLevel.TOWNSHIP: 9,
    AreaLevel.NEIGHBOURHOOD: 12,
    AreaLevel.UNIT_GRID: 15,
}
_TOWNSHIP_KINDS = (
    TownshipKind.SUBDISTRICT,
    TownshipKind.TOWN,
    *[TownshipKind.TOWNSHIP] * 2,
    *[TownshipKind.QUASI] * 2,
)  # by hundreds
_LEVELS = {length: level for level, length in _LENGTHS.items()}
_CODE = re.compile("[1-8][0-9]((?!00)[0-9]{2}){0,2}|[1-8][0-9]((?!00)[0-9]{2}){2}((?!000)[0-9]{3}){1,3}")


def check_code(code: str) -> str:
    """The code itself. Raises `AreaCodeInvalid` on wrong digits, wrong length or a part of zeros."""
    if not _CODE.fullmatch(code):
        raise AreaCodeInvalid(area=code)
    return code


def unpadded(code: str) -> str:
    """The code without the zeros that fill statistical tables up to 12 digits. Raises `AreaCodeInvalid`."""
    for length in sorted(_LEVELS):
        if not code[length:].strip("0"):
            return check_code(code[:length])
    raise AreaCodeInvalid(area=code)


def level_of(code: str) -> AreaLevel:
    """The level, which the length tells. Raises `AreaCodeInvalid`."""
    try:
        return _LEVELS[len(code)]
    except KeyError:
        raise AreaCodeInvalid(area=code) from None


def prefix_at(code: str, level: AreaLevel) -> str:
    """The area of that level in which the area lies. Raises `AreaCodeInvalid` if it is itself wider."""
    length = _LENGTHS[level]
    if len(code) < length:
        raise AreaCodeInvalid(area=code)
    return code[:length]


def ancestors_of(code: str) -> tuple[str, ...]:
    """The areas around it, widest first, itself left out. Raises `AreaCodeInvalid`."""
    level_of(code)
    return tuple(code[:length] for length in _LEVELS if length < len(code))


def with_ancestors(code: str) -> tuple[str, ...]:
    """The area and those around it, the nearest one first: by which something may cover it.

    >>> with_ancestors("310101002001")
    ('310101002001', '310101002', '310101', '3101', '31')

    Raises `AreaCodeInvalid`.
    """
    return (code, *reversed(ancestors_of(code)))


def parent_of(code: str) -> str | None:
    """The area directly around it; None for a province. Raises `AreaCodeInvalid`."""
    return (None, *ancestors_of(code))[-1]


def contains(area: str, code: str) -> bool:
    """Whether the code is the area or lies in it."""
    return code.startswith(area)


def covers_any(scopes: Iterable[str], code: str) -> bool:
    """Whether one of the scopes contains the code."""
    return code.startswith(tuple(scopes))


def normal_scopes(codes: Iterable[str]) -> tuple[str, ...]:
    """The scopes in order, without those that another one covers. Raises `AreaCodeInvalid`."""
    kept: list[str] = []
    for code in sorted(map(check_code, codes)):
        if not covers_any(kept, code):
            kept.append(code)
    return tuple(kept)


def township_kind(code: str) -> TownshipKind:
    """What the township-level area of the code is, by its three digits (GB/T 10114).

    Raises `AreaCodeInvalid` for a wider area and for numbers that the standard does not give out.
    """
    number = int(prefix_at(code, AreaLevel.TOWNSHIP)[6:])
    kinds = (
        TownshipKind.SUBDISTRICT,
        TownshipKind.TOWN,
        *[TownshipKind.TOWNSHIP] * 2,
        *[TownshipKind.QUASI] * 2,
    )
    if not 0 < number < 600:
        raise AreaCodeInvalid(area=code)
    return kinds[number // 100]


def committee_kind(code: str) -> CommitteeKind:
    """Whose committee the neighbourhood of the code has: 001-199 residents', 200-399 villagers'.

    Raises `AreaCodeInvalid` for a wider area.
    """
    number = int(prefix_at(code, AreaLevel.NEIGHBOURHOOD)[9:])
    if 0 < number < 200:
        return CommitteeKind.RESIDENTS
    return CommitteeKind.VILLAGERS if 200 <= number < 400 else CommitteeKind.OTHER


def unit_grid_code(neighbourhood: str, sequence: int) -> str:
    """The code of a unit grid: its neighbourhood and 001-999, from west to east, then north to south.

    A retired number is never reused. Raises `AreaCodeInvalid` for another level or beyond 999.
    """
    if level_of(neighbourhood) is not AreaLevel.NEIGHBOURHOOD:
        raise AreaCodeInvalid(area=neighbourhood)
    return check_code(f"{neighbourhood}{sequence:03}")
